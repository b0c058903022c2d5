"""The clocks of many reports in a fixed number of reads: the calendar of the district, closures and own days of the schools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.utils import timezone

from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.rules import HORIZON, days_left, due_day
from apps.reporting.workflow import OPEN, THREE, Kind
from apps.schools.models import Closure, OpenDay, TermSpan
from apps.schools.queries import calendar
from apps.schools.rules import is_school_day


@dataclass(frozen=True, slots=True)
class Clock:
    """By when something is due. ``left`` in school days, below 0 when over; None once it is done."""

    due: date
    left: int | None = None
    was_late: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it is overdue now."""
        return self.left is not None and self.left < 0


class Clocks:
    """The school days of the schools of some reports (of one district), and what is due by them on a day."""

    def __init__(self, reports: Iterable[ThreeLineReport], *, today: date) -> None:
        reports = list(reports)
        self.today = today
        self.first = min((r.begun_on for r in reports), default=today)
        self.last = max([today, *(r.begun_on for r in reports)]) + timedelta(HORIZON + 1)
        self.spans: list[tuple[int, int, date, date]] = []
        self.calendar: dict[date, bool] = {}
        self.closed: dict[str, set[date]] = defaultdict(set)
        self.opened: dict[str, set[date]] = defaultdict(set)
        if reports:
            self.read(reports[0].district_code, {r.school_id for r in reports})

    def read(self, district: str, schools: set[str]) -> None:
        """Four reads, however many schools."""
        spans = TermSpan.objects.filter(term__district_code=district, last_day__gte=self.first, first_day__lte=self.last)
        self.spans = list(spans.values_list("grade_from", "grade_to", "first_day", "last_day"))
        self.calendar = calendar(district=district, first=self.first, last=self.last)
        closures = Closure.objects.filter(school_id__in=schools, first_day__lte=self.last, last_day__gte=self.first)
        for school, start, end in closures.values_list("school_id", "first_day", "last_day"):
            self.closed[school].update(start + timedelta(n) for n in range((end - start).days + 1))
        for school, day in OpenDay.objects.filter(school_id__in=schools, day__range=(self.first, self.last)).values_list("school_id", "day"):
            self.opened[school].add(day)

    def is_school_day(self, school: str, grade: int, day: date) -> bool:
        """Whether a grade of a school has class on a day."""
        return any(
            is_school_day(day, calendar=self.calendar, closures=self.closed[school], first=first, last=last, open_days=self.opened[school])
            for low, high, first, last in self.spans
            if low <= grade <= high
        )

    def days_of(self, report: ThreeLineReport) -> Callable[[date], bool]:
        """The school days of the child's class."""
        return partial(self.is_school_day, report.school_id, report.school_class.grade)

    def sending(self, report: ThreeLineReport, *, sent_on: date | None = None) -> Clock:
        """When the three lines must be out; with ``sent_on``, whether that day was in time."""
        is_open = self.days_of(report)
        return self.judged(due_day(report.begun_on, days=report.send_days, is_school_day=is_open), is_open, done_on=sent_on)

    def visit(self, report: ThreeLineReport, *, handed_on: date, visited_on: date | None = None) -> Clock:
        """When the first visit is due after the township was told; with ``visited_on``, whether it was in time."""
        is_open = self.days_of(report)
        return self.judged(due_day(handed_on, days=report.visit_days, is_school_day=is_open), is_open, done_on=visited_on)

    def judged(self, due: date, is_open: Callable[[date], bool], *, done_on: date | None) -> Clock:
        """A clock that runs, or one that has stopped."""
        if done_on is not None:
            return Clock(due, was_late=done_on > due)
        return Clock(due, days_left(due, today=self.today, is_school_day=is_open))


def sent_on(line: Line) -> date | None:
    """The district's day on which a line went out."""
    return timezone.localtime(line.sent_at).date() if line.sent_at else None


def is_out(report: ThreeLineReport) -> bool:
    """Whether all three lines are out."""
    return not any(line.kind in THREE and line.step in OPEN for line in report.lines.all())


def reached(report: ThreeLineReport) -> int:
    """How many of the three lines are out: the 2 of 2/3."""
    return sum(line.kind in THREE and line.step not in OPEN for line in report.lines.all())


def line_of(report: ThreeLineReport, kind: Kind) -> Line | None:
    """The report's line of a kind, from what was read with it."""
    return next((line for line in report.lines.all() if line.kind == kind), None)
