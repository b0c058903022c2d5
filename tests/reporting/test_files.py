"""What is printed of cases: the file of one child, the three ledgers, the files of many as one zip."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.audit.models import Event
from apps.cases.actions.writing import attach, write
from apps.cases.models import Case, CaseEntry, Handover, LegalStep, Lesson, Placement, Proposal, Service, Visit
from apps.core import clock
from apps.core.medical import Reader
from apps.core.papers import pdf
from apps.core.papers_docx import docx_bytes
from apps.core.proofs import ProofFile
from apps.core.templatetags.zaixue import cn_date
from apps.reporting.actions import batching
from apps.reporting.letters.child_file import child_file
from apps.reporting.models import FileBatch
from apps.reporting.queries.whole import whole
from tests.cast import NOW, TODAY, Cast
from tests.core.test_papers import text_of
from tests.factories import cases_back as back
from tests.factories import runs
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
BY = {"by_name": "甲", "by_title": "乡镇（街道） · 汤丹镇"}
PLAIN = {"host", "port", "user", "password", "dbname"}
SECTIONS = (
    "儿童与家庭", "未到校情况与请假", "核实情况", "三线报告与签收", "双线责任人与交办", "家访与劝返", "四步法文书与送达", "复学与分类安置", "关爱与跟踪", "审批、移交与销号", "台账全文",
    "附件目录",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path


def full_case(cast: Cast) -> Case:
    """A case with something in nearly every section, of a child with a rare name."""
    child = cast.child
    child.name = "吉克·拉铁㼆𠮷"
    child.save()
    case = runs.case(child, state="persuading", opened_on=TODAY - timedelta(30), cause="work")
    by = cast.actor("township")
    entry = write(
        case=case, kind="visit", text="入户走访", by=by, now=NOW, progress=True, files=[ProofFile("照片.pdf", b"%PDF-1.7 x")], label="走访照片"
    )
    Visit.objects.create(
        case=case, entry=entry, day=TODAY, way="home", visitors="普光荣、李明", spoke_with="父亲", place="汤丹1村", text="父亲同意下周送回", outcome="promised",
        promised_on=TODAY + timedelta(3), is_local=True, written_at=NOW, **BY,
    )  # fmt: skip
    told_of_steps(case, entry)
    told_of_places(case, entry)
    return case


def told_of_steps(case: Case, entry: CaseEntry) -> None:
    step = LegalStep.objects.create(
        case=case,
        step=1,
        paper="persuade",
        entry=entry,
        number="汤丹镇劝学〔2026〕1号",
        issued_on=TODAY,
        issued_at=NOW,
        issued_name="普光荣",
        issued_title="乡镇",
    )
    Service.objects.create(
        step=step,
        entry=entry,
        way="left",
        served_on=TODAY,
        place="家中",
        received_by="吉克·木呷",
        servers="李明",
        witness="村干部张三",
        written_at=NOW,
        **BY,
    )


def told_of_places(case: Case, entry: CaseEntry) -> None:
    Placement.objects.create(
        case=case, entry=entry, cause="work", kind="individual", school=case.school, teacher="张小菊", plan="每日单独辅导两课时", first_day=TODAY,
        review_on=TODAY + timedelta(30), **BY,
    )  # fmt: skip
    Handover.objects.create(
        case=case,
        entry=entry,
        addressee="寻甸县教育体育局",
        number="东教函1号",
        sent_on=TODAY,
        reply_by=TODAY + timedelta(15),
        sent_name="段正明",
        sent_title="区",
    )
    Proposal.objects.create(
        case=case, kind="pause", basis="illness", text="住院", first_day=TODAY, until=TODAY + timedelta(5), entry=entry, asked_at=NOW, asked_role="principal",
        asked_name="王建邦", asked_title="校长",
    )  # fmt: skip


def test_the_file_says_everything_in_both_forms(cast: Cast, tmp_path: Path) -> None:
    case = full_case(cast)
    paper = child_file(whole(case, today=TODAY), day=TODAY)
    told = text_of(pdf(paper), tmp_path).replace(" ", "").replace("\n", "")
    words = [p.text for p in docx.Document(io.BytesIO(docx_bytes(paper))).paragraphs]
    cells = [c.text for t in docx.Document(io.BytesIO(docx_bytes(paper))).tables for row in t.rows for c in row.cells]
    for section in SECTIONS:
        assert section in told
        assert any(section in one for one in words)
    for fact in (
        "吉克·拉铁㼆𠮷",
        "父亲同意下周送回",
        "汤丹镇劝学〔2026〕1号",
        "见证人村干部张三",
        "每日单独辅导两课时",
        "寻甸县教育体育局",
        "走访照片",
        "外出务工、务农",
    ):
        assert any(fact in cell for cell in cells), fact  # in the PDF a long one may be broken by the edge of its box
    assert "吉克·拉铁㼆𠮷" in told
    assert cast.child.id_masked in told
    assert "本节没有记录" in told  # a section without records says so
    assert "—2—" in told


def test_the_file_holds_the_closing_form_and_the_files_of_lessons_at_home(cast: Cast) -> None:
    case = full_case(cast)
    by = cast.actor("bureau")
    rows = [("姓名", "吉克", "性别", "男"), ("提出意见", "申请销号。王建邦"), ("区教育体育局意见", "同意。段正明")]
    write(case=case, kind="document", text="销号审批表", by=by, now=NOW, closing={"number": "区控辍销〔2026〕7号", "rows": rows})
    told = {"plan": back.teaching(cast.child), "day": TODAY, "teachers": "李测", "lessons": 2, "guardian": "杨父", "written_at": NOW, **BY}
    given = Lesson.objects.create(content="认字", **told)
    wrong = Lesson.objects.create(content="写错了", **told)
    Lesson.objects.create(content="作废", voids=wrong, **told)
    for lesson, label in ((given, "送教照片"), (given, "家长签字"), (wrong, "错的照片")):
        attach(files=[ProofFile("照片.pdf", b"%PDF-1.7")], by=by, now=NOW, label=label, lesson=lesson)
    paper = child_file(whole(case, today=TODAY), day=TODAY)
    tables = docx.Document(io.BytesIO(docx_bytes(paper))).tables
    cells = [c.text for table in tables for row in table.rows for c in row.cells]
    for fact in ("区控辍销〔2026〕7号", "申请销号。王建邦", "同意。段正明"):
        assert fact in cells
    listed = [[c.text for c in row.cells] for row in tables[-1].rows]
    assert [row[:2] for row in listed[1:]] == [
        ["1", "走访照片"],
        ["2", f"送教上门 {cn_date(TODAY)}：送教照片"],
        ["3", f"送教上门 {cn_date(TODAY)}：家长签字"],
    ]
    assert "2、3" in cells, "the lesson names its files by their numbers"
    assert len(pdf(paper)) > 1000


def test_the_pages_of_the_contents_are_those_of_the_sections(cast: Cast, tmp_path: Path) -> None:
    paper = child_file(whole(full_case(cast), today=TODAY), day=TODAY)
    pages = text_of(pdf(paper), tmp_path).split("\f")
    listed = {line.split(".")[0].strip().replace(" ", ""): int(line.rsplit(".", 1)[-1]) for line in pages[1].splitlines() if "...." in line}
    assert len(listed) == len(SECTIONS)
    for title, number in listed.items():
        assert title in pages[number - 1].replace(" ", ""), (title, number)


def test_few_questions_however_much_hangs_on_a_case(cast: Cast) -> None:
    case = full_case(cast)
    with CaptureQueriesContext(connection) as few:
        whole(case, today=TODAY)
    for n in range(20):
        entry = write(case=case, kind="visit", text=f"第{n}次", by=cast.actor("township"), now=NOW)
        Visit.objects.create(
            case=case, entry=entry, day=TODAY, way="phone", visitors="甲", text="通话", outcome="nobody", is_local=True, written_at=NOW, **BY
        )
        attach(files=[ProofFile("a.pdf", b"%PDF-1.7")], by=cast.actor("township"), now=NOW, case=case, entry=entry)
    with CaptureQueriesContext(connection) as many:
        told = whole(case, today=TODAY)
    assert len(few) == len(many) <= 55  # of these a dozen for 四早、六到位
    assert (len(told.visits), len(told.attachments)) == (21, 21)


def test_only_within_the_scope_and_every_print_is_logged(cast: Cast) -> None:
    case = full_case(cast)
    assert cast.client("principal").get(f"/cases/{case.pk}/file.pdf").content.startswith(b"%PDF")
    assert Event.objects.get(verb="print_case").child_id == case.child_id
    stranger = runs.case(cast.strangers["school"])
    assert cast.client("principal").get(f"/cases/{stranger.pk}/file.pdf").status_code == 404
    assert cast.client("leader").get(f"/cases/{case.pk}/file.docx").status_code == 404


def test_the_ledgers_hold_the_scope_alone_and_balance(cast: Cast) -> None:
    mine = [runs.case(cast.child), runs.case(cast.home.children[1], state="cleared")]
    runs.case(cast.strangers["township"])
    dropout = runs.case(cast.home.children[2], state="persuading")
    told = cast.client("township").get("/ledgers/suspected.xlsx")
    sheet = load_workbook(io.BytesIO(told.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "疑似辍学台账" in str(rows[0][0])
    assert sheet.page_setup.orientation == "landscape"
    assert {str(row[1]).split("\n")[0] for row in rows[3:5]} == {case.child.name for case in mine}
    assert any("审核人" in str(row[0]) for row in rows)
    other = load_workbook(io.BytesIO(cast.client("township").get("/ledgers/dropout.xlsx").content)).active
    assert other is not None
    assert f"{dropout.child.name}\n" in " ".join(str(row[1].value) for row in other.iter_rows())
    run = runs.run()
    runs.child_class(cast.child, of=run)
    runs.child_class(cast.strangers["township"], of=run)
    whole_district = cast.client("bureau").get("/ledgers/children.xlsx", {"township": cast.home.townships[0].pk})
    listed = load_workbook(io.BytesIO(whole_district.content)).active
    assert listed is not None
    names = {row[1].value for row in listed.iter_rows()}
    assert cast.child.name in names
    assert cast.strangers["township"].name not in names
    assert cast.client("bureau").get("/ledgers/children.xlsx").status_code == 302


def test_the_ledgers_of_cases_take_the_filter_and_say_so(cast: Cast) -> None:
    term("530113")
    here, there = runs.case(cast.child, state="persuading"), runs.case(cast.strangers["township"], state="closed")
    before = runs.case(cast.home.children[1], state="persuading", opened_on=date(2026, 5, 1))
    bureau = cast.client("bureau")

    def told(**wanted: str) -> tuple[set[str], str]:
        sheet = load_workbook(io.BytesIO(bureau.get("/ledgers/dropout.xlsx", wanted).content)).active
        assert sheet is not None
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        return {str(row[1]).split()[0] for row in rows[3:-1]}, str(rows[1][0])

    names = {case: case.child.name for case in (here, there, before)}
    assert told() == ({*names.values()}, told()[1]) and "筛选：全部" in told()[1]
    found, said = told(township=cast.home.townships[0].pk)
    assert found == {names[here], names[before]} and "筛选：汤丹镇" in said
    found, said = told(state="closed")
    assert found == {names[there]} and "已销号" in said
    found, said = told(term="2026-2027-1", township=cast.home.townships[0].pk)
    assert found == {names[here]} and "2026—2027学年上学期" in said
    page = bureau.get("/ledgers/").content.decode()
    assert all(f'name="{name}" id="ledger-{name}"' in page or f'id="ledger-{name}"' in page for name in ("state", "township", "school", "term"))
    assert "按所选的状态、乡镇" in page


def test_a_ledger_can_be_read_on_paper(cast: Cast) -> None:
    """Short dates in one line, letters no smaller than 8 points on A4, and each row high enough for its longest text."""
    runs.case(cast.child, state="persuading", reason="九月一日开学未到校，家长说随亲戚外出，电话打不通，" * 4)
    sheet: Any = load_workbook(io.BytesIO(cast.client("township").get("/ledgers/dropout.xlsx").content)).active
    widths = {letter: column.width for letter, column in sheet.column_dimensions.items()}
    assert 11 * 26.7 / (sum(widths.values()) * 0.19) >= 8, "A4 across without its edges, in cm; a digit is 1.9 mm wide"
    (head,) = [row for row in sheet.iter_rows() if row[0].value == "序号"]
    (line,) = [row for row in sheet.iter_rows() if row[0].value == 1]
    day = next(cell for name, cell in zip(head, line, strict=True) if name.value == "立案日")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day.value) and widths[day.column_letter] > len(day.value)
    assert sheet.row_dimensions[line[0].row].height >= 8 * line[0].font.size and sheet.print_title_rows == f"$1:${head[0].row}"


def test_a_zip_is_made_by_a_worker_and_goes_on_after_a_kill(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [full_case(cast), runs.case(cast.home.children[1])]
    browser = cast.client("bureau")
    monkeypatch.setattr("apps.reporting.views.files.make_batches.delay", lambda: None)
    asked = browser.post("/ledgers/files/", {"_key": str(uuid.uuid4()), "state": "open"})
    batch = FileBatch.objects.get()
    assert asked.headers["Location"] == f"/ledgers/files/{batch.pk}/"
    assert "正在制作卷宗" in browser.get(asked.headers["Location"]).content.decode()
    assert browser.get(f"/ledgers/files/{batch.pk}.zip").status_code == 404
    made = batching.make_part

    def killed(path: Path, case_id: int, *, today: date, eyes: Reader) -> None:
        made(path, case_id, today=today, eyes=eyes)
        if case_id == cases[0].pk:
            raise KeyboardInterrupt

    monkeypatch.setattr(batching, "make_part", killed)
    with pytest.raises(KeyboardInterrupt):
        batching.work_slice(now=NOW, today=TODAY)
    monkeypatch.setattr(batching, "make_part", made)
    later = clock.machine() + timedelta(minutes=3)
    assert not batching.stand_still(now=clock.machine())
    assert batching.stand_still(now=later)
    assert batching.work_slice(now=later, today=TODAY) is False
    assert not batching.stand_still(now=later)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(browser.get(f"/ledgers/files/{batch.pk}.zip").streaming_content)))
    assert [name.split()[0] for name in packed.namelist()] == ["001", "002"]
    assert all(packed.read(name).startswith(b"%PDF") for name in packed.namelist())
    assert cast.client("inspector").get(f"/ledgers/files/{batch.pk}.zip").status_code == 404  # another post's
    assert batching.clear_batches(now=later + timedelta(days=8)) == 1
    assert not batching.zip_path(batch).exists()


def test_a_zip_of_nothing_or_of_too_many_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = cast.client("bureau")
    none = browser.post("/ledgers/files/", {"_key": str(uuid.uuid4()), "state": "closed"})
    assert none.status_code == 422
    assert "没有选中个案" in none.content.decode()
    runs.case(cast.child)
    runs.case(cast.home.children[1])
    monkeypatch.setattr(batching, "MOST", 1)
    many = browser.post("/ledgers/files/", {"_key": str(uuid.uuid4()), "state": "open"})
    assert "一次最多打包 1 件" in many.content.decode()


def test_zips_are_made_in_turn_slice_by_slice_by_one_worker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [runs.case(child).pk for child in cast.home.children[:3]]
    monkeypatch.setattr(batching, "FILES", 2)
    monkeypatch.setattr(batching, "make_part", lambda path, case_id, **_: path.write_bytes(b"%PDF-"))
    asked = [batching.ask_batch(cases=cases, name="甲", by=cast.actor(role), now=NOW) for role in ("bureau", "township")]
    told = []
    for _ in range(4):
        told.append(batching.work_slice(now=NOW, today=TODAY))
        told.append([len(list(batching.folder(batch).glob("*.pdf"))) for batch in asked])
    assert told == [True, [2, 0], True, [2, 2], True, [3, 2], False, [3, 3]]
    assert set(FileBatch.objects.values_list("state", "done")) == {("done", 3)}
    monkeypatch.setattr(batching, "SECONDS", 0)
    again = batching.ask_batch(cases=cases, name="乙", by=cast.actor("bureau"), now=NOW)
    batching.work_slice(now=NOW, today=TODAY)
    assert len(list(batching.folder(again).glob("*.pdf"))) == 1


def test_another_worker_at_it_leaves_the_zips_alone(cast: Cast) -> None:
    batching.ask_batch(cases=[runs.case(cast.child).pk], name="甲", by=cast.actor("bureau"), now=NOW)
    with psycopg.connect(**{key: value for key, value in connection.get_connection_params().items() if key in PLAIN}) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('batches', 0))")
        assert batching.work_slice(now=NOW, today=TODAY) is False
        assert FileBatch.objects.get().beat_at is None
        other.execute("SELECT pg_advisory_unlock(hashtextextended('batches', 0))")
    assert batching.work_slice(now=NOW, today=TODAY) is False
    assert FileBatch.objects.get().state == "done"


def test_a_post_waits_for_one_zip_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.reporting.views.files.make_batches.delay", lambda: None)
    runs.case(cast.child)
    browser = cast.client("bureau")
    asked = [browser.post("/ledgers/files/", {"_key": str(uuid.uuid4()), "state": "open"}, follow=True) for _ in range(2)]
    assert FileBatch.objects.count() == 1
    assert asked[0].redirect_chain == asked[1].redirect_chain
    assert "上一包卷宗还没有做好" in asked[1].content.decode()


def test_a_file_that_cannot_be_made_is_left_out_and_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = runs.case(cast.child), runs.case(cast.home.children[1])
    batch = batching.ask_batch(cases=[bad.pk, good.pk], name="甲", by=cast.actor("bureau"), now=NOW)
    made = batching.make_part

    def broken(path: Path, case_id: int, **told: Any) -> None:
        if case_id == bad.pk:
            raise ValueError("cannot be printed")
        made(path, case_id, **told)

    monkeypatch.setattr(batching, "make_part", broken)
    while batching.work_slice(now=NOW, today=TODAY):
        pass
    batch.refresh_from_db()
    assert (batch.state, batch.skipped) == ("done", [bad.pk])
    packed = zipfile.ZipFile(batching.zip_path(batch))
    assert len(packed.namelist()) == 2
    assert f"{cast.child.name} 个案{bad.pk}" in packed.read("说明.txt").decode("utf-8-sig")
    page = cast.client("bureau").get(f"/ledgers/files/{batch.pk}/").content.decode()
    assert "有 1 件没有做成" in page and f'href="/cases/{bad.pk}/"' in page and "1 件，" in page


def test_a_zip_that_cannot_be_written_ends_and_an_old_one_is_cleared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case, by = runs.case(cast.child), cast.actor("bureau")
    batch = batching.ask_batch(cases=[case.pk], name="甲", by=by, now=NOW)

    def full(batch: FileBatch) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(batching, "bind", full)
    assert [batching.work_slice(now=NOW, today=TODAY) for _ in range(3)] == [True, True, False]
    assert not batching.folder(batch).exists()
    assert "没有做成" in cast.client("bureau").get(f"/ledgers/files/{batch.pk}/").content.decode()
    old = batching.ask_batch(cases=[case.pk], name="乙", by=by, now=NOW)
    batching.work_slice(now=NOW, today=TODAY)
    assert batching.folder(old).exists()
    assert batching.clear_batches(now=NOW + timedelta(days=8)) == 1
    assert not batching.folder(old).exists() and not batching.stand_still(now=NOW + timedelta(days=8))
