"""What is overdue with a post, what climbed to it, and what is due next: the first thing on its workbench."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, QuerySet

from apps.cases.models import Assignment, Case
from apps.cases.rules.climbing import LADDER
from apps.cases.workflow import PAPER_CODES, TASKS
from apps.core.scope import Actor, Level

READ_WITH = ("child", "school", "school_class")
CHARGED = ("township", "village")  # roles to which cases are handed
MOST = 5  # children a workbench names
HEARS = {role: level for level, (roles, _) in enumerate(LADDER) for role in roles.split() if level}  # role -> its level of the ladder
OWNERS = frozenset(task.role for tasks in TASKS.values() for task in tasks)


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many cases are overdue with a post and how many climbed to it, and the most urgent of both; what is due next, the nearest first."""

    own: int = 0
    climbed: int = 0
    urgent: list[Case] = field(default_factory=list)
    ahead: int = 0  # due next
    following: list[Case] = field(default_factory=list)


def own_overdue(actor: Actor, *, today: date) -> QuerySet[Case]:
    """Overdue with the post: its own tasks, and what was handed to its township or village and is not signed for in time; of a village all that was
    handed on to it and is overdue (where a paper of the township is due first: the visit); of a post that owns no task: all of its scope."""
    cases = Case.objects.within(actor.scope)
    late = cases.overdue(today)
    if actor.role not in CHARGED:
        return late.owned_by(actor.role, actor.scope) if actor.role in OWNERS else late.none() if actor.role in HEARS else late
    place = Q(region_code=actor.scope.village or actor.scope.township, ended_at=None)
    paper = Q(case__task__in=PAPER_CODES)  # due first, and no village can clear it
    missed = Q(case__due_on__lt=today) & ~paper | Q(case__try_on__lt=today) & paper
    handed = Assignment.objects.filter(place, Q(accepted_at=None, accept_by__lt=today) | Q(level=Assignment.Level.VILLAGE) & missed)
    own = late.owned_by(actor.role, actor.scope)
    return cases.open().filter(Q(pk__in=own.values("pk")) | Q(pk__in=handed.values("case")))


def coming(actor: Actor, *, today: date) -> QuerySet[Case]:
    """Due next with the post, not overdue: its own tasks; of a village what was handed on to it; of a post that hears without owning a task what
    climbs to it next; of any other post all of its scope, to look on."""
    found = Case.objects.within(actor.scope).open()
    ahead = found.filter(due_on__gte=today)
    if actor.role in OWNERS:
        return ahead.owned_by(actor.role, actor.scope)
    if actor.scope.level == Level.VILLAGE:
        handed = Assignment.objects.filter(region_code=actor.scope.village, ended_at=None).values("case")
        paper = Q(task__in=PAPER_CODES)
        return found.filter(~paper & Q(due_on__gte=today) | paper & Q(try_on__gte=today), pk__in=handed)
    if level := HEARS.get(actor.role):
        return found.filter(climbed__gte=max(level - 2, 1), climbed__lt=level)
    return ahead


def climbed_to(actor: Actor) -> QuerySet[Case]:
    """What climbed to the post's level of the ladder."""
    level = HEARS.get(actor.role)
    return Case.objects.within(actor.scope).climbed_to(level) if level else Case.objects.none()


def overdue(actor: Actor, *, today: date) -> Overdue:
    """For the workbench: six reads, whatever the number of cases; its own come first."""
    mine, above = own_overdue(actor, today=today), climbed_to(actor)
    urgent = list(in_order(mine).select_related(*READ_WITH)[:MOST])
    others = above.exclude(pk__in=[case.pk for case in urgent])
    urgent += in_order(others).select_related(*READ_WITH)[: MOST - len(urgent)]
    ahead = coming(actor, today=today)
    following = by_deadline(ahead.exclude(pk__in=[case.pk for case in urgent])).select_related(*READ_WITH)
    return Overdue(mine.count(), above.count(), urgent, ahead.count(), list(following[:MOST]))


def by_deadline(cases: QuerySet[Case]) -> QuerySet[Case]:
    """What is due first stands first."""
    return cases.order_by(F("due_on").asc(nulls_last=True), "pk")


def in_order(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The most urgent first: how far it climbed, then how long it is overdue."""
    return cases.order_by("-climbed", F("due_on").asc(nulls_last=True), "pk")
