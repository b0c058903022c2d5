"""Children on their way back: in class, registered, placed, watched, signed for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from apps.attendance.models import AbsenceRun, Mark, RollCall, Seat
from apps.cases.models import Assignment, Case, CaseEntry, HomeTeaching, Placement, Proposal, Return, Visit
from apps.core.proofs import ProofFile
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY
from tests.factories import runs, school_day

PDF = (ProofFile("证明.pdf", b"%PDF-1.7 proof"),)
BY = {"by_name": "甲", "by_title": "校长"}


def picture() -> bytes:
    """A small photograph."""
    kept = BytesIO()
    Image.new("RGB", (8, 8), "white").save(kept, "JPEG")
    return kept.getvalue()


PHOTO = (ProofFile("照片.jpg", picture()),)


def entry(case: Case, **fields: Any) -> CaseEntry:
    """A line of the ledger."""
    told = {"kind": "note", "text": "测试", "happened_on": TODAY, "written_at": NOW, **BY}
    made: CaseEntry = CaseEntry.objects.create(case=case, **(told | fields))
    return made


def case(child: Child, state: str = "persuading", *, days: int = 40, **fields: Any) -> Case:
    """A case that has stood in a state for a while."""
    told = {"opened_on": TODAY - timedelta(days + 5), "state_since": TODAY - timedelta(days), "progress_on": TODAY - timedelta(days)}
    return runs.case(child, state=state, **(told | fields))


def weekdays(first: date, last: date) -> list[date]:
    """The days from Monday to Friday of a span."""
    return [day for n in range((last - first).days + 1) if (day := first + timedelta(n)).weekday() < 5]


def called(child: Child, days: Iterable[date], *, absent: Iterable[date] = (), code: str = "absent") -> None:
    """The class of a child was called on some days; on some of them it was not there."""
    room, gone = child.school_class, set(absent)
    assert room is not None
    for day in days:
        roll, _ = RollCall.objects.get_or_create(
            school_class=room, day=day, defaults={"school": room.school, "district_code": HOME, "expected": 1, "taken_at": NOW}
        )
        if day in gone:
            where = {name: getattr(child, name) for name in runs.PLACES}
            Mark.objects.create(child=child, roll_call=roll, day=day, code=code, **where)


def seated(child: Child, **fields: Any) -> Seat:
    """In its class since the summer."""
    return school_day.seat(child, **fields)


def seen(case: Case, outcome: str = "guardian", **fields: Any) -> Visit:
    """A visit or a call, by which it was found out where the child is and why it stays away unless ``fields`` say otherwise."""
    told = {
        "day": TODAY, "way": "home", "visitors": "甲", "text": "查实", "is_local": False, "written_at": NOW, "cause": "hardship", "whereabouts": "在家", **BY,
    }  # fmt: skip
    made: Visit = Visit.objects.create(case=case, entry=entry(case, kind="visit"), outcome=outcome, **(told | fields))
    return made


def returned(case: Case, *, on: date, **fields: Any) -> Return:
    """Registered at its school again."""
    told = {"school": case.school, "school_class": case.school_class, "registered_on": on, **BY}
    made: Return = Return.objects.create(case=case, entry=entry(case), **(told | fields))
    return made


def placement(case: Case, **fields: Any) -> Placement:
    """A placement that stands."""
    told = {
        "cause": "weary", "kind": "interest", "school": case.school, "school_class": case.school_class, "teacher": "李测", "plan": "每周谈心",
        "first_day": TODAY - timedelta(30), "review_on": TODAY + timedelta(30), **BY,
    }  # fmt: skip
    made: Placement = Placement.objects.create(case=case, entry=entry(case), **(told | fields))
    return made


def teaching(child: Child, **fields: Any) -> HomeTeaching:
    """A plan of lessons at home for this school year."""
    told = {
        "child": child, "school": child.school, "school_class": child.school_class, "school_year": 2026, "lessons": 60, "teachers": "李测、王测",
        "plan": "语文、康复训练", "first_day": date(2026, 9, 1), "last_day": date(2027, 7, 10), **BY,
        **{name: getattr(child, name) for name in ("district_code", "township_code", "village_code")},
    }  # fmt: skip
    made: HomeTeaching = HomeTeaching.objects.create(**(told | fields))
    return made


def proposal(case: Case, kind: str, basis: str, *, agreed: bool = True, on: datetime = NOW, **fields: Any) -> Proposal:
    """Something two people signed, or that waits."""
    told: dict[str, Any] = {
        "text": "测试", "asked_at": on, "asked_role": "principal", "asked_name": "甲", "asked_title": "校长", "entry": entry(case),
    }  # fmt: skip
    if agreed:
        told |= {"verdict": "agreed", "decided_at": on, "decided_name": "乙", "decided_title": "区教体局"}
    made: Proposal = Proposal.objects.create(case=case, kind=kind, basis=basis, **(told | fields))
    return made


def assigned(case: Case, township: str, **fields: Any) -> Assignment:
    """A township stands charged, and accepted."""
    told = {
        "level": "township", "region_code": township, "accept_by": TODAY, "given_at": NOW, "given_name": "丙", "given_title": "区教体局",
        "accepted_at": NOW, "accepted_name": "丁", "accepted_title": "乡镇",
    }  # fmt: skip
    made: Assignment = Assignment.objects.create(case=case, **(told | fields))
    return made


def absence(child: Child, first: date, last: date, **fields: Any) -> AbsenceRun:
    """An absence without reason, its third school day the day it is suspected."""
    days = weekdays(first, last)
    told = {**runs.places(child), "child": child, "first_day": first, "last_day": last, "school_days": len(days)}
    told["suspected_on"] = days[2] if len(days) > 2 else None
    made: AbsenceRun = AbsenceRun.objects.create(**(told | fields))
    return made
