"""One class on one day: who belongs to it, what is known of each, what was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, Seat
from apps.core.scope import Scope
from apps.schools.models import CalendarDay, Closure, OpenDay, SchoolClass, TermSpan
from apps.schools.queries import calendar, closures
from apps.schools.rules import is_school_day


@dataclass(frozen=True, slots=True)
class Pupil:
    """One line of a roll call: the pupil, the mark stored or proposed for the day, and since when it is missing."""

    child_id: int
    name: str
    initials: str
    code: str = ""
    reason: str = ""
    note: str = ""
    leave: Leave | None = None
    absent_days: int = 0


def why_no_school(*, room: SchoolClass, day: date) -> str:
    """'' where the class has school on that day, else why not, in words."""
    school = room.school
    span = TermSpan.objects.filter(
        term__district_code=school.district_code, grade_from__lte=room.grade, grade_to__gte=room.grade, first_day__lte=day, last_day__gte=day
    ).first()
    if span is None:
        return "不在学期内"
    closed = Closure.objects.filter(school=school, first_day__lte=day, last_day__gte=day).first()
    if closed:
        return f"本校停课：{closed.reason}"
    said = CalendarDay.objects.filter(district_code=school.district_code, day=day).first()
    is_open = said.is_school_day if said else day.weekday() < 5
    if is_open or OpenDay.objects.filter(school=school, day=day).exists():
        return ""
    return (said.note if said else "") or ("周末" if day.weekday() >= 5 else "放假")


def last_school_day(*, room: SchoolClass, before: date, back: int = 60) -> date | None:
    """The class's last school day before a day, within ``back`` days."""
    return next(iter(school_days(room=room, first=before - timedelta(back), last=before - timedelta(1))[::-1]), None)


def school_days(*, room: SchoolClass, first: date, last: date) -> list[date]:
    """The days of a span on which the class has school, in order."""
    school = room.school
    spans = list(
        TermSpan.objects.filter(term__district_code=school.district_code, grade_from__lte=room.grade, grade_to__gte=room.grade).values_list(
            "first_day", "last_day"
        )
    )
    known = calendar(district=school.district_code, first=first, last=last)
    closed = closures(school=school.pk, first=first, last=last)
    opened = set(OpenDay.objects.filter(school=school, day__range=(first, last)).values_list("day", flat=True))
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [
        day
        for day in days
        if any(is_school_day(day, calendar=known, closures=closed, first=begin, last=end, open_days=opened) for begin, end in spans)
    ]


def pupils(*, room: SchoolClass, day: date, scope: Scope) -> list[Pupil]:
    """The class's list on a day by pinyin, with the marks stored for it, or proposed: who is on approved leave. Four queries."""
    seats = Seat.objects.within(scope).on(day).filter(school_class=room, away="").select_related("child").order_by("child__pinyin", "child_id")
    found = {seat.child_id: seat.child for seat in seats}
    taken = RollCall.objects.within(scope).on(day).filter(school_class=room).exists()
    marks = {mark.child_id: mark for mark in Mark.objects.within(scope).filter(child__in=found, day=day)}
    leaves = {leave.child_id: leave for leave in leaves_on(day, scope).filter(child__in=found).order_by("first_day")}
    runs = dict(AbsenceRun.objects.within(scope).open().filter(child__in=found).values_list("child_id", "school_days"))
    listed = []
    for pk, child in found.items():
        leave, mark = leaves.get(pk), marks.get(pk)
        told: dict[str, Any] = {"code": mark.code, "reason": mark.reason, "note": mark.note} if mark else {}
        if not taken and leave:
            told = {"code": "leave", "reason": leave.kind}
        listed.append(Pupil(pk, child.name, child.initials, leave=leave, absent_days=runs.get(pk, 0), **told))
    return listed


def leaves_on(day: date, scope: Scope) -> Any:
    """Approved leaves that hold on a day."""
    return Leave.objects.within(scope).filter(Q(returned_on=None) | Q(returned_on__gt=day), state="approved", first_day__lte=day, last_day__gte=day)
