"""The dashboard of a bureau, a township or a school: the same figures, narrowed by the scope; a fixed number of reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from apps.attendance.queries import board as rolls
from apps.cases.models import Case
from apps.cases.queries import lists
from apps.cases.workflow import OUT
from apps.core.rights import Right
from apps.core.scope import Actor, Level, Scope
from apps.reconciliation.models import Finding, Run
from apps.reconciliation.queries import board as boards
from apps.schools import queries as places
from apps.schools.models import School, Term

WEEKS = 12  # of the chart
# Of the reports of a term: how many are complete (3/3), and half of these took at most how many days.
LINES = """
SELECT count(*), count(*) FILTER (WHERE x.out = 3), percentile_cont(0.5) WITHIN GROUP (ORDER BY x.days) FILTER (WHERE x.out = 3)
FROM (
    SELECT r.id, count(l.id) FILTER (WHERE l.state NOT IN ('draft', 'ready')) AS out,
        max((l.sent_at AT TIME ZONE 'Asia/Shanghai')::date) - r.begun_on AS days
    FROM reporting_threelinereport r JOIN reporting_line l ON l.report_id = r.id AND l.kind IN ('platform', 'township', 'bureau')
    WHERE r.begun_on >= %(since)s AND {scope} GROUP BY r.id) x
"""
# Into which kind of state how many cases came, in each of some spans of days; a case counts once in a span. Who is placed after it came back came
# back only once.
MOVED = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT e.case_id, k.kind, e.happened_on
    FROM cases_caseentry e JOIN cases_case c ON c.id = e.case_id
    JOIN unnest(%(targets)s::text[], %(kinds)s::text[]) k (target, kind) ON k.target = e.target
    WHERE e.target <> '' AND NOT (e.source = 'returned' AND e.target = 'placed') AND e.happened_on BETWEEN %(first)s AND %(today)s AND {scope})
SELECT 'week' || (happened_on - %(monday)s) / 7, kind, count(DISTINCT case_id) FROM moved WHERE happened_on >= %(monday)s GROUP BY 1, 2
UNION ALL
SELECT s.name, m.kind, count(DISTINCT m.case_id) FROM moved m JOIN unnest(%(names)s::text[], %(days)s::date[]) s (name, since)
    ON m.happened_on >= s.since GROUP BY 1, 2
"""


@dataclass(slots=True)
class Overview:
    """All figures of one dashboard."""

    term: Term | None
    since: date  # first day of the term, else of the calendar year
    week: date  # Monday
    goal: int = 0
    goal_suspected: int = 0
    states: dict[str, int] = field(default_factory=dict)
    overdue: dict[str, int] = field(default_factory=dict)  # late_long (over a week), late, today, week, later
    climbed: dict[int, int] = field(default_factory=dict)  # level of rules/climbing.LADDER told last -> open cases
    flows: dict[str, dict[str, int]] = field(default_factory=dict)  # today, week, term -> lists.FLOWS -> number
    out: int = 0
    back: int = 0  # came back in the term and are back today
    rolls: rolls.Tally | None = None
    lines: tuple[int, int, float | None] = (0, 0, None)  # drafted, complete, median days
    run: Run | None = None
    findings: tuple[int, int] = (0, 0)  # settled, all
    signatures: int = 0
    places: list[tuple[str, str, int, int]] = field(default_factory=list)  # code, name, open cases, overdue
    twice: int = 0  # open cases that count in two of these places, by household and by school
    weeks: list[date] = field(default_factory=list)
    trend: dict[str, list[int]] = field(default_factory=dict)

    @property
    def return_rate(self) -> float | None:
        """劝返率: of those brought back in the term and still there, and those still out, the share of the first; None where there is nobody.
        A child that left again is out, not back."""
        return 100 * self.back / (self.back + self.out) if self.back + self.out else None


def overview(actor: Actor, *, today: date) -> Overview:
    """The dashboard of a post."""
    scope = actor.scope
    term = places.current_term(district=scope.district, day=today)
    since = term.first_day if term else date(today.year, 1, 1)
    found = Overview(term=term, since=since, week=today - timedelta(today.weekday()))
    cases(found, scope, today=today)
    flows(found, scope, today=today)
    found.rolls = rolls.total(rolls.class_days(scope=scope, day=today)) if actor.may(Right.VIEW_ATTENDANCE) or actor.role == "leader" else None
    found.lines = three_lines(scope, since=since)
    comparison(found, scope)
    by_place(found, scope, today=today)
    return found


def cases(found: Overview, scope: Scope, *, today: date) -> None:
    """What is open: the goal, by state, by clock, by how far it climbed."""
    mine = Case.objects.within(scope)
    found.goal, found.goal_suspected = lists.goal(scope)
    found.states = lists.by_state(scope)
    found.out = sum(found.states.get(state.value, 0) for state in OUT)
    found.overdue = mine.open().aggregate(**{name: Count("pk", filter=limit(today)) for name, limit in lists.CLOCKS.items()})
    found.climbed = dict(mine.open().filter(climbed__gt=0).values_list("climbed").annotate(n=Count("pk")).order_by("climbed"))
    found.back = lists.listed(scope, state="back", moved="back", since=found.since, until=today).count()


def flows(found: Overview, scope: Scope, *, today: date) -> None:
    """How many became suspected, were confirmed, came back: today, this week, this term; and week by week. One read of the moves."""
    found.weeks = [found.week - timedelta(7 * n) for n in reversed(range(WEEKS))]
    spans = {"today": today, "week": found.week, "term": found.since}
    kinds = list(lists.FLOWS)
    text, values = scope.sql("c")
    pairs = [(str(target), kind) for kind, targets in lists.FLOWS.items() for target in targets]
    values |= {
        "first": min(found.since, found.weeks[0]), "today": today, "monday": found.weeks[0], "targets": [one for one, _ in pairs],
        "kinds": [kind for _, kind in pairs], "names": list(spans), "days": list(spans.values()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MOVED.format(scope=text), values)
        told = {(span, kind): int(number) for span, kind, number in cursor.fetchall()}
    found.flows = {span: {kind: told.get((span, kind), 0) for kind in kinds} for span in spans}
    found.trend = {kind: [told.get((f"week{n}", kind), 0) for n in range(WEEKS)] for kind in kinds}


def three_lines(scope: Scope, *, since: date) -> tuple[int, int, float | None]:
    """Reports of the term, of these complete, median of days until complete."""
    text, values = scope.sql("r")
    with connection.cursor() as cursor:
        cursor.execute(LINES.format(scope=text), {"since": since, **values})
        drafted, complete, median = cursor.fetchone()
        return int(drafted), int(complete), None if median is None else float(median)


def comparison(found: Overview, scope: Scope) -> None:
    """The newest finished comparison: findings settled, places that signed."""
    ended = Run.objects.within(scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED]).select_related("term")
    found.run = ended.order_by("-pk").first()
    if found.run is None:
        return
    of_run = Finding.objects.within(scope).filter(run=found.run)
    counted = of_run.aggregate(settled=Count("pk", filter=~Q(state=Finding.State.OPEN)), every=Count("pk"))
    found.findings = counted["settled"], counted["every"]
    found.signatures = len(boards.signatures_seen(found.run, scope))


def by_place(found: Overview, scope: Scope, *, today: date) -> None:
    """Open and overdue cases of the places below: townships of a district, schools of a township."""
    if scope.level == Level.DISTRICT:
        names = {town.code: town.name for town in places.townships(scope.district)}
        columns = ("township_code", "school__township_id")
    elif scope.level == Level.TOWNSHIP:
        names = dict(School.objects.within(scope).filter(is_open=True).values_list("code", "name"))
        columns = ("school_id", "school_id")
    else:
        return
    opened: Counter[str] = Counter()
    late: Counter[str] = Counter()
    rows: Any = Case.objects.within(scope).open().values_list(*map(F, columns)).annotate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    for home, at_school, number, overdue in rows.order_by():
        here = {home, at_school} & set(names)
        found.twice += number * (len(here) - 1 if here else 0)
        for code in here:
            opened[code] += number
            late[code] += overdue
    found.places = [(code, name, opened[code], late[code]) for code, name in names.items()]
