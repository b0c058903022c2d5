"""The clocks of many reports in a fixed number of reads: the calendar of the district, closures and own days of the schools."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.utils import timezone

from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import OPEN, THREE, Kind
from apps.schools.queries import OpenDays
from apps.schools.rules import HORIZON, days_left, due_day


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
        first = min((r.begun_on for r in reports), default=today)
        last = max([today, *(r.begun_on for r in reports)]) + timedelta(HORIZON + 1)
        self.days = OpenDays(reports[0].district_code if reports else "", {r.school_id for r in reports}, first=first, last=last)

    def days_of(self, report: ThreeLineReport) -> Callable[[date], bool]:
        """The school days of the child's class."""
        return partial(self.days.is_school_day, report.school_id, report.school_class.grade)

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
