"""The world of the access matrix: the cast of two districts, and around every place rows about a child with a word in every text field.

A word (雀〇〇七) belongs to one target and stands in every text column of every row about it, so that a page which shows it shows
that target. Full numbers are known by target as well.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import CharField, Model, TextField
from openpyxl import Workbook

from apps.audit.models import Event
from apps.cases.models import Case, CaseEntry, NumberSeries
from apps.core.ids import mask
from apps.reconciliation.models import (
    ChildClass,
    Chunk,
    DoubtfulPair,
    Finding,
    Link,
    PairDecision,
    Proof,
    Run,
    RunLine,
    Settlement,
    Signature,
)  # fmt: skip
from apps.registers.models import Entry, HeadingAlias, StagedRow, Upload
from apps.reporting.models import Line, ThreeLineReport
from apps.schools.models import CalendarDay, CalendarYear, Catchment, Closure, PolicyValue, Region, School, SchoolClass, Term
from apps.students.models import Child
from tests.access import school_day
from tests.access.whole import PARTS
from tests.cast import HOME, Cast, Place, build_cast
from tests.factories import people
from tests.factories.children import canary, document, id_number
from tests.factories.registers import term

M = TypeVar("M", bound=Model)
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
BIRTH = date(2014, 3, 8)
COUNTS = dict.fromkeys(("rows", "accepted", "cleaned", "rejected", "inserted", "updated", "unchanged", "missing", "ended", "standing"), 0)
CODES = {"district_code", "township_code", "village_code", "unit", "stored_name", "sha256", "id_masked", "student_masked", "key", "sex"}
# target -> (district's place of class, place of village): what makes it near or far
CHILDREN = {
    "own": (0, 0), "class": (1, 0), "school": (2, 0), "village": (3, 1), "township": (4, 2), "lives_away": (0, 2), "learns_away": (5, 0), "district": (0, 0),
}  # fmt: skip
# target -> (kind, school, township, village), places by their position in the district
UPLOADS = {
    "school": ("attending", 0, None, None), "other_school": ("attending", 1, None, None), "other_township": ("attending", 2, None, None),
    "household": ("household", None, 0, None), "other_household": ("household", None, 1, None),
    "survey": ("survey", None, 0, 0), "other_survey": ("survey", None, 0, 1),
    "monitored": ("monitored", None, None, None), "whole": ("enrollment", None, None, None), "district": ("attending", 0, None, None),
}  # fmt: skip


@dataclass
class World:
    """Everything the matrix asks for, by what a path argument names and by target."""

    cast: Cast
    words: dict[str, str] = field(default_factory=dict)  # 'child own', 'upload school' -> the word
    numbers: dict[str, str] = field(default_factory=dict)  # full number -> whose
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # argument's meaning -> target -> value in the address

    def word(self, of: str) -> str:
        """The word of a target, made at first use."""
        return self.words.setdefault(of, canary(500 + len(self.words)))

    def put(self, what: str, target: str, value: Any) -> None:
        """Remember a value for the addresses."""
        self.rows.setdefault(what, {})[target] = value

    def place(self, target: str) -> Place:
        """The district a target lies in."""
        return self.cast.neighbour if target == "district" else self.cast.home


def make(model: type[M], word: str, **given: Any) -> M:
    """A row whose every free text column carries the word; ``given`` are all other columns."""
    texts = {
        f.name: word for f in model._meta.fields
        if isinstance(f, CharField | TextField) and not f.choices and not f.primary_key and f.name not in CODES and f.name not in given
    }  # fmt: skip
    made: M = model._default_manager.create(**(texts | given))
    return made


def build(folder: Path) -> World:
    """Two districts full of words."""
    world = World(build_cast())
    Child.objects.all().delete()  # the cast's own children carry no known words
    for place in (world.cast.home, world.cast.neighbour):
        term(place.district)
        tables(place)
        runs(world, place)
    for n, target in enumerate(CHILDREN):
        about_child(world, target, n)
    for n, target in enumerate(UPLOADS):
        staged(world, target, n, folder)
    far = world.cast.home.schools[3]
    sign = {"level": "school", "place_code": far.pk, "signed_at": NOW, "counts": {"figures": {}}, "signed_by": world.cast.post("principal").user}
    make(Signature, world.word("signature far"), run_id=world.rows["run"]["home"], **sign)
    addresses(world)
    return world


def runs(world: World, place: Place) -> None:
    """Two finished runs of a district."""
    names = ("older", "home") if place.district == HOME else ("district_older", "district")
    for number, name in enumerate(names, start=1):
        told = {
            "district_code": place.district,
            "number": number,
            "term": term(place.district),
            "as_of": date(2026, 9, 14),
            "cutoff_seq": 0,
            "state": "done",
        }
        run = make(Run, world.word(f"run {name}"), finished_at=NOW, warnings=[], phase="done", **told)
        Chunk.objects.create(run=run, phase="classify", place=place.schools[0].pk, state="done")
        world.put("run", name, run.pk)


def about_child(world: World, target: str, n: int) -> None:
    """One child and every kind of row that may speak of it."""
    place, word, (room, home) = world.place(target), world.word(f"child {target}"), CHILDREN[target]
    where = spot(place, room, home)
    number, student = id_number(700 + n, birth=BIRTH, area=place.district), f"G{id_number(800 + n, birth=BIRTH, area=place.district)}"
    world.numbers |= {number: target, student: target}
    paper, student_paper = document(number), document(student, kind="student")
    child = make(Child, word, document=paper, id_masked=paper.masked, sex="F", birth_date=BIRTH, grade=where["school_class"].grade, **where)
    world.put("child", target, child.pk)
    world.put("number", target, number)
    entries = register_lines(world, target, child, student_paper)
    older, newest = (world.rows["run"][name] for name in (("district_older", "district") if target == "district" else ("older", "home")))
    for run in (older, newest):
        third = {"third": "lifted_out"} if target in ("own", "township", "district") else {}
        told = {"first": "inside", "second": "not_returned" if run == newest else "attending", "reverse": "", "third": "", **third}
        sides = {
            "household": entries["household"],
            "enrollment": entries["enrollment"],
            "attending": entries["attending"],
            "survey": entries["survey"],
        }
        flags = {"is_local": True, "on_roll": True, "stage": "primary", "attending_school": where["school"]}
        make(ChildClass, word, run_id=run, child=child, group_kind="", grade=6, **told, **sides, **flags, **where)
    decided(world, target, child, entries, newest)
    school_day.about_child(world, target, partial(make, word=word), child)


def spot(place: Place, room: int, home: int) -> dict[str, Any]:
    """The place columns of a child of a class that lives in a village."""
    village = place.villages[home].code
    where = {"district_code": place.district, "township_code": village[:9], "village_code": village}
    return {**where, "school": place.classes[room].school, "school_class": place.classes[room]}


def register_lines(world: World, target: str, child: Child, student: Any) -> dict[str, Entry]:
    """The child's lines in the registers with the upload that brought them; 脱贫户 only for those of comparison ③."""
    word = world.word(f"child {target}")
    seq = 10**9 + len(world.rows.get("committed", {})) * 1000  # far above what the sequence of real commits gives
    told = {
        "kind": "enrollment",
        "term": term(child.district_code),
        "district_code": child.district_code,
        "school": child.school,
        "state": "committed",
    }
    upload = make(
        Upload, word, stored_name=uuid.uuid4().hex, size=1, sha256="0" * 64, committed_seq=seq, committed_at=NOW, headings={"sheets": {}},
        counts=COUNTS | {"rows": 1, "inserted": 1, "units": [child.school_id]}, warnings=[word], **told,
    )  # fmt: skip
    world.put("committed", target, upload.pk)
    units = {
        "enrollment": child.school_id,
        "attending": child.school_id,
        "household": child.township_code,
        "survey": child.township_code,
        "monitored": "",
    }
    kinds = [kind for kind in units if kind != "monitored" or target in ("own", "township", "district")]
    entries = {}
    for place, kind in enumerate(kinds, seq):
        where = {"district_code": child.district_code, "township_code": child.township_code, "village_code": child.village_code}
        where |= {"school": child.school, "school_class": child.school_class, "unit": units[kind]}
        papers = {"document": child.document, "id_masked": child.id_masked}
        papers |= {"student_document": student, "student_masked": student.masked} if kind == "enrollment" else {"student_masked": ""}
        told = {"kind": kind, "key": place, "fingerprint": place, "upload": upload, "row": 1, "sheet_row": 2, "child": child, "end_reason": ""}
        plain = {"sex": "F", "birth_date": BIRTH, "grade": child.grade, "group_kind": "lifted_out" if kind == "monitored" else ""}
        entries[kind] = make(Entry, word, details={"remark": word, "extra": {word: word}}, **told, **where, **papers, **plain)
    return entries


def decided(world: World, target: str, child: Child, entries: dict[str, Entry], run: int) -> None:
    """Links, doubts, findings, settlements, proofs, cases and events about a child."""
    word = world.word(f"child {target}")
    where = {name: getattr(child, name) for name in ("district_code", "township_code", "village_code", "school", "school_class")}
    left, right = entries["enrollment"], entries["attending"]
    make(Link, word, run_id=run, left_kind="enrollment", right_kind="attending", left=left, right=right, score=1.0)
    make(RunLine, word, run_id=run, entry=left, kind="enrollment", is_valid=True, key=left.key)
    pair = make(DoubtfulPair, word, run_id=run, left=entries["household"], right=entries["survey"], score=5.0, reasons=[word], answer="")
    keys = {"left_kind": "household", "left_key": left.key, "right_kind": "survey", "right_key": right.key, "answer": "ask"}
    make(PairDecision, word, district_code=child.district_code, decided_at=NOW, left_unit="", right_unit="", **keys)
    told = {"run_id": run, "child": child, "klass": "not_returned", "owner": "registrar", "entries": [left.pk, right.pk]}
    finding = make(Finding, word, comparison="2", state="open", outcome="", **told, **where)
    settled = {"comparison": "2", "from_class": "not_returned", "outcome": "on_leave", "decided_at": NOW}
    make(Settlement, word, child=child, finding=finding, **settled, **where)
    proof = make(Proof, word, finding=finding, stored_name=uuid.uuid4().hex, content_type="application/pdf", size=20)
    case = make(Case, word, child=child, state="suspected", origin="comparison", stage="primary", opened_on=date(2026, 9, 14), run_id=run, **where)
    make(CaseEntry, word, case=case, kind="opened", target="suspected", source="", happened_on=date(2026, 9, 14), written_at=NOW)
    for part in PARTS:
        part.about_case(world, target, partial(make, word=word), case)
    reported(world, target, child, case)
    event = {"at": NOW, "user_id": 0, "post_id": 0, "child_id": child.pk, "district_code": child.district_code, "data": {"word": word}}
    make(Event, word, verb="settle_finding", object_kind="finding", object_id=finding.pk, **event)
    make(Event, word, verb="reveal_number", object_kind="child", object_id=child.pk, **event)
    for what, row in (("finding", finding), ("pair", pair), ("case", case), ("proof", proof)):
        world.put(what, target, row.pk)
    world.put("proof name", target, proof.stored_name)


def reported(world: World, target: str, child: Child, case: Case) -> None:
    """Three lines that were issued: the platform waits for its entry, the letters for their receipt, the other district owes an answer."""
    word = world.word(f"child {target}")
    where = {name: getattr(child, name) for name in ("district_code", "township_code", "village_code", "school", "school_class")}
    told = {"verified_at": NOW, "first_day": date(2026, 11, 18), "last_day": date(2026, 11, 20), "school_days": 3, "cause": "work", "groups": []}
    report = make(
        ThreeLineReport, word, case=case, child=child, drafted_at=NOW, begun_on=date(2026, 11, 20), send_days=1, visit_days=3, **told, **where
    )
    letter = {"title": word, "issuer": word, "number": word, "addressee": word, "paragraphs": [word], "date": word}
    empty = {"issuer": "", "reply": "", "received_name": "", "received_title": "", "replied_name": "", "replied_title": ""}
    sent = {"state": "sent", "sent_at": NOW, "letter": letter}
    make(Line, word, report=report, kind="platform", state="ready", office="", **empty)
    township = make(Line, word, report=report, kind="township", office=child.township_code, **sent, **empty)
    make(Line, word, report=report, kind="bureau", office=child.district_code, **sent, **empty)
    away = make(Line, word, report=report, kind="away", office="", number=f"函{word}", **sent, **empty)
    for what, row in (("report", report), ("letter", township), ("away", away)):
        world.put(what, target, row.pk)


def staged(world: World, target: str, n: int, folder: Path) -> None:
    """An upload that waits for a yes: its file on the disk, a good row and a rejected one with full numbers in them."""
    place, word, (kind, school, township, village) = world.place(target), world.word(f"upload {target}"), UPLOADS[target]
    number, student, guardian = (id_number(10 * n + m, birth=BIRTH, area="530199") for m in (901, 902, 903))
    world.numbers |= {number: f"upload {target}", f"G{student}": f"upload {target}", guardian: f"upload {target}"}
    stored = uuid.uuid4().hex
    book = Workbook()
    for row in (["姓名", "身份证号"], [word, number], [word, guardian]):
        book.active.append(row)
    book.save(folder / f"{stored}.xlsx")
    (folder / f"{stored}.xlsx").rename(folder / stored)
    upload = make(
        Upload, word, kind=kind, term=term(place.district), district_code=place.district, state="staged", stored_name=stored, size=1, sha256="0" * 64,
        school=None if school is None else place.schools[school], township_code="" if township is None else place.townships[township].code,
        village_code="" if village is None else place.villages[village].code, warnings=[word], counts=COUNTS | {"rows": 2, "accepted": 1, "rejected": 1},
        headings={"unknown": [{"heading": word, "samples": [word]}], "missing": [], "sheets": {"Sheet": {"columns": {"name": 0, "id_number": 1}, "last_row": 1}}},
    )  # fmt: skip
    problem = {"row": 2, "column": "id_number", "code": "id_check_digit", "severity": "error", "message": f"{word}：校验码不符"}
    for row, status in ((1, "accepted"), (2, "rejected")):
        make(
            StagedRow, word, upload=upload, row=row, sheet="Sheet", sheet_row=row + 1, status=status, id_kind="resident", id_number=number, sex="F",
            student_number=f"G{student}", guardian_id_number=guardian, birth_date=BIRTH, grade=6, details={"extra": {word: f"备注{mask(guardian)}"}}, problems=[problem] if row == 2 else [],
            cleaned=[{"column": "name", "before": f" {word}", "after": word}], group_kind="", state="", key=f"{word}{row}",
            school_code=upload.school_id or place.schools[0].pk, township_code=upload.township_code or place.townships[0].code,
        )  # fmt: skip
    make(HeadingAlias, word, district_code=place.district, place_code=upload.school_id or upload.township_code or "", kind=kind, field="remark")
    world.put("upload", target, upload.pk)


def tables(place: Place) -> None:
    """One row for every table of the admin that the cast leaves empty."""
    Catchment.objects.create(school=place.schools[0], region=place.villages[0], stage="primary")
    CalendarDay.objects.create(district_code=place.district, day=date(2026, 10, 1), is_school_day=False)
    CalendarYear.objects.create(district_code=place.district, year=2026, is_confirmed=True, origin="own")
    Closure.objects.create(school=place.schools[0], first_day=date(2026, 12, 1), last_day=date(2026, 12, 2), reason="测试停课")
    NumberSeries.objects.create(issuer=place.district, year=2026)
    PolicyValue.objects.create(district_code=place.district, key="suspected_school_days", value=3, effective_from=date(2099, 9, 1), basis="测")


def addresses(world: World) -> None:
    """What the remaining path arguments name."""
    home, far = world.cast.home, world.cast.neighbour
    uploads, committed = world.rows["upload"], world.rows["committed"]
    uploads |= {"committed": committed["own"], "far_committed": committed["township"]}
    for kind in ("enrollment", "household", "attending", "monitored", "survey", "nothing"):
        world.put("kind", kind, kind)
    for target, school in (("own", home.schools[0]), ("school", home.schools[1]), ("township", home.schools[2]), ("district", far.schools[0])):
        world.put("school", target, school.pk)
    for target, room in (("own", 0), ("class", 1), ("school", 2), ("township", 4)):
        world.put("room", target, home.classes[room].pk)
    world.put("room", "district", far.classes[0].pk)
    for target, post in (("own", home.posts["registrar"]), ("colleague", home.posts["head_teacher"]), ("district", far.posts["registrar"])):
        world.put("post", target, post.pk)
    models = (Region, School, Catchment, SchoolClass, Term, CalendarDay, CalendarYear, Closure, PolicyValue)
    for model in models:
        found = [model._default_manager.filter(**within(model, place)).order_by("pk").last() for place in (home, far)]
        world.put("admin", f"schools_{model._meta.model_name}", [row.pk for row in found if row])
    world.put("admin", "accounts_user", [place.posts["registrar"].user_id for place in (home, far)])
    world.put("admin", "accounts_post", [place.posts["registrar"].pk for place in (home, far)])


def within(model: type[Model], place: Place) -> dict[str, Any]:
    """How a row of a table is told to be of a district."""
    if model is Region:
        return {"code__startswith": place.district, "level": "village"}
    return (
        {"district_code": place.district} if any(f.name == "district_code" for f in model._meta.fields) else {"school__district_code": place.district}
    )


def client_of(world: World, who: str) -> Any:
    """A browser of a role at home; 'nobody' is logged in and holds no post."""
    if who == "nobody":
        browser = people.client(world.cast.post("village"))
        browser.force_login(people.user(), backend=people.BACKEND)
        return browser
    return world.cast.client(who)
