"""The pages: who may open them, what they show, what a form does, how many questions they ask."""

from __future__ import annotations

import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.reconciliation import letters
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, PairDecision, Proof, Run
from tests.cast import Cast
from tests.factories import registers, runs
from tests.factories.children import child as make_child
from tests.factories.children import document
from tests.reconciliation.scenes import PDF, finished, problem, row

pytestmark = pytest.mark.django_db
SEE_RUNS = {"registrar", "principal", "central_school", "township", "bureau", "inspector"}
SEE_FINDINGS = SEE_RUNS | {"head_teacher"}
JUDGE = {"registrar", "central_school", "bureau"}
SIGN = {"principal", "township", "bureau"}
THIRD = {"liaison", "bureau", "inspector"}
ROLES = SEE_FINDINGS | THIRD | {"village", "administrator"}
PAGES = {
    "/runs/": SEE_RUNS, "/runs/{run}/": SEE_RUNS, "/runs/{run}/children/?figure=second_not_returned": SEE_RUNS, "/runs/{run}/statistics/": SEE_RUNS,
    "/runs/{run}/statistics.xlsx": SEE_RUNS, "/runs/{run}/compare/": SEE_RUNS, "/runs/{run}/rosters/": SEE_RUNS,
    "/runs/{run}/rosters/{school}/not_returned.xlsx": SEE_RUNS, "/runs/{run}/signed/": SEE_RUNS, "/runs/{run}/sign/": SIGN,
    "/findings/": SEE_FINDINGS,
    "/findings/{finding}/": SEE_FINDINGS, "/pairs/": JUDGE, "/pairs/{pair}/": JUDGE, "/third/": THIRD,
}  # fmt: skip


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOAD_DIR = tmp_path
    return tmp_path


def scene(cast: Cast) -> dict[str, object]:
    """A finished run, an older one, a pair in doubt."""
    older = runs.run()
    for child in cast.home.children:
        row(child, of=older)
    run = finished(cast)
    lines = [registers.entry(cast.child, kind) for kind in ("enrollment", "attending")]
    finding = Finding.objects.get()
    Finding.objects.filter(pk=finding.pk).update(entries=[line.pk for line in lines])
    pair = runs.pair(*lines, of=run)
    return {"run": run.pk, "older": older.pk, "finding": finding.pk, "pair": pair.pk, "school": cast.child.school_id}


def post(cast: Cast, role: str, url: str, **data: Any) -> Any:
    return cast.client(role).post(url, {"_key": str(uuid.uuid4()), **data})


@pytest.mark.parametrize("url", PAGES)
def test_who_sees_what(cast: Cast, url: str) -> None:
    keys = scene(cast)
    for role in sorted(ROLES):
        answer = cast.client(role).get(url.format(**keys))
        assert answer.status_code == (200 if role in PAGES[url] else 404), role
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            assert "style=" not in answer.content.decode()


def test_a_neighbour_gets_nothing(cast: Cast) -> None:
    keys = scene(cast)
    stranger = type(cast)(home=cast.neighbour, neighbour=cast.home)
    for url in PAGES:
        answer = stranger.client("bureau").get(url.format(**keys))
        assert answer.status_code == (404 if "{" in url else 200), url
        if answer.status_code == 200:
            assert cast.child.name not in answer.content.decode()


def test_the_board_says_that_it_balances_and_leads_to_lists(cast: Cast) -> None:
    keys = scene(cast)
    page = cast.client("bureau").get(f"/runs/{keys['run']}/").content.decode()
    assert "全部平衡，无法解释的 0 人" in page and "汤丹镇" in page
    assert f"/runs/{keys['run']}/children/?figure=second_not_returned&amp;township=530113102" in page
    listed = cast.client("bureau").get(f"/runs/{keys['run']}/children/?figure=second_not_returned&township=530113102").content.decode()
    assert cast.child.name in listed and "共 1 人" in listed and cast.home.children[1].name not in listed


def test_the_board_of_one_township_counts_that_township_alone(cast: Cast) -> None:
    keys = scene(cast)
    bureau, at = cast.client("bureau"), f"/runs/{keys['run']}/"
    own, other = (place.code for place in cast.home.townships)
    here, there = bureau.get(f"{at}?township={own}"), bureau.get(f"{at}?township={other}")
    assert (here.context["open"], there.context["open"]) == ({"registrar": 1}, {})
    assert f"state=open&amp;owner=registrar&amp;township={own}" in here.content.decode()
    assert [name for name, _ in here.context["signed"]["townships"]] == [cast.home.townships[0].name]
    assert set(here.context["signed"]["schools"]) <= {(school.name, False) for school in cast.home.schools[:2]}
    assert bureau.get(at).context["open"] == {"registrar": 1}


def test_a_finding_in_doubt_leads_to_the_two_lines(cast: Cast) -> None:
    keys = scene(cast)
    url = f"/findings/{keys['finding']}/"
    assert f"/pairs/{keys['pair']}/" not in cast.client("registrar").get(url).content.decode(), "only where a person must say who it is"
    Finding.objects.filter(pk=keys["finding"]).update(klass="to_verify")
    assert f"/pairs/{keys['pair']}/" in cast.client("registrar").get(url).content.decode()
    assert f"/pairs/{keys['pair']}/" not in cast.client("principal").get(url).content.decode()


def test_a_running_run_shows_its_progress(cast: Cast) -> None:
    run = runs.run(state="running", phase="classify")
    page = cast.client("bureau").get(f"/runs/{run.pk}/").content.decode()
    assert "逐乡镇分类" in page and 'hx-select="#run-progress"' in page and "刷新进度" in page
    Run.objects.filter(pk=run.pk).update(state="done")
    assert 'id="run-progress"' in cast.client("bureau").get(f"/runs/{run.pk}/").content.decode()


def test_starting_needs_registers(cast: Cast) -> None:
    registers.term()
    page = cast.client("bureau").get("/runs/").content.decode()
    assert "开始比对" in page and "还没有人确认" in page and cast.home.schools[0].name in page
    answer = post(cast, "bureau", "/runs/start/", term="2026-2027-1")
    assert answer.status_code == 302 and not Run.objects.exists()
    registers.entry(cast.child, "enrollment")
    answer = post(cast, "bureau", "/runs/start/", term="2026-2027-1")
    assert answer.url == f"/runs/{Run.objects.get().pk}/"
    assert post(cast, "principal", "/runs/start/", term="2026-2027-1").status_code == 404


def test_settling_on_the_page(cast: Cast) -> None:
    keys = scene(cast)
    url = f"/findings/{keys['finding']}/"
    assert "佐证" in cast.client("registrar").get(url).content.decode()
    refused = post(cast, "registrar", url, outcome="transferring", explanation="转往寻甸")
    assert refused.status_code == 422 and "须上传佐证材料" in refused.content.decode()
    wrong = post(cast, "registrar", url, outcome="transferring", explanation="转往寻甸", proofs=SimpleUploadedFile("a.pdf", b"MZ not a pdf"))
    assert "不是 PDF、JPG 或 PNG" in wrong.content.decode()
    done = post(cast, "registrar", url, outcome="transferring", explanation="转往寻甸", proofs=SimpleUploadedFile("接收函.pdf", PDF))
    assert done.status_code == 302 and ChildClass.objects.get(run=keys["run"], child=cast.child).second == "transferring"
    shown = cast.client("registrar").get(url).content.decode()
    assert "转学办理中" in shown and "接收函.pdf" in shown and "确认处理" not in shown
    proof = Proof.objects.get()
    file = cast.client("registrar").get(f"/findings/proofs/{proof.pk}/")
    assert file.content == PDF and file["Content-Disposition"].startswith("attachment") and file["X-Content-Type-Options"] == "nosniff"
    stranger = type(cast)(home=cast.neighbour, neighbour=cast.home)
    assert stranger.client("registrar").get(f"/findings/proofs/{proof.pk}/").status_code == 404
    assert post(cast, "head_teacher", url, outcome="attending", explanation="x").status_code == 404


def test_settling_many(cast: Cast) -> None:
    run = runs.run()
    keys = [problem(child, of=run).pk for child in cast.home.children[:2]]
    page = cast.client("registrar").get("/findings/?state=open&klass=2:not_returned").content.decode()
    assert page.count('name="finding"') == 2 and "批量处理" in page
    address = "/findings/settle/?state=open&klass=2%3Anot_returned"
    refused = post(cast, "registrar", address, finding=keys[:1], outcome="transferring", explanation="转入寻甸县")
    told = refused.content.decode()
    assert refused.status_code == 422 and "须上传佐证材料" in told and "转入寻甸县" in told  # what was typed stays
    assert told.count(" checked") == 1 and f'action="{address}"' in told.replace("&amp;", "&")  # so do the ticks and the filter
    assert "?page=" not in told and Finding.objects.filter(state="settled").count() == 0
    answer = post(cast, "registrar", address, finding=keys, outcome="attending", explanation="均已到校")
    assert answer.url == "/findings/?state=open&klass=2%3Anot_returned" and Finding.objects.filter(state="settled").count() == 2


@pytest.mark.parametrize(
    ("query", "found"), [("text=杨", 1), ("text=y", 1), ("text=zz", 0), ("klass=1:to_verify", 0), ("mine=1", 1), ("state=settled", 0)]
)
def test_filters(cast: Cast, query: str, found: int) -> None:
    finished(cast)
    page = cast.client("registrar").get(f"/findings/?{query}").content.decode()
    assert (cast.child.name in page) is bool(found)


def test_answering_a_pair(cast: Cast) -> None:
    keys = scene(cast)
    assert "还有 1 对待判定" in cast.client("registrar").get("/pairs/").content.decode()
    answer = post(cast, "registrar", f"/pairs/{keys['pair']}/", answer="same", note="已看户口簿")
    assert answer.url == "/pairs/" and DoubtfulPair.objects.get().answer == "same"
    assert "还有 0 对待判定" in cast.client("registrar").get("/pairs/").content.decode()


def test_answering_a_pair_of_a_signed_run_changes_nothing_of_it(cast: Cast) -> None:
    keys = scene(cast)
    Run.objects.filter(pk=keys["run"]).update(state="signed")
    before = DoubtfulPair.objects.values().get()
    client, url = cast.client("registrar"), f"/pairs/{keys['pair']}/"
    assert "本次比对已签认冻结" in client.get(url).content.decode()
    for answer, left, words in (("same", 0, "同一人"), ("different", 0, "不是同一人"), ("ask", 1, "待判定")):
        told = client.post(url, {"_key": str(uuid.uuid4()), "answer": answer, "note": "已看户口簿"}, follow=True).content.decode()
        assert "本次比对已签认，记录不变" in told and f"还有 {left} 对待判定" in told
        assert DoubtfulPair.objects.values().get() == before
        assert list(PairDecision.objects.values_list("answer", flat=True)) == ([answer] if left == 0 else [])
        assert words in client.get(url).content.decode()
        assert ("本次比对签认后已判定为" in client.get(url).content.decode()) is (left == 0)
        found = client.get("/pairs/", {"answer": answer if left == 0 else "open"}).context["page"]
        assert [pair.pk for pair in found] == [keys["pair"]]


def test_two_runs_beside_each_other(cast: Cast) -> None:
    keys = scene(cast)
    page = cast.client("bureau").get(f"/runs/{keys['run']}/compare/?with={keys['older']}").content.decode()
    assert cast.child.name in page and "新出现的问题" in page and "共 1 处" in page
    back = cast.client("bureau").get(f"/runs/{keys['older']}/compare/?with={keys['run']}&kind=settled").content.decode()
    assert cast.child.name in back and "共 1 处" in back
    assert "共 0 处" in cast.client("bureau").get(f"/runs/{keys['older']}/compare/?with={keys['run']}&kind=new").content.decode()


def test_the_roster_is_ready_to_print(cast: Cast) -> None:
    keys = scene(cast)
    line = registers.entry(cast.child, "enrollment", guardian_name="=杨大山", guardian_phone="19900000001")
    ChildClass.objects.filter(run=keys["run"], child=cast.child).update(enrollment=line, second_reason="不在在校名册中")
    file = cast.client("principal").get(f"/runs/{keys['run']}/rosters/{keys['school']}/not_returned.xlsx")
    sheet = load_workbook(BytesIO(file.content)).active
    assert sheet["A1"].value == f"{cast.home.schools[0].name}未返校学生名册" and "共 1 人" in sheet["A2"].value
    assert [cell.value for cell in sheet[3]] == [label for label, _ in letters.COLUMNS]
    told = [cell.value for cell in sheet[4]]
    assert told[:2] == [1, cast.child.name] and told[4] == cast.child.id_masked and told[8:11] == ["=杨大山", "19900000001", "不在在校名册中"]
    assert told[11] == cast.post("head_teacher").user.name
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == ("landscape", 9, 1)
    words = " ".join(str(cell.value) for line in sheet.iter_rows(min_row=5) for cell in line if cell.value)
    assert all(word in words for word in ("班主任", "校长", "中心学校", "填表日期"))
    foreign = cast.home.schools[2].pk
    assert cast.client("principal").get(f"/runs/{keys['run']}/rosters/{foreign}/not_returned.xlsx").status_code == 404
    assert cast.client("principal").get(f"/runs/{keys['run']}/rosters/{keys['school']}/dropout.xlsx").status_code == 404


def test_the_statistics_workbook(cast: Cast) -> None:
    keys = scene(cast)
    book = load_workbook(BytesIO(cast.client("bureau").get(f"/runs/{keys['run']}/statistics.xlsx").content))
    assert book.sheetnames == ["全区①", "全区②③", "乡镇（街道）①", "乡镇（街道）②③", "村（社区）", "学校"]
    for name, head, number in (("全区①", "东川户籍适龄", 8), ("全区②③", "未返校", 1)):
        sheet = book[name]
        heads = [(cell.value or "").replace("\n", "") for cell in sheet[4]]
        assert sheet.cell(5, heads.index(head) + 1).value == number
        assert "全部平衡" in sheet.cell(sheet.max_row - 1, 1).value and "盖章" in sheet.cell(sheet.max_row, 1).value
    assert max(sheet.max_column for sheet in book) <= 27  # what can be read on one A4
    assert [cell.value for cell in book["乡镇（街道）①"]["A"]][-5:-2] == ["全区"] * 3
    assert book["村（社区）"].cell(5, 1).value.startswith("汤丹镇")  # two villages may share a name


def test_signing_on_the_page(cast: Cast) -> None:
    keys = scene(cast)
    url = f"/runs/{keys['run']}/sign/"
    assert "仍签认的原因" in cast.client("principal").get(url).content.decode()
    assert post(cast, "principal", url, reason="").status_code == 422
    assert post(cast, "principal", url, reason="家长已联系，本周返校").url == f"/runs/{keys['run']}/signed/"
    sheet = cast.client("principal").get(f"/runs/{keys['run']}/signed/").content.decode()
    assert cast.home.schools[0].name in sheet and "家长已联系，本周返校" in sheet
    stranger = cast.client("bureau").get(f"/runs/{keys['run']}/signed/").content.decode()
    assert cast.home.schools[0].name in stranger


def test_the_liaison_sees_only_the_third_comparison(cast: Cast) -> None:
    run = runs.run()
    line = registers.entry(cast.child, "monitored", group_kind="unstable")
    row(cast.child, of=run, second="dropout", third="unstable", monitored=line)
    row(cast.home.children[1], of=run, second="not_returned")
    page = cast.client("liaison").get("/third/").content.decode()
    assert cast.child.name in page and "脱贫不稳定户" in page and cast.home.children[1].name not in page


@pytest.mark.parametrize(
    ("url", "most"),
    [("/runs/", 13), ("/runs/{run}/", 13), ("/runs/{run}/children/", 12), ("/runs/{run}/statistics/", 11), ("/findings/", 11),
        ("/findings/{finding}/", 13),
     ("/pairs/", 9), ("/third/", 9), ("/runs/{run}/compare/", 11), ("/runs/{run}/sign/", 17)],
)  # fmt: skip
def test_pages_ask_the_same_whatever_the_size(cast: Cast, url: str, most: int) -> None:
    keys = scene(cast)
    ChildClass.objects.filter(run=keys["run"], child=cast.child).update(third="general")
    few = asked(cast, url.format(**keys))
    run = Run.objects.get(pk=keys["run"])
    for child in cast.home.children[1:]:
        ChildClass.objects.filter(run=run, child=child).update(second="dropout", third="general")
        runs.finding(child, of=run, klass="dropout", owner="principal")
    assert asked(cast, url.format(**keys)) == few <= most


def asked(cast: Cast, url: str) -> int:
    client = cast.client("bureau")
    with CaptureQueriesContext(
        connection,
    ) as told:
        assert client.get(url).status_code == 200
    return len(told)


def test_a_finding_says_where_the_child_is_and_whose_it_is(cast: Cast) -> None:
    run = runs.run()
    problem(cast.child, of=run)
    problem(cast.home.children[1], of=run, comparison="1", klass="never_enrolled", owner="central_school")
    page = cast.client("bureau").get("/findings/").content.decode()
    assert f"{cast.home.schools[0].name} 学籍管理员" in page and "汤丹镇" in page and "中心学校</td>" in page


def test_the_goal_opens_its_children(cast: Cast) -> None:
    run = runs.run()
    row(cast.child, of=run, first="never_enrolled", second="", third="lifted_out")
    row(cast.home.children[1], of=run, first="medically_unable", second="suspected_dropout", third="lifted_out")
    board = cast.client("bureau").get(f"/runs/{run.pk}/")
    assert board.context["goal"]["value"] == 1
    for url in (board.context["goal"]["url"], "/third/?klass=goal"):
        listed = cast.client("bureau").get(url).content.decode()
        assert cast.child.name in listed and cast.home.children[1].name not in listed and "共 1 人" in listed
    assert f"/children/{cast.child.pk}/" in listed and f"child={cast.child.pk}" in listed
    assert f"/children/{cast.child.pk}/" not in cast.client("liaison").get("/third/").content.decode()


def test_a_whole_number_is_found_by_those_alone_who_may_see_it(cast: Cast) -> None:
    """Two children whose numbers end alike: whoever may not see whole numbers cannot tell by searching which one has which."""
    run = runs.run()
    place = {"school_class": cast.home.classes[0], "village": cast.home.villages[0].code}
    twins = [make_child(document=document(f"530113201{year}03081236"), **place) for year in (3, 4)]
    for child in twins:
        problem(child, of=run, third="lifted_out")
        runs.case(child)
    number = twins[0].document.number
    assert twins[1].document.number[-4:] == number[-4:]
    places = {"finding_list": [], "case_list": [], "run_children": [run.pk], "child_list": []}
    for role, expected in (("bureau", 1), ("inspector", 2), ("head_teacher", 2)):
        for name, arguments in places.items():
            if name == "run_children" and role == "head_teacher":
                continue
            for typed in (number, f"{number[:6]} {number[6:14]} {number[14:]}"):
                page = cast.client(role).get(reverse(name, args=arguments), {"text": typed, "state": "open"}).context["page"]
                assert len(page.object_list) == expected, (role, name, typed)
    for role, expected in (("bureau", 1), ("inspector", 2)):
        assert len(cast.client(role).get(reverse("third_list"), {"text": number}).context["page"].object_list) == expected, role


def test_the_households_of_the_goal_stand_before_the_others(cast: Cast) -> None:
    run = runs.run()
    for child, kind in zip(cast.home.children[:3], ("general", "lifted_out", "unstable"), strict=True):
        runs.child_class(child, of=run, first="never_enrolled", third=kind)
    listed = cast.client("liaison").get("/third/").context["page"]
    assert [row.third for row in listed] == ["unstable", "lifted_out", "general"]


def test_an_answer_says_what_it_does(cast: Cast) -> None:
    keys = scene(cast)
    answer = cast.client("registrar").post(f"/pairs/{keys['pair']}/", {"_key": str(uuid.uuid4()), "answer": "ask", "note": ""}, follow=True)
    assert "核实后请回来判定" in answer.content.decode() and "下次比对会按此判定" not in answer.content.decode()


def test_the_findings_left_open_are_counted_and_named_before_a_signature(cast: Cast) -> None:
    run = runs.run()
    mine = [child for child in cast.home.children if child.school_id == cast.home.schools[0].pk]
    for number, child in enumerate(mine):
        runs.finding(child, of=run, klass=("not_returned", "unregistered")[number % 2])
    page = cast.client("principal").get(f"/runs/{run.pk}/sign/")
    assert sum(kind["value"] for kind in page.context["kinds"]) == page.context["before"].open_findings
    assert {kind["label"] for kind in page.context["kinds"]} == {"② 未返校", "② 未注册"}
