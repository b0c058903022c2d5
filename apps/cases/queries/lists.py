"""Which cases a post sees, and how many."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.cases.models import Case
from apps.cases.workflow import ENDED, State
from apps.core.scope import Scope
from apps.students.models import Child


def open_states() -> list[str]:
    """States of a case that is not over."""
    return [state.value for state in State if state not in ENDED]


def listed(scope: Scope, *, whole: bool = False, **wanted: Any) -> QuerySet[Case]:
    """Cases of a scope: state (a state, 'open' or 'ended'), origin, township (of the household or the school), school, stage, child, text."""
    rows = Case.objects.within(scope)
    state = wanted.get("state", "")
    if state == "open":
        rows = rows.open()
    elif state == "ended":
        rows = rows.filter(state__in=sorted(ENDED))
    elif state:
        rows = rows.filter(state=state)
    if township := wanted.get("township", ""):
        rows = rows.filter(Q(township_code=township) | Q(school__township_id=township))
    if child := wanted.get("child"):
        rows = rows.filter(child__in=Child.objects.family(int(child)))
    exact = {"origin": "origin", "school": "school_id", "stage": "stage"}
    rows = rows.filter(**{field: wanted[key] for key, field in exact.items() if wanted.get(key)})
    return rows.search(wanted.get("text", ""), whole=whole).select_related("child", "school", "school_class")


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
