"""跟踪巩固 and closing: days from roll calls, notes in time, two signatures, the paper."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.cases.actions import clocks, watching
from apps.cases.actions.proposing import Asked, ask, decide
from apps.cases.actions.watching import Care, Noted
from apps.cases.models import Assignment, CarePlan, Case, MonitoringNote, Proposal
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.schools.models import CalendarDay, SchoolClass
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers

pytestmark = pytest.mark.django_db
BEGUN = TODAY - timedelta(83)
DAYS = make.weekdays(BEGUN, TODAY)  # 60 of them
assert len(DAYS) == 60


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def watched(cast: Cast, *, absent: int = 0, **fields: Any) -> Case:
    make.seated(cast.child, first_day=BEGUN - timedelta(10))
    make.called(cast.child, DAYS, absent=DAYS[1 : 1 + absent])
    return make.case(cast.child, "monitoring", days=83, **fields)


def test_a_note_carries_the_days_since_the_last_one(cast: Cast) -> None:
    registers.term()
    case = watched(cast, absent=2)
    assert send(cast, "head_teacher", "case_watch", case.pk, day=BEGUN + timedelta(6), study="跟得上", mood="开朗").status_code == 302
    assert send(cast, "head_teacher", "case_watch", case.pk, day=TODAY, study="有进步").status_code == 302
    first, second = MonitoringNote.objects.order_by("day")
    assert (first.school_days, first.present_days) == (5, 3)
    assert (second.school_days, second.present_days) == (55, 55)
    case.refresh_from_db()
    assert case.progress_on == TODAY
    early = send(cast, "head_teacher", "case_watch", case.pk, day=BEGUN, study="补写的")
    assert early.status_code == 422 and "补写的" in early.content.decode()
    assert send(cast, "head_teacher", "case_watch", case.pk, day=TODAY + timedelta(1), study="x").status_code == 422
    assert send(cast, "township", "case_watch", case.pk, day=TODAY, study="x").status_code == 404
    text = cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    assert "有进步" in text and "96.7%" in text and "9月2日" in text and "缺勤" in text


def test_the_days_of_a_child_taught_at_home_are_its_lessons(cast: Cast) -> None:
    registers.term()
    registers.term(code="2026-2027-2")
    case = make.case(cast.child, "monitoring", days=60)
    make.placement(case, cause="ill", kind="home_teaching")
    plan = make.teaching(cast.child, case=case, lessons=180)
    facts, _ = facts_of(case, today=TODAY)
    assert facts.monitored_days > 30 and facts.attended_days == 0
    plan.given.create(day=TODAY - timedelta(9), teachers="李测", lessons=12, content="x", guardian="杨父", written_at=NOW, **make.BY)
    after, _ = facts_of(case, today=TODAY)
    assert after.monitored_days == facts.monitored_days and 0 < after.attended_days < after.monitored_days


def test_the_note_of_a_child_taught_at_home_goes_by_its_lessons(cast: Cast) -> None:
    registers.term()
    case = make.case(cast.child, "monitoring", days=60)
    make.placement(case, cause="ill", kind="home_teaching")
    make.teaching(cast.child, case=case)
    assert send(cast, "head_teacher", "case_watch", case.pk, day=TODAY, study="跟得上").status_code == 302
    assert "以送教记录为准" in case.ledger.latest("pk").text
    called = watched_other(cast)
    assert send(cast, "principal", "case_watch", called.pk, day=TODAY, study="跟得上").status_code == 302
    assert "以点名为准" in called.ledger.latest("pk").text


def watched_other(cast: Cast) -> Case:
    """A child of the same school that sits in its class."""
    other = cast.home.children[1]
    make.seated(other, first_day=BEGUN)
    make.called(other, DAYS)
    return make.case(other, "monitoring", days=60)


def test_only_a_watched_case_is_noted(cast: Cast) -> None:
    case = make.case(cast.child, "returned")
    with pytest.raises(Refused, match="只有跟踪巩固"):
        watching.note(case=case, noted=Noted(TODAY, "x"), by=cast.actor("principal"), now=NOW)


def test_care(cast: Cast) -> None:
    case = make.case(cast.child, "monitoring")
    answer = send(
        cast, "head_teacher", "case_care", case.pk, teacher="李测", text="每周谈心", first_day=TODAY, review_on=TODAY, groups=["left_behind"]
    )
    assert answer.status_code == 422 and "每周谈心" in answer.content.decode()
    later = TODAY + timedelta(30)
    assert (
        send(
            cast, "head_teacher", "case_care", case.pk, teacher="李测", text="每周谈心", first_day=TODAY, review_on=later, groups=["left_behind"]
        ).status_code
        == 302
    )
    assert CarePlan.objects.get().groups == ["left_behind"]
    assert "关爱方案（留守）" in case.ledger.latest("pk").text
    assert "每周谈心" in cast.client("bureau").get(reverse("case_show", args=[case.pk])).content.decode()
    with pytest.raises(Refused, match="不订关爱方案"):
        watching.care(case=make.case(cast.home.children[1], "closed"), planned=Care("甲", [], "x", TODAY, later), by=cast.actor("principal"), now=NOW)


def asked(**changed: Any) -> Asked:
    told = {"kind": "close", "basis": "watched", "text": "跟踪期满", "files": make.PDF}
    return Asked(**(told | changed))


@pytest.mark.parametrize(
    ("absent", "fewer", "lacks"),
    [(0, 0, ""), (3, 0, ""), (4, 0, "出勤率不低于 95%"), (0, 1, "跟踪满 60 个上课日"), (10, 1, "跟踪满 60 个上课日；出勤率不低于 95%")],
)
def test_the_guards_of_closing(cast: Cast, absent: int, fewer: int, lacks: str) -> None:
    make.seated(cast.child, first_day=BEGUN - timedelta(10))
    make.called(cast.child, DAYS[fewer:], absent=DAYS[5 : 5 + absent])
    case = make.case(cast.child, "monitoring", days=83)
    if lacks:
        with pytest.raises(Refused, match=lacks):
            ask(case=case, asked=asked(), by=cast.actor("principal"), now=NOW)
    else:
        ask(case=case, asked=asked(), by=cast.actor("principal"), now=NOW)
        assert (case.task, case.owner_role) == ("decide_close", "bureau")


def pdf_text(content: bytes, folder: Any) -> str:
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("这台机器没有 pdftotext。")
    (folder / "a.pdf").write_bytes(content)
    return subprocess.run([tool, "-layout", str(folder / "a.pdf"), "-"], capture_output=True, check=True, text=True).stdout


def test_two_signatures_close_the_case_with_its_numbered_paper(cast: Cast, tmp_path: Any) -> None:
    case = watched(cast, absent=1, cause="weary")
    make.placement(case)
    make.assigned(case, cast.home.townships[0].code)
    made = ask(case=case, asked=asked(), by=cast.actor("principal"), now=NOW)
    draft = cast.client("principal").get(reverse("closing_pdf", args=[made.pk]))
    assert "审批后编号" in pdf_text(draft.content, tmp_path)
    said = decide(proposal=made, agree=True, text="同意销号", by=cast.actor("bureau"), now=NOW)
    assert "已销号" in said
    case.refresh_from_db()
    made.refresh_from_db()
    assert (case.state, case.task, made.number) == ("closed", "", "东川区教育体育局控辍销〔2026〕1号")
    assert not Assignment.objects.filter(ended_at=None).exists()
    type(cast.child).objects.filter(pk=cast.child.pk).update(guardian_name="改名以后")
    answer = cast.client("principal").get(reverse("closing_pdf", args=[made.pk]))
    text = pdf_text(answer.content, tmp_path)
    for words in (made.number, cast.child.name, "60 个上课日", "98.3%", "同意销号", "跟踪期满", "证明.pdf", "厌学", cast.actor("bureau").name):
        assert words in text, words
    assert "改名以后" not in text, "printed as it was signed"
    word = cast.client("bureau").get(reverse("closing_docx", args=[made.pk]))
    assert word.status_code == 200 and word.content.startswith(b"PK")
    page = cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    assert made.number in page and reverse("closing_pdf", args=[made.pk]) in page
    assert cast.client("registrar2" if "registrar2" in cast.home.posts else "liaison").get(reverse("closing_pdf", args=[made.pk])).status_code == 404


def test_the_numbers_of_closings_run_on(cast: Cast) -> None:
    for number, child in enumerate(cast.home.children[:2], 1):
        case = make.case(child, "confirmed")
        made = make.proposal(case, "close", "died", agreed=False)
        decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
        assert Proposal.objects.get(pk=made.pk).number.endswith(f"〔2026〕{number}号")


@pytest.mark.parametrize("state", ["confirmed", "persuading", "returned", "placed", "exempt", "transferred", "monitoring", "reopened"])
@pytest.mark.parametrize("basis", ["past_age", "graduated", "certified", "died"])
def test_nothing_left_to_bring_back_closes_from_every_state(cast: Cast, state: str, basis: str) -> None:
    Child.objects.filter(pk=cast.child.pk).update(birth_date=date(2011, 8, 31))
    cast.child.refresh_from_db()
    ninth = SchoolClass.objects.create(school=cast.home.schools[1], school_year=2025, grade=9, name="1")
    case = make.case(cast.child, state, school_class=ninth)
    with pytest.raises(Refused, match="证明材料"):
        ask(case=case, asked=asked(basis=basis, files=(), where="寻甸一中"), by=cast.actor("principal"), now=NOW)
    made = ask(case=case, asked=asked(basis=basis, where="寻甸一中"), by=cast.actor("principal"), now=NOW)
    decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_refusal_leaves_the_case_where_it_is(cast: Cast) -> None:
    case = watched(cast)
    made = ask(case=case, asked=asked(), by=cast.actor("principal"), now=NOW)
    answer = send(cast, "bureau", "proposal_decide", made.pk, answer="no", text="材料不全")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "monitoring" and Proposal.objects.get().number == ""


def test_the_case_page_asks_and_signs(cast: Cast) -> None:
    case = watched(cast)
    file = SimpleUploadedFile("成绩单.pdf", b"%PDF-1.7")
    assert send(cast, "principal", "case_ask", case.pk, kind="close", basis="watched", text="达标", files=file).status_code == 302
    made = Proposal.objects.get()
    assert "同意" in cast.client("bureau").get(reverse("case_show", args=[case.pk])).content.decode()
    assert send(cast, "bureau", "proposal_decide", made.pk, answer="yes", text="").status_code == 302
    case.refresh_from_db()
    assert case.state == "closed"


def test_the_page_asks_as_much_after_many_notes_as_after_one(cast: Cast) -> None:
    registers.term()
    case = watched(cast, absent=3)
    placement = make.placement(case)
    client = cast.client("principal")

    def asked_by_page(notes: int) -> int:
        for n in range(notes):
            told = {"case": case, "entry": make.entry(case), "day": BEGUN + timedelta(n), "school_days": 5, "present_days": 5, "written_at": NOW}
            MonitoringNote.objects.create(study="好", **told, **make.BY)
            placement.reviews.create(entry=make.entry(case), day=TODAY, outcome="fits", text="好", next_on=TODAY, **make.BY)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("case_show", args=[case.pk])).status_code == 200
        return len(asked)

    assert asked_by_page(1) == asked_by_page(12)


@pytest.mark.parametrize(("holiday", "due"), [(False, date(2026, 11, 20)), (True, date(2026, 11, 19))])
def test_the_next_note_falls_on_no_sunday_and_no_holiday(cast: Cast, holiday: bool, due: date) -> None:
    """Noted on a Sunday, due a week later: the last school day before."""
    registers.term()
    if holiday:
        CalendarDay.objects.create(district_code=HOME, day=date(2026, 11, 20), is_school_day=False)
    make.seated(cast.child)
    case = make.case(cast.child, "monitoring", days=8)
    assert case.state_since == date(2026, 11, 15)
    clocks.refresh(cases=[case.pk], today=TODAY)
    case.refresh_from_db()
    assert (case.task, case.due_on) == ("note", due)
