"""One class on one day: whether it has school, and which of its days are school days."""

from __future__ import annotations

from datetime import date, timedelta

from apps.schools.models import CalendarDay, Closure, OpenDay, SchoolClass, TermSpan
from apps.schools.queries import calendar, closures
from apps.schools.rules import is_school_day


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
