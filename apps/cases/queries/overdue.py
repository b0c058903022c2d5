"""What is overdue with a post, and what climbed to it: the first thing on its workbench."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, QuerySet

from apps.cases.models import Case
from apps.cases.rules.climbing import LADDER
from apps.core.scope import Actor, Level

MOST = 5  # children a workbench names
HEARS = {role: level for level, (roles, _) in enumerate(LADDER) for role in roles.split() if level}  # role -> its level of the ladder
OWNERS = ("head_teacher", "principal", "township", "bureau")  # roles of tasks


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many cases are overdue with a post and how many climbed to it, and the most urgent of both."""

    own: int = 0
    climbed: int = 0
    urgent: list[Case] = field(default_factory=list)


def own_overdue(actor: Actor, *, today: date) -> QuerySet[Case]:
    """Overdue with the post; of a village: handed on to it and overdue; of a post that owns no task: all of its scope, to look on."""
    late = Case.objects.within(actor.scope).overdue(today)
    if actor.scope.level == Level.VILLAGE:
        mine = Q(assignments__region_code=actor.scope.village, assignments__ended_at=None)
        unsigned = Q(assignments__accepted_at=None, assignments__accept_by__lt=today)
        return Case.objects.within(actor.scope).open().filter(mine & (unsigned | Q(due_on__lt=today)))
    if actor.role in OWNERS:
        return late.owned_by(actor.role, actor.scope)
    return late if actor.role not in HEARS else late.none()


def climbed_to(actor: Actor) -> QuerySet[Case]:
    """What climbed to the post's level of the ladder."""
    level = HEARS.get(actor.role)
    return Case.objects.within(actor.scope).climbed_to(level) if level else Case.objects.none()


def overdue(actor: Actor, *, today: date) -> Overdue:
    """For the workbench: three reads, whatever the number of cases."""
    mine, above = own_overdue(actor, today=today), climbed_to(actor)
    both = Case.objects.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=above.values("pk"))).select_related("child", "school", "school_class")
    urgent = list(in_order(both)[:MOST])
    return Overdue(mine.count(), above.count(), urgent) if urgent else Overdue()


def in_order(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The most urgent first: how far it climbed, then how long it is overdue."""
    return cases.order_by("-climbed", F("due_on").asc(nulls_last=True), "pk")
