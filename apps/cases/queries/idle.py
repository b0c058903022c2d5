"""Open cases for which nothing was done: how long, and how far up the ladder that reaches. A fixed number of reads, however many cases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.cases.models import Case, Climb, Proposal
from apps.cases.rules import climbing
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import STAY, WAITING, idle_since
from apps.schools.policy import Policy


@dataclass(frozen=True, slots=True)
class Idle:
    """A case, the last progress it rests on, from when its idle days count and how many they are, how far up the ladder that reaches, and
    the levels that have not been told of this stretch yet, lowest first."""

    case: Case
    since: date
    begun: date
    days: int
    level: int
    untold: tuple[int, ...]


def idle(district: str, *, today: date, numbers: Policy) -> list[Idle]:
    """The open cases of a district of which somebody must be told today, or that stand lower than they have climbed."""
    first = today - timedelta(numbers["escalate_first_days"])
    stale = Case.objects.open().filter(district_code=district).alias(since=Coalesce("progress_on", "opened_on")).filter(since__lte=first)
    waits = (Q(state__in=sorted(WAITING)) | Q(task=STAY)) & (Q(due_on=None) | Q(due_on__gt=first))
    cases = list(stale.exclude(waits).select_related("child", "school").order_by("pk"))
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    agreed = Proposal.objects.filter(case__in=cases, kind=Kind.PAUSE, verdict=Proposal.Verdict.AGREED, first_day__isnull=False, until__isnull=False)
    for case, begun, until in agreed.values_list("case_id", "first_day", "until"):
        spans[case].append((begun, until))
    told = set(Climb.objects.filter(case__in=cases).values_list("case_id", "level", "since"))
    found = [_idle(case, spans[case.pk], told, today=today, numbers=numbers) for case in cases]
    return [one for one in found if one.untold or one.level > one.case.climbed]


def _idle(case: Case, pauses: list[tuple[date, date]], told: set[tuple[int, int, date]], *, today: date, numbers: Policy) -> Idle:
    since = case.last_progress
    begun = idle_since(case.standing, task=case.task, progress_on=since, due_on=case.due_on)
    days = climbing.idle_days(begun, today=today, pauses=pauses, most=numbers["pause_total_days"])
    place = {"has_school": case.school_id is not None, "has_township": bool(township_of(case))}
    levels = sorted({climbing.rung(level, **place) for level in range(1, climbing.climbed(days, numbers=numbers) + 1)})
    return Idle(case, since, begun, days, max(levels, default=0), tuple(level for level in levels if (case.pk, level, since) not in told))


def township_of(case: Case) -> str:
    """The township of a case: of the household where it lies in this district, else of the school; '' where neither is known."""
    if case.township_code.startswith(case.district_code):
        return case.township_code
    return case.school.township_id if case.school else ""


def townships_of(case: Case) -> list[str]:
    """The townships of this district that see a case, the household's first: only they can be charged with it."""
    codes = [case.township_code, case.school.township_id if case.school else ""]
    return [code for code in dict.fromkeys(codes) if code and code.startswith(case.district_code)]
