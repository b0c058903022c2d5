"""The pages of visits, legal steps and handover, as people of every role go through them."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.cases.actions.stepping import Issued, issue_step
from apps.cases.actions.visiting import Seen, log_visit
from apps.cases.models import Case, Handover, LegalStep, Visit
from apps.core import clock
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.core.test_proofs import photograph
from tests.factories.cases_steps import persuading

pytestmark = pytest.mark.django_db
VISIT = {"day": "2026-11-23", "way": "home", "visitors": "李测", "spoke_with": "父亲", "outcome": "refused", "text": "不愿返校"}
PDF = b"%PDF-1.7"


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """It is the afternoon of the cast's Monday."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def case(cast: Cast) -> Case:
    return persuading(cast.child, since=TODAY - timedelta(3), now=NOW)


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, {"_key": str(uuid.uuid4()), **data})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_double_tap_is_one_visit(cast: Cast, case: Case) -> None:
    client, key = cast.client("village"), str(uuid.uuid4())
    for _ in range(2):
        answer = client.post(f"/cases/{case.pk}/visit/", {"_key": key, **VISIT})
        assert (answer.status_code, answer.url) == (302, "/assignments/")
    assert Visit.objects.count() == 1 and case.ledger.filter(kind="visit").count() == 1


def test_a_photograph_from_the_camera_and_a_recording(cast: Cast, case: Case) -> None:
    client = cast.client("township")
    page = text(client.get(f"/cases/{case.pk}/visit/"))
    assert 'accept="image/*" capture="environment"' in page and "audio/*" in page
    files = {"photos": SimpleUploadedFile("门口.jpg", photograph()), "files": SimpleUploadedFile("录音.amr", b"#!AMR sound")}
    assert post(client, f"/cases/{case.pk}/visit/", **VISIT, **files).url == f"/cases/{case.pk}/"
    kept = Visit.objects.get().entry.attachments.all()
    assert [(one.file_name, one.content_type) for one in kept] == [("门口.jpg", "image/jpeg"), ("录音.amr", "audio/amr")]
    assert "附件 2 个" in text(client.get(f"/cases/{case.pk}/"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"outcome": "working"}, "whereabouts"), ({"way": "elsewhere"}, "place"), ({"day": "2026-11-24"}, "day"), ({"outcome": "promised"}, "promised_on"),
        ({"files": SimpleUploadedFile("x.exe", b"MZ")}, "files"), ({"visitors": ""}, "visitors"),
    ],
)  # fmt: skip
def test_a_refused_visit_comes_back_with_what_was_typed(cast: Cast, case: Case, changed: dict[str, Any], field: str) -> None:
    answer = post(cast.client("township"), f"/cases/{case.pk}/visit/", **(VISIT | {"text": "家中只有祖母"} | changed))
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert "家中只有祖母" in text(answer) and not Visit.objects.exists()


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_a_visit_leads_back_inside_this_site_alone(cast: Cast, case: Case, back: str) -> None:
    assert post(cast.client("township"), f"/cases/{case.pk}/visit/", **VISIT, back=back).url == f"/cases/{case.pk}/"


def test_a_visit_is_corrected_on_its_own_page(cast: Cast, case: Case) -> None:
    client = cast.client("township")
    post(client, f"/cases/{case.pk}/visit/", **VISIT)
    url = f"/cases/visits/{Visit.objects.get().pk}/correct/"
    assert url in text(client.get(f"/cases/{case.pk}/")) and url not in text(cast.client("principal").get(f"/cases/{case.pk}/"))
    assert client.get(url).context["form"].initial["text"] == "不愿返校"
    assert "reason" in post(client, url, **VISIT).context["form"].errors
    assert post(client, url, **(VISIT | {"outcome": "guardian"}), reason="记错了").status_code == 302
    assert "已更正，不再计入" in text(client.get(f"/cases/{case.pk}/"))


def test_the_sheet_to_take_along(cast: Cast, case: Case) -> None:
    client = cast.client("village")
    for kind, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        assert client.get(f"/cases/{case.pk}/visit-sheet.{kind}").content.startswith(begins)
    post(client, f"/cases/{case.pk}/visit/", **VISIT)
    assert cast.client("principal").get(f"/cases/visits/{Visit.objects.get().pk}.pdf").content.startswith(b"%PDF")


def test_the_bar_of_the_four_steps_knows_nothing_of_the_steps_of_the_case(cast: Cast, case: Case) -> None:
    """A case that came by no suspicion has skipped no paper."""
    answer = cast.client("township").get(f"/cases/{case.pk}/")
    bar = text(answer).split('aria-label="四步法"')[1].split("</ol>")[0]
    assert answer.context["skipped"] == [1, 2] and "未经过" not in bar and bar.count('aria-current="step"') == 1


def test_the_first_two_steps_through_the_pages(cast: Cast, case: Case, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, url = cast.client("township"), f"/cases/{case.pk}/"
    page = client.get(url)
    assert "发出第 1 步文书：劝学通知书" in text(page)
    assert post(client, f"{url}steps/issue/", paper="persuade", addressee="").context["panels"]["persuading"]["steps"]["form"].errors
    assert post(client, f"{url}steps/issue/", paper="persuade", addressee="杨父").status_code == 302
    step = LegalStep.objects.get()
    page = text(client.get(url))
    assert "还没有送达，请先登记送达回证" in page and "发出第 1 步文书" not in page and "登记送达" in page
    for name, begins in ((".pdf", b"%PDF"), (".docx", b"PK"), ("/proof.pdf", b"%PDF"), ("/proof.docx", b"PK")):
        assert client.get(f"/cases/steps/{step.pk}{name}").content.startswith(begins)
    prefix = f"serve{step.pk}-"
    served = {"way": "left", "served_on": "2026-11-23", "place": "1组", "received_by": "杨父", "servers": "李测"}
    answer = post(client, f"/cases/steps/{step.pk}/serve/", **{prefix + name: value for name, value in served.items()})
    assert answer.status_code == 422 and "留置送达须写明见证人" in text(answer) and 'value="1组"' in text(answer)
    scan = SimpleUploadedFile("回证.pdf", PDF)
    answer = post(client, f"/cases/steps/{step.pk}/serve/", **{prefix + n: v for n, v in (served | {"witness": "赵测", "scans": scan}).items()})
    assert answer.status_code == 302
    page = text(client.get(url))
    assert "届满，次日起可以进行下一步" in page and "最早 2026年12月8日 可以发出" in page
    settings.PINNED_TODAY = TODAY + timedelta(15)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(15))
    assert "7—15 日" in text(client.get(url))
    assert post(client, f"{url}steps/issue/", paper="order", addressee="杨父", days="16").status_code == 422
    assert post(client, f"{url}steps/issue/", paper="order", addressee="杨父", days="10").status_code == 302
    assert LegalStep.objects.last().term_days == 10


def test_a_paper_is_made_void(cast: Cast, case: Case) -> None:
    step = issue_step(case=case, told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    client = cast.client("township")
    assert post(client, f"/cases/steps/{step.pk}/void/", **{"void-text": ""}).status_code == 422
    assert post(client, f"/cases/steps/{step.pk}/void/", **{"void-text": "写错了监护人"}).status_code == 302
    assert "作废：写错了监护人" in text(client.get(f"/cases/{case.pk}/"))


def test_the_register_and_its_workbook(cast: Cast, case: Case) -> None:
    step = issue_step(case=case, told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    client = cast.client("township")
    assert step.number in text(client.get("/cases/steps/")) and step.number not in text(client.get("/cases/steps/?state=served"))
    book = load_workbook(io.BytesIO(client.get("/cases/steps.xlsx?year=2026").content)).active
    assert book["A1"].value == "汤丹镇2026年“四步法”法律文书登记表" and book.page_setup.orientation == "landscape"
    cells = [cell.value for row in book.iter_rows(min_row=3, max_row=4) for cell in row]
    assert "文号" in cells and step.number in cells and "待送达" in cells and case.child.name in cells
    assert "汤丹镇" not in load_workbook(io.BytesIO(cast.client("bureau").get("/cases/steps.xlsx?township=530113103").content)).active["A1"].value


def test_the_letter_to_another_district_through_the_pages(cast: Cast, case: Case) -> None:
    bureau, url = cast.client("bureau"), f"/cases/{case.pk}/"
    here = post(bureau, f"{url}handover/", **{"handover-addressee": "寻甸县教育体育局", "handover-home": "寻甸县羊街镇"})
    assert here.status_code == 422 and "名册记载该生户籍在汤丹镇" in text(here) and "寻甸县羊街镇" in text(here)
    Child.objects.filter(pk=case.child_id).update(township_code="", village_code="")
    unknown = {"handover-addressee": "寻甸县教育体育局", "handover-home": "寻甸县羊街镇"}
    assert "请附户籍证明" in text(post(bureau, f"{url}handover/", **unknown))
    assert "发函移交户籍地" in text(bureau.get(url)) and "发函移交户籍地" not in text(cast.client("township").get(url))
    answer = post(bureau, f"{url}handover/", **{"handover-addressee": "", "handover-home": "寻甸县羊街镇"})
    assert answer.status_code == 422 and "寻甸县羊街镇" in text(answer)
    assert post(bureau, f"{url}handover/", **unknown, **{"handover-files": SimpleUploadedFile("户口簿.pdf", PDF)}).status_code == 302
    made = Handover.objects.get()
    assert bureau.get(f"/cases/handovers/{made.pk}.pdf").content.startswith(b"%PDF")
    told = {"answer-answer": "accepted", "answer-on": "2026-11-23", "answer-text": "已接收"}
    answer = post(bureau, f"/cases/handovers/{made.pk}/answer/", **told)
    assert answer.status_code == 422 and "须写明接收学校或单位" in text(answer)
    assert post(bureau, f"/cases/handovers/{made.pk}/track/", **{"track-on": "2026-11-23", "track-text": "电话催办"}).status_code == 302
    told |= {"answer-receiving": "羊街中学", "answer-files": SimpleUploadedFile("复函.pdf", PDF)}
    assert post(bureau, f"/cases/handovers/{made.pk}/answer/", **told).status_code == 302
    assert "已书面接收" in text(bureau.get(url))


def test_the_page_asks_as_often_whatever_the_case_holds(cast: Cast, case: Case) -> None:
    client = cast.client("township")
    issue_step(case=case, told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    seen = Seen(day=TODAY, way="home", visitors="李测", outcome="nobody", text="无人")
    log_visit(case=case, seen=seen, by=cast.actor("township"), now=NOW)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/cases/{case.pk}/")
    for _ in range(5):
        log_visit(case=case, seen=seen, by=cast.actor("village"), now=NOW)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/cases/{case.pk}/")
    assert len(few) == len(many)
