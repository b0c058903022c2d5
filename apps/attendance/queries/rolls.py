"""One class on one day: whether it has school, who is expected, what stands for the day; and which of its days are school days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, RollCallChange, Seat
from apps.attendance.queries.excuses import excusing, family
from apps.core.scope import Level, Scope
from apps.schools.models import CalendarDay, Closure, OpenDay, SchoolClass, TermSpan
from apps.schools.queries import calendar, closures
from apps.schools.rules import is_school_day

LONGEST_HOLIDAY = 60  # days


def classes_of(scope: Scope) -> QuerySet[SchoolClass]:
    """The classes whose roll calls a post may see: of its schools, or its own one."""
    found: QuerySet[SchoolClass] = SchoolClass.objects.within(scope)
    return found.filter(pk=scope.school_class) if scope.level == Level.CLASS else found


def on_day(classes: QuerySet[SchoolClass], day: date) -> QuerySet[SchoolClass]:
    """Classes with what decides whether they have school on a day, for ``why_closed``: one statement for all of them."""
    said = CalendarDay.objects.filter(district_code=OuterRef("school__district_code"), day=day)
    spans = TermSpan.objects.filter(
        term__district_code=OuterRef("school__district_code"), term__code__startswith=Cast(OuterRef("school_year"), CharField()),
        grade_from__lte=OuterRef("grade"), grade_to__gte=OuterRef("grade"), first_day__lte=day, last_day__gte=day,
    )  # fmt: skip
    closed = Closure.objects.filter(school=OuterRef("school"), first_day__lte=day, last_day__gte=day)
    return classes.select_related("school").annotate(
        in_term=Exists(spans),
        closed_because=Subquery(closed.values("reason")[:1]),
        calendar_says=Subquery(said.values("is_school_day")[:1]),
        calendar_note=Subquery(said.values("note")[:1]),
        opens_itself=Exists(OpenDay.objects.filter(school=OuterRef("school"), day=day)),
    )


def why_closed(room: SchoolClass, day: date) -> str:
    """'' where a class out of ``on_day`` has school on that day, else why not, in words."""
    told = vars(room)  # with the columns that on_day added
    known = {} if told["calendar_says"] is None else {day: told["calendar_says"]}
    closed, opened = ({day} if given else set() for given in (told["closed_because"] is not None, told["opens_itself"]))
    term = (day, day) if told["in_term"] else (date.max, date.min)
    if is_school_day(day, calendar=known, closures=closed, first=term[0], last=term[1], open_days=opened):
        return ""
    if not told["in_term"]:
        return "不在学期内"
    if closed:
        return f"本校停课：{told['closed_because']}"
    return told["calendar_note"] or ("周末" if day.weekday() >= 5 else "放假")


def why_no_school(*, room: SchoolClass, day: date) -> str:
    """'' where the class has school on that day, else why not, in words."""
    return why_closed(on_day(SchoolClass.objects.filter(pk=room.pk), day).get(), day)


def last_school_day(*, room: SchoolClass, before: date, back: int = 60) -> date | None:
    """The class's last school day before a day, within ``back`` days."""
    return next(iter(school_days(room=room, first=before - timedelta(back), last=before - timedelta(1))[::-1]), None)


def next_school_day(*, room: SchoolClass, after: date, ahead: int = 60) -> date | None:
    """The class's first school day after a day, within ``ahead`` days."""
    return next(iter(school_days(room=room, first=after + timedelta(1), last=after + timedelta(ahead))), None)


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


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil of a class on a day: the seat, and what is known beside it."""

    seat: Seat
    code: str  # what stands for the day, '' for nothing
    reason: str
    note: str  # what the teacher wrote beside 其他
    leave_until: date | None  # last day of the approved leave that covers the day
    leave_kind: str
    leave_ended: date | None  # last day of the approved leave since which no roll call was taken and nobody entered the return
    absent_days: int  # school days of the run of absence that is open

    @property
    def child_id(self) -> int:
        return int(self.seat.child_id)


def leaves_ended(day: date, room: SchoolClass) -> QuerySet[Leave]:
    """The approved leaves that ended before a day without a return, of the child of an outer query: this day's roll call is the first since."""
    since = RollCall.objects.filter(school_class=room, day__gt=OuterRef("last_day"), day__lt=day)
    over: QuerySet[Leave] = Leave.objects.filter(child__in=family(), state=Leave.State.APPROVED, returned_on=None, last_day__lt=day)
    return over.filter(~Exists(since), last_day__gte=day - timedelta(LONGEST_HOLIDAY))


def pupils_of(*, room: SchoolClass, day: date, scope: Scope) -> list[Pupil]:
    """Everybody with a seat in a class on a day, also those away with papers, in the order of the readings. One statement."""
    marks = Mark.objects.filter(child=OuterRef("child"), day=day, school_class=room)
    leaves = excusing(day).order_by("-last_day")
    runs = AbsenceRun.objects.filter(child=OuterRef("child"), ended_on=None, first_day__lt=day, last_day__lte=day).order_by("-first_day")
    seats = Seat.objects.within(scope).on(day).filter(school_class=room).select_related("child").order_by("child__pinyin", "child_id")
    told = seats.annotate(
        code=Subquery(marks.values("code")[:1]), reason=Subquery(marks.values("reason")[:1]), note=Subquery(marks.values("note")[:1]),
        leave_until=Subquery(leaves.values("last_day")[:1]), leave_kind=Subquery(leaves.values("kind")[:1]),
        leave_ended=Subquery(leaves_ended(day, room).order_by("-last_day").values("last_day")[:1]),
        absent_days=Subquery(runs.values("school_days")[:1]),
    )  # fmt: skip
    return [
        Pupil(
            seat=seat, code=seat.code or "", reason=seat.reason or "", note=seat.note or "", leave_until=seat.leave_until,
            leave_kind=seat.leave_kind or "", leave_ended=seat.leave_ended, absent_days=seat.absent_days or 0,
        )
        for seat in told
    ]  # fmt: skip


def taken_on(*, room: SchoolClass, day: date) -> RollCall | None:
    """What was taken of a class on a day, by whom; with its corrections, the newest first, as ``kept``. One statement."""
    facts = JSONObject(before="before", after="after", reason="reason", fills_in="fills_in", at="at", by_name="by_name", by_title="by_title")
    kept = RollCallChange.objects.filter(roll_call=OuterRef("pk")).order_by("-pk").values(told=facts)
    found: RollCall | None = RollCall.objects.filter(school_class=room, day=day).annotate(kept=ArraySubquery(kept)).first()
    return found
