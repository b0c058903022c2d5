"""Whole numbers in every text that can hold one, brought in as people bring them in; none can be read again but by the logged reveal.

Five registers, every text column, heading, sheet and file name; every field people type into. Then every address, every table.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import uuid
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook

from apps.attendance.models import Contact, Leave, LeaveProof, RollCallChange
from apps.audit.actions import record
from apps.audit.models import Event
from apps.cases.actions.comparison import open_cases_of_run
from apps.cases.actions.duties import Named
from apps.cases.actions.visiting import Seen, log_visit
from apps.cases.models import Case
from apps.core.ids import check_digit
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.actions.settling import ProofFile, answer_pair, settle_finding
from apps.reconciliation.models import DoubtfulPair, Finding, Proof, Run
from apps.registers import actions
from apps.registers.layouts.headings import field_of
from apps.registers.layouts.kinds import COMMON, KINDS
from apps.registers.models import Entry, Upload
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.receiving import name_people, reply, sign_receipt
from apps.reporting.actions.sending import send_away
from apps.reporting.actions.verifying import verify
from apps.reporting.models import Line, ThreeLineReport
from apps.schools.models import SchoolClass
from apps.students.models import Child
from tests.access.table import TABLE
from tests.access.world import World
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines, registers, runs, school_day
from tests.factories.cases_duties import duty
from tests.registers.rolls import quick as quick
from tests.test_access_matrix import KIND_OF, ask, url_of

pytestmark = pytest.mark.django_db(transaction=True)  # each upload and each chunk of a run is a transaction of its own
NAMES = "杨阿一", "杨阿二", "杨阿三", "杨阿四"
# Columns that hold no free text; all others of a register are filled with words and a whole number.
PLAIN = {"sex", "birth_date", "id_number", "student_number", "guardian_id_number", "provincial_number", "grade", "class_name", "state", "situation"} | {
    "school_code", "school_name", "township_name", "township_code", "village_name", "name", "reported_on", "entered_on", "household_number", "residence_code",
    "monitored_kind", "group_kind", "risk_cleared", "grade_class", "number", "school_text",
}  # fmt: skip
WRITTEN = (  # how people write a number into a text
    "见{0}号", "{0}", "身份证 {1} {2} {3}", "证号：{1}-{2}-{3}，电话13800000000", "{1}\u200b{2}{3}", "G{0}", "老证{4}", "全角{5}", "{1}.{2}.{3}",
)  # fmt: skip


class Numbers:
    """Invented numbers, each told once, and remembered as plain digits."""

    def __init__(self) -> None:
        self.told: set[str] = set()
        self.next = count(1)

    def resident(self, year: int = 2014) -> str:
        n = next(self.next)
        first = f"530113{year}07{1 + n // 900:02d}{n % 900:03d}"
        return self.keep(first + check_digit(first))

    def keep(self, number: str) -> str:
        self.told.add(number)
        return number

    def text(self) -> str:
        """A sentence with a number in it, each time written in another way."""
        number = self.resident()
        old = self.keep(number[:6] + number[8:17])
        wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
        return WRITTEN[int(number[14:17]) % len(WRITTEN)].format(number, number[:6], number[6:14], number[14:], old, wide)

    def read_in(self, text: str) -> set[str]:
        """The numbers somebody could read in a text."""
        plain = " ".join(re.findall("[0-9X]{15,}", re.sub(r"[\s\-.\u200b]", "", unicodedata.normalize("NFKC", text))))  # as long as the shortest
        return {number for number in self.told if number in plain}


class District:
    """The registers of four children, and where what came of them is found."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast, self.folder, self.numbers, self.world = cast, folder, Numbers(), World(cast)
        self.by = cast.actor("bureau")
        self.papers = [(self.numbers.resident(), f"G{self.numbers.resident()}", f"L{self.numbers.resident()}") for _ in NAMES]

    def row(self, kind: str, child: int) -> dict[str, str]:
        """One line of a register: every heading of its layout once, texts full of numbers."""
        school, (number, student, provincial) = self.cast.home.schools[0], self.papers[child]
        town, village = self.cast.home.townships[0], self.cast.home.villages[0]
        values = {
            "name": NAMES[child], "sex": "女", "birth_date": "2014-07-01", "id_number": number, "student_number": student, "provincial_number": provincial,
            "guardian_id_number": self.numbers.resident(1980), "grade": "6", "class_name": "1", "school_code": school.pk, "school_name": school.name,
            "township_name": town.name, "township_code": town.code, "village_name": village.name, "household_number": f"H{child}", "reported_on": "2026-09-02",
            "situation": "未入学" if child == 1 else "在校", "group_kind": "脱贫户", "state": "正常" if kind == "household" else "",
        }  # fmt: skip
        fields = dict.fromkeys([*KINDS[kind].aliases.values(), *COMMON.values()])
        row = {heading_of(kind, field): values.get(field, "") if field in PLAIN else self.numbers.text() for field in fields}
        row.pop("", None)
        return row | {"父亲证件": self.numbers.resident(1979), "家访记录": self.numbers.text()}

    def file(self, kind: str, children: list[int]) -> Path:
        rows = [self.row(kind, child) for child in children]
        stem = self.folder / f"{kind}{self.numbers.resident()}名册"
        if kind != "household":
            with (path := stem.with_suffix(".csv")).open("w", encoding="utf-8-sig", newline="") as out:
                csv.writer(out).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
            return path
        book = Workbook()
        book.active.title = f"表{self.numbers.resident()}"
        for cells in ([*rows[0], f"附{self.numbers.resident()}"], *([*row.values(), self.numbers.text()] for row in rows)):
            book.active.append([cell.replace("\u200b", "") for cell in cells])
        book.save(path := stem.with_suffix(".xlsx"))
        return path

    def hand_in(self, kind: str, children: list[int]) -> Upload:
        path, school = self.file(kind, children), self.cast.home.schools[0].pk if kind in ("enrollment", "attending") else ""
        with path.open("rb") as file:
            upload = actions.receive_upload(
                by=self.by, user_id=None, kind=kind, term=registers.term(), school=school, file=file, file_name=path.name
            )  # fmt: skip
        found = actions.read_upload(upload_id=upload.pk, now=NOW, today=TODAY)
        assert found and found.state == "staged", found and found.sentence
        assert found.counts["rejected"] == 0, list(found.rows.values_list("problems", flat=True))
        return found


def heading_of(kind: str, field: str) -> str:
    """A heading that means this field in this register, '' where none does."""
    layout = KINDS[kind]
    return next((heading for heading in (*layout.template, *layout.aliases, *COMMON) if field_of(heading, layout, {}) == field), "")


@pytest.fixture
def district(cast: Cast, tmp_path: Path, settings: Any, quick: None) -> District:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.STATIC_ROOT = tmp_path
    Child.objects.all().delete()
    return District(cast, tmp_path)


def walk(district: District, role: str, *, only: tuple[str, ...] = ("",)) -> tuple[list[str], int]:
    """What a role can read of whole numbers at every address, and how many answers were read."""
    browser, wrong, read = district.cast.client(role), [], 0
    for name, row in TABLE.items():
        if role not in row.who.split() or row.get != 200 or row.full_numbers or not name.startswith(only):
            continue
        for target in list(district.world.rows.get(KIND_OF[name], ())) if KIND_OF[name] else [""]:
            url = url_of(district.world, name, target)
            for query in ("", *(query for query in row.also if "{" not in query)):
                answer, text, _ = ask(browser, "GET", f"{url}?{query}")
                read += answer.status_code == 200
                wrong += [f"{role} {url}?{query} shows {number}" for number in district.numbers.read_in(text)]
    return wrong, read


def stored(district: District) -> dict[str, set[str]]:
    """Table -> whole numbers that stand in it."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            if numbers := district.numbers.read_in(cursor.fetchone()[0]):
                found[table] = numbers
    return found


def compare(district: District) -> Run:
    run = running.start_run(term=registers.term(), by=district.by, today=TODAY)
    while chunk := running.claim(run_id=run.pk, now=NOW):
        running.work(chunk=chunk, now=NOW)
    run.refresh_from_db()
    assert run.state == "done"
    open_cases_of_run(run=run, by=district.by, now=NOW, today=TODAY)
    return run


def test_nothing_brought_in_can_be_read_again(district: District) -> None:
    world, kinds = district.world, {"household": [0, 1, 3], "enrollment": [0, 2], "attending": [0, 3], "monitored": [1], "survey": [1]}
    for kind, children in kinds.items():
        world.put("upload", kind, district.hand_in(kind, children).pk)
        world.put("kind", kind, kind)
    wrong, read = walk(district, "bureau", only=("register",))
    assert not wrong and read > 40, "\n".join(wrong)
    known = {number.lstrip("G") for papers in district.papers for number in papers[:2]}  # of the provincial numbers not even a paper is kept
    for pk in world.rows["upload"].values():
        actions.commit_upload(upload=Upload.objects.get(pk=pk), by=district.by, now=NOW, confirm_shrink=True, confirm_kind=True)
    assert set(stored(district)) == {"students_iddocument"}
    assert stored(district)["students_iddocument"] <= known
    for kind, children in kinds.items():  # the same again, otherwise written: the preview shows before and after
        world.put("upload", f"{kind} again", district.hand_in(kind, children).pk)
    typed(district, compare(district))
    for role in ("bureau", "registrar", "township"):
        wrong, read = walk(district, role)
        assert not wrong and read > 50, "\n".join(wrong)
    assert set(stored(district)) == {"students_iddocument", "registers_stagedrow"}  # the second files are not committed yet
    child = Child.objects.get(name=NAMES[0])
    form = {"_key": str(uuid.uuid4()), "reason": f"核对{district.numbers.text()}"}
    shown = ask(district.cast.client("bureau"), "POST", reverse("child_reveal", args=[child.pk]), form)[1]
    assert district.numbers.read_in(shown) == {district.papers[0][0]}


def typed(district: District, run: Run) -> None:
    """What people write: explanations, notes, reasons, names of files, and whatever else comes into the audit trail."""
    numbers, by = district.numbers, district.by
    finding = Finding.objects.filter(run=run, comparison="2").get()
    proofs = [ProofFile(f"证明{numbers.resident()}.pdf", b"%PDF-1.7 invented")]
    settle_finding(finding_id=finding.pk, outcome="attending", explanation=numbers.text(), proofs=proofs, by=by, now=NOW)
    pair = DoubtfulPair.objects.filter(run=run).first() or DoubtfulPair.objects.create(
        run=run, left=Entry.objects.filter(kind="household").latest("pk"), right=Entry.objects.filter(kind="survey").latest("pk"), score=5.0
    )  # fmt: skip
    answer_pair(pair_id=pair.pk, answer="different", note=numbers.text(), by=by, now=NOW)
    closed = {"school": district.cast.home.schools[0].pk, "first_day": TODAY, "last_day": TODAY, "reason": numbers.text(), "_key": str(uuid.uuid4())}
    assert district.cast.client("administrator").post(reverse("admin:schools_closure_add"), closed).status_code == 302
    record("upload", numbers.text(), by=by, child_id=finding.child_id, told={"deep": [numbers.text(), {numbers.text(): 1}]})
    sign = {"_key": str(uuid.uuid4()), "reason": f"余项下次处理 {numbers.text()}"}
    assert district.cast.client("principal").post(reverse("run_sign", args=[run.pk]), sign).status_code == 302
    reason = {"_key": str(uuid.uuid4()), "reason": f"核对{numbers.text()}"}
    assert district.cast.client("registrar").post(reverse("child_reveal", args=[finding.child_id]), reason).status_code == 200
    assert Event.objects.filter(verb="reveal_number").count() == 1 and Proof.objects.count() == 1
    written_at_school(district)
    absent(district)
    fill(district.world, run)


def written_at_school(district: District) -> None:
    """What people write on a school day: why a roll is filled in and corrected, a slip with its proof and its decision, a word with a guardian."""
    text, whole, friday = district.numbers.text, district.numbers.resident, TODAY - timedelta(3)
    child = Child.objects.filter(school=district.cast.home.schools[0], school_class__isnull=False)[0]
    school_day.seat(child)

    def send(role: str, name: str, *args: Any, **form: Any) -> None:
        answer = district.cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})
        assert answer.status_code == 302, answer.content.decode()

    for seen, said in enumerate(("sick", "personal")):
        send("principal", "roll_class", child.school_class_id, day=friday, seen=seen, reason=text(), **{f"m{child.pk}": said})
    proof = SimpleUploadedFile(f"病历{whole()}.pdf", b"%PDF-1.7 invented")
    slip = {"kind": "sick", "first_day": TODAY, "last_day": TODAY + timedelta(3), "left_at": f"{TODAY}T00:01"}
    send("registrar", "leave_new", child.pk, facts=text(), guardian_name=text(), guardian_phone=whole(1980), proofs=proof, **slip)
    send("principal", "leave_decide", Leave.objects.get(state="asked").pk, answer="no", words=text())
    said_by = {"spoke_with": text(), "reason": "other", "whereabouts": text(), "text": text()}
    send("registrar", "contact_new", child.pk, result="reached", way="phone", at=f"{TODAY}T00:01", **said_by)
    assert RollCallChange.objects.count() == 2 and LeaveProof.objects.count() == 1 and Contact.objects.count() == 1


def absent(district: District) -> None:
    """What people write of a child that stays away: the verification, the answer, the visit, the people."""
    text, now = district.numbers.text, NOW
    by = {role: district.cast.actor(role) for role in ("principal", "township", "bureau")}
    child = Child.objects.filter(school=district.cast.home.schools[0], school_class__isnull=False)[0]
    said = replace(lines.FOUND, whereabouts=text(), cause_text=text(), contacts=text(), home=text(), address=text(), is_registered_away=True)
    lines.absence(child, suspected_on=TODAY)
    case = Case.objects.open().filter(child=child).first() or runs.case(child, origin="absence", opened_on=TODAY)
    draft_lines(by=SYSTEM, now=now, cases=[case.pk])
    report = verify(report_id=case.reports.get().pk, said=said, by=by["principal"], now=now)
    letter = sign_receipt(line=lines.line(report, "township"), by=by["township"], now=now)
    name_people(report=report, people=[Named(duty("gov_village"), f"王测{district.numbers.resident()}")], by=by["township"], now=now)
    seen = Seen(TODAY, "home", text(), "refused", text(), spoke_with=text(), place=text(), whereabouts=text())
    log_visit(case=case, seen=seen, by=by["township"], now=now)
    reply(line=letter, text=text(), by=by["township"], now=now)
    send_away(line=lines.line(report, "away"), addressee=text(), by=by["bureau"], now=now)


def fill(world: World, run: Run) -> None:
    """What the addresses name after a run."""
    told = {
        "finding": Finding, "case": Case, "child": Child, "pair": DoubtfulPair, "proof": Proof,
        "report": ThreeLineReport, "letter": Line, "leave": Leave, "leave proof": LeaveProof, "room": SchoolClass,
    }  # fmt: skip
    for what, model in told.items():
        for pk in model._default_manager.values_list("pk", flat=True):
            world.put(what, str(pk), pk)
    world.put("run", "home", run.pk)
    world.put("school", "own", world.cast.home.schools[0].pk)
