"""Lists of reports, each with its lines, its clock and who was told, in a fixed number of reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet

from apps.cases.models import Visit
from apps.core.scope import Actor, Scope
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries.clocks import Clock, Clocks, is_out, line_of, reached, sent_on
from apps.reporting.querysets import received_by
from apps.reporting.workflow import OPEN, THREE, Kind, State
from apps.students.querysets import looked_for

READ_WITH = ("child", "school", "school_class", "case__child", "case__school", "case__school_class")


@dataclass(frozen=True, slots=True)
class Row:
    """One report as a list shows it."""

    report: ThreeLineReport
    lines: list[Line]
    clocks: list[Clock]  # of the lines, in their order
    reached: int
    sending: Clock
    visit: Clock | None  # of the first visit, once the township was told
    visits: list[Visit]  # since the absence began
    away: Line | None

    @property
    def is_complete(self) -> bool:
        """3/3."""
        return self.reached == len(THREE)

    @property
    def late(self) -> int:
        """How many of the three lines went out too late."""
        return sum(one.was_late for one in self.clocks)

    @property
    def owed(self) -> str:
        """The lines that are not out, in words."""
        return "、".join(line.whom.label for line in self.lines if line.step in OPEN)


def rows(reports: Sequence[ThreeLineReport], *, today: date) -> list[Row]:
    """Reports (read with lines and visits) with their clocks."""
    clocks = Clocks(reports, today=today)
    return [row(report, clocks) for report in reports]


def row(report: ThreeLineReport, clocks: Clocks) -> Row:
    """One report with its clocks."""
    three = [line for line in report.lines.all() if line.kind in THREE]
    of_lines = [clocks.sending(report, sent_on=sent_on(line)) for line in three]
    days = [day for line in three if (day := sent_on(line))]
    sending = clocks.sending(report, sent_on=max(days) if is_out(report) and days else None)
    township = line_of(report, Kind.TOWNSHIP)
    handed = sent_on(township) if township else None
    known: list[Visit] = report.case.standing_visits  # type: ignore[attr-defined] # read() put it there
    visits = [visit for visit in known if visit.day >= report.first_day]
    visited = min((visit.day for visit in visits if handed and visit.is_at_door and visit.day >= handed), default=None)
    visit = clocks.visit(report, handed_on=handed, visited_on=visited) if handed else None
    return Row(report, three, of_lines, reached(report), sending, visit, visits, line_of(report, Kind.AWAY))


def read(found: QuerySet[Any]) -> QuerySet[Any]:
    """What a row needs, read together."""
    return found.select_related(*READ_WITH).prefetch_related("lines", Prefetch("case__visits", Visit.objects.standing(), to_attr="standing_visits"))


def listed(
    scope: Scope, *, today: date, state: str = "", school: str = "", since: date | None = None, text: str = "", whole: bool = False
) -> QuerySet[Any]:
    """Reports of a scope: ``state`` one of STATES, '' for all whose case is open; ``since``: begun not before."""
    found = ThreeLineReport.objects.within(scope)
    narrowed = {
        "to_verify": lambda: found.to_verify(),
        "to_enter": lambda: found.live().having(Kind.PLATFORM, State.READY),
        "unsigned": lambda: found.live().filter(lines__kind__in=[Kind.TOWNSHIP, Kind.BUREAU], lines__state=State.SENT).distinct(),
        "overdue": lambda: found.filter(pk__in=[row.report.pk for row in unfinished(scope, today=today) if row.sending.is_over]),
        "away": lambda: found.live().having(Kind.AWAY, State.DRAFT, State.SENT),
        "complete": lambda: found.filter(pk__in=complete()),
        "all": lambda: found,
    }  # fmt: skip
    chosen = narrowed[state]() if state in narrowed else found.needed()
    chosen = chosen.filter(school_id=school) if school else chosen
    chosen = chosen.filter(begun_on__gte=since) if since else chosen
    chosen = chosen.filter(looked_for(text, whole=whole, to="child__")) if text else chosen
    return chosen.order_by("-begun_on", "-pk")


def complete() -> QuerySet[Any]:
    """The keys of the reports whose three lines are out, as the dashboard counts them."""
    out = Line.objects.filter(kind__in=THREE).exclude(state__in=OPEN).values("report")
    found: QuerySet[Any] = out.annotate(n=Count("pk")).filter(n=len(THREE)).order_by().values("report")
    return found


def unfinished(scope: Scope, *, today: date) -> list[Row]:
    """The reports of a scope of which a line is not out yet."""
    return rows(list(read(ThreeLineReport.objects.within(scope).incomplete())), today=today)


def assigned(scope: Scope, *, today: date, village: str = "") -> list[Row]:
    """The children handed to a township (to a village: its own), those without a visit first, by when it is due."""
    found = ThreeLineReport.objects.assigned_to(scope).live()
    found = found.filter(village_code=village) if village else found
    told = rows(list(read(found)), today=today)
    return sorted(told, key=lambda row: (row.visit is None or row.visit.left is None, row.visit.due if row.visit else today, row.report.pk))


@dataclass(slots=True)
class Waiting:
    """What the three lines leave to a post: (number, school days left of the most urgent one)."""

    verify: tuple[int, int | None] = (0, None)
    enter: tuple[int, int | None] = (0, None)
    sign: int = 0
    visit: tuple[int, int | None] = (0, None)
    send_away: tuple[int, int | None] = (0, None)  # in days of the calendar
    unanswered: int = 0  # letters to other districts past their day
    overdue: int = 0  # reports whose lines are not out in time


def waiting(actor: Actor, *, today: date) -> Waiting:
    """A fixed number of reads for the workbench."""
    told = Waiting()
    if actor.may("view_reports"):
        open_rows = unfinished(actor.scope, today=today)
        told.overdue = sum(row.sending.is_over for row in open_rows)
        told.verify = urgent(row.sending for row in open_rows if row.report.verified_at is None)
        told.enter = urgent(row.sending for row in open_rows if row.report.verified_at)
    if actor.may("view_assignments"):
        told.visit = urgent(row.visit for row in assigned(actor.scope, today=today) if row.visit and row.visit.left is not None)
    if actor.may("sign_receipt"):
        away = Q(kind=Kind.AWAY)
        counted = Line.objects.within(actor.scope).live().not_handed_over().aggregate(
            sign=Count("pk", filter=Q(state=State.SENT) & received_by(actor.scope)), send=Count("pk", filter=away & Q(state=State.DRAFT)),
            send_by=Min("due_on", filter=away & Q(state=State.DRAFT)), owed=Count("pk", filter=away & Q(state=State.SENT, due_on__lt=today)),
        )  # fmt: skip
        told.sign = counted["sign"]
        if actor.may("send_letters"):
            told.unanswered = counted["owed"]
            told.send_away = counted["send"], (counted["send_by"] - today).days if counted["send_by"] else None
    return told


def away_overdue(scope: Scope, *, today: date) -> int:
    """Letters to other districts that are not sent, or not answered, in time."""
    return Line.objects.within(scope).live().not_handed_over().filter(kind=Kind.AWAY, state__in=[State.DRAFT, State.SENT], due_on__lt=today).count()


def urgent(clocks: Any) -> tuple[int, int | None]:
    """How many clocks, and the fewest days left on any."""
    left = [one.left for one in clocks if one.left is not None]
    return len(left), min(left, default=None)
