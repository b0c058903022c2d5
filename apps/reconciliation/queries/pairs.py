"""The queue of doubtful pairs, with what persons have said of them."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.core.scope import Scope
from apps.reconciliation.models import DoubtfulPair, PairDecision, Run

SIDES = {f"{side}_{name}": OuterRef(f"{side}__{name}") for side in ("left", "right") for name in ("kind", "unit", "key")}


def queue(run: Run | None, scope: Scope) -> QuerySet[Any]:
    """The pairs of a run that a post may judge, the likeliest first; ``said`` is the answer so far ('' where none).

    A frozen run keeps its own answers; what was said since stands in ``PairDecision`` alone and waits for the next run.
    """
    since = PairDecision.objects.filter(district_code=OuterRef("run__district_code"), **SIDES).values("answer")[:1]
    later: Coalesce = Coalesce(Subquery(since), "answer") if run and run.is_frozen else Coalesce("answer", Value(""))
    rows: QuerySet[Any] = DoubtfulPair.objects.within(scope).filter(run=run).annotate(said=later)
    return rows


def waiting(run: Run | None, scope: Scope) -> int:
    """How many pairs of a run nobody has said anything of."""
    return queue(run, scope).filter(said=DoubtfulPair.Answer.OPEN).count()


def of_lines(run: Run, scope: Scope, keys: list[int]) -> DoubtfulPair | None:
    """The likeliest doubt of a run about one of these lines."""
    rows = DoubtfulPair.objects.within(scope).filter(run=run)
    found: DoubtfulPair | None = rows.filter(Q(left__in=keys) | Q(right__in=keys)).first()
    return found
