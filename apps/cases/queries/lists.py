"""Which cases a post sees, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.cases.models import Case, CaseEntry
from apps.cases.queries.duties import answered_for_by
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import ENDED, OUT, State
from apps.core.scope import Scope
from apps.reconciliation.models import ChildClass, Run
from apps.students.models import Child

DECISIONS = tuple(f"decide_{kind.value}" for kind in Kind)  # tasks (workflow.py) of the second signature
BACK = frozenset({State.RETURNED, State.PLACED, State.MONITORING, State.CLOSED})  # in school again, unless it left once more: then 再次辍学
EXACT = {"origin": "origin", "school": "school_id", "stage": "stage", "cause": "cause", "owner": "owner_role"}
MONITORED = ("unstable", "marginal", "sudden_hardship")
GROUPS = {"lifted_out": ("lifted_out",), "monitored": MONITORED, "goal": ("lifted_out", *MONITORED)}


# What the dashboard counts by the week: into which states a case came.
FLOWS: dict[str, frozenset[str]] = {
    "suspected": frozenset({State.SUSPECTED}),
    "lost": frozenset({State.CONFIRMED, State.REOPENED}), "back": frozenset({State.RETURNED, State.PLACED}),
}  # fmt: skip
# Open cases by how far their next deadline is; every one falls in exactly one.
CLOCKS: dict[str, Callable[[date], Q]] = {
    "late_long": lambda today: Q(due_on__lt=today - timedelta(7)),
    "late": lambda today: Q(due_on__gte=today - timedelta(7), due_on__lt=today),
    "today": lambda today: Q(due_on=today),
    "week": lambda today: Q(due_on__gt=today, due_on__lte=today + timedelta(7)),
    "later": lambda today: Q(due_on__gt=today + timedelta(7)) | Q(due_on=None),
}


def listed(scope: Scope, *, whole: bool = False, today: date | None = None, **wanted: Any) -> QuerySet[Case]:
    """Cases of a scope, the newest first. ``wanted``: state (a state, 'open', 'ended', 'out' or 'back'), origin, township (of the household or the
    school), school, stage, cause, owner (role), decide (waits for a second signature), person (who answers), group (of the newest comparison),
    age (whole years today), climbed (level told last), opened_since, opened_until, overdue, repeat, moved (into a state, since–until), child,
    text. ``today`` is needed for person, age and overdue."""
    rows = in_state(Case.objects.within(scope), wanted.get("state", ""))
    if township := wanted.get("township", ""):
        rows = rows.filter(Q(township_code=township) | Q(school__township_id=township))
    if child := wanted.get("child"):
        rows = rows.filter(child__in=Child.objects.family(int(child)))
    rows = rows.filter(**{field: wanted[key] for key, field in EXACT.items() if wanted.get(key)})
    rows = marked(rows, **wanted)
    if group := wanted.get("group", ""):
        rows = rows.filter(child__in=of_group(scope, group))
    if moved := wanted.get("moved", ""):
        rows = rows.filter(pk__in=moves(target=moved, since=wanted.get("since"), until=wanted.get("until")).values("case_id"))
    if today is not None:
        rows = on_day(rows, scope, today, **wanted)
    found: QuerySet[Case] = rows.search(wanted.get("text", ""), whole=whole).select_related("child", "school", "school_class")
    return found


def marked(rows: Any, **wanted: Any) -> Any:
    """What the case itself says: waits for a signature, a repeat, climbed to a level, opened in a span of days."""
    if wanted.get("decide"):
        rows = rows.open().filter(task__in=DECISIONS)
    if wanted.get("repeat"):
        rows = rows.filter(repeats__gt=0)
    if level := wanted.get("climbed"):
        rows = rows.open().filter(climbed=int(level))
    if since := wanted.get("opened_since"):
        rows = rows.filter(opened_on__gte=since)
    return rows.filter(opened_on__lte=until) if (until := wanted.get("opened_until")) else rows


def in_state(rows: Any, state: str) -> Any:
    """Those in a state, those not over, those over, those out of school (辍学 and not back yet), those back in school, or all."""
    if state == "open":
        return rows.open()
    if state == "ended":
        return rows.filter(state__in=sorted(ENDED))
    if groups := {"out": OUT, "back": BACK}.get(state):
        return rows.filter(state__in=sorted(groups))
    return rows.filter(state=state) if state else rows


def on_day(rows: Any, scope: Scope, today: date, **wanted: Any) -> Any:
    """What depends on the day: overdue, the child's age, who answers for it."""
    if wanted.get("overdue"):
        rows = rows.overdue(today)
    if limit := CLOCKS.get(wanted.get("due", "")):
        rows = rows.open().filter(limit(today))
    if age := wanted.get("age"):
        years = int(age)
        rows = rows.filter(child__birth_date__gt=years_before(today, years + 1), child__birth_date__lte=years_before(today, years))
    if person := wanted.get("person", "").strip():
        rows = answered_for_by(rows, person, district=scope.district, day=today)
    return rows


def moves(*, target: str, since: date | None = None, until: date | None = None) -> QuerySet[CaseEntry]:
    """The lines of the ledgers by which cases came into a state, in a span of days."""
    found: QuerySet[CaseEntry] = CaseEntry.objects.filter(target__in=sorted(FLOWS.get(target, {target})))
    found = found.exclude(source=State.RETURNED, target=State.PLACED) if target in FLOWS else found  # it had come back before it was placed
    found = found.filter(happened_on__gte=since) if since else found
    return found.filter(happened_on__lte=until) if until else found


def years_before(day: date, years: int) -> date:
    """The same day some years ago; 28 February for a 29th that was not there."""
    return day.replace(year=day.year - years, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - years)


def of_group(scope: Scope, group: str) -> QuerySet[Any]:
    """Children of a group of households (脱贫户, 三类监测户) by the newest finished comparison of the district."""
    newest = Run.objects.within(scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED]).order_by("-pk").values("pk")[:1]
    found: QuerySet[Any] = ChildClass.objects.within(scope).filter(run__in=newest, group_kind__in=GROUPS.get(group, ())).values("child_id")
    return found


def goal(scope: Scope) -> tuple[int, int]:
    """The plan's first number, one for every page: cases of children of lifted-out and monitored households who are out of school; to be 0.
    Beside it those who are only suspected. Medical inability and every child that is back stand in other states.

    〔方案一〕除身体原因不具备学习条件外，脱贫户及“三类”监测对象家庭义务教育阶段儿童无失学辍学。
    """
    poor = Case.objects.within(scope).filter(state__in=sorted(OUT | {State.SUSPECTED}), child__in=of_group(scope, "goal"))
    counted = poor.aggregate(out=Count("pk", filter=Q(state__in=sorted(OUT))), suspected=Count("pk", filter=Q(state=State.SUSPECTED)))
    return counted["out"], counted["suspected"]


def others(case: Case, scope: Scope) -> QuerySet[Case]:
    """The other cases of the same child that a scope sees, the newest first."""
    found: QuerySet[Case] = Case.objects.within(scope).filter(child__in=Child.objects.family(case.child_id)).exclude(pk=case.pk)
    return found


def by_township(scope: Scope) -> Counter[str]:
    """Township → its cases that are not over, counted as ``listed`` finds them: by the household's township or the school's."""
    told: Counter[str] = Counter()
    pairs = Case.objects.within(scope).open().values_list("township_code", "school__township_id").annotate(n=Count("pk")).order_by()
    for home, of_school, number in pairs:
        for code in {home, of_school} - {None, ""}:
            told[code] += number
    return told


def by_state(scope: Scope) -> dict[str, int]:
    """State → number of cases of a scope that are not over, in the order of the life of a case."""
    counted = dict(Case.objects.within(scope).open().values_list("state").annotate(n=Count("pk")).order_by())
    return {state.value: counted[state.value] for state in State if state.value in counted}
