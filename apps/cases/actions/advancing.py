"""Moves that happen by themselves when their needs hold: set by set, at once after what made them hold, and every night."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.attendance.actions.seating import seat_by_hand
from apps.attendance.models import Seat
from apps.audit.actions import event, record_all
from apps.cases.actions import clocks
from apps.cases.models import Assignment, Case, CaseEntry, Placement
from apps.cases.queries.facts import book
from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import Placing, by_lessons
from apps.cases.workflow import State, missing, ways
from apps.core.scope import SYSTEM, Actor
from apps.schools.policy import Policy
from apps.students.models import Child


@transaction.atomic
def advance(*, today: date, now: datetime, cases: Collection[int] | None = None) -> int:
    """Begin the watching of returned and placed children whose plan has begun (of some cases, or of all); safe to repeat. Returns how many.

    〔方案二（五）〕留得住；跟踪巩固自动开始（DOMAIN §4）。"""
    begun = Placement.objects.filter(ended_on=None, first_day__lte=today)
    found = Case.objects.filter(state__in=[State.RETURNED.value, State.PLACED.value], pk__in=begun.values("case"))
    return len(move_many(found=found if cases is None else found.filter(pk__in=cases), target=State.MONITORING, today=today, now=now, after=seat))


@transaction.atomic
def begin_persuading(*, today: date, now: datetime, cases: Collection[int] | QuerySet[Any] | None = None, by: Actor = SYSTEM) -> int:
    """Begin the persuasion of confirmed and reopened children (of some cases, or of all) whose township stands charged and whose people have all
    been named since, at a village or a school or with the school itself; safe to repeat. Returns how many. 〔方案二（三）2〕乡镇主体劝返责任"""
    charged = Assignment.objects.filter(level=Assignment.Level.TOWNSHIP, ended_at=None)
    found = Case.objects.filter(state__in=[State.CONFIRMED.value, State.REOPENED.value], pk__in=charged.values("case"))
    return len(move_many(found=found if cases is None else found.filter(pk__in=cases), target=State.PERSUADING, today=today, now=now, by=by))


def move_many(
    *, found: QuerySet[Case], target: State, today: date, now: datetime, after: Callable[..., None] | None = None, by: Actor = SYSTEM
) -> list[Case]:
    """Bring those of some cases for which the system's way to a state is open there: one write, a line in every ledger, the clocks, the log. It is
    ``by``'s move where the table gives it to that post, else the system's. ``after`` is called with the moved cases. Returns them."""
    locked = list(found.select_for_update(of=("self",), no_key=True).select_related("child", "school", "school_class").order_by("pk"))
    moved: list[Case] = []
    numbers: dict[str, Policy] = {}
    by_district: dict[str, list[Case]] = defaultdict(list)
    for case in locked:
        by_district[case.district_code].append(case)
    for rows in by_district.values():
        known = book(rows, today=today)
        numbers[rows[0].district_code] = known.numbers
        moved += [case for case in rows if open_way(case, target, known.facts[case.pk], known.numbers)]
    if not moved:
        return []
    Case.objects.filter(pk__in=[case.pk for case in moved]).update(state=target.value, state_since=today, progress_on=today)
    CaseEntry.objects.bulk_create(line(case, target, numbers[case.district_code], by=by, today=today, now=now) for case in moved)
    if after:
        after(moved, today=today, now=now)
    clocks.refresh(cases=[case.pk for case in moved], today=today)
    said = f"个案 → {target.label}（自动）"
    record_all(event("move_case", said, by=mover(case, target, by), object_kind="case", object_id=case.pk, child_id=case.child_id) for case in moved)
    return moved


def open_way(case: Case, target: State, facts: Facts, numbers: Policy) -> bool:
    """Whether the system may take a case to a state now."""
    return any("system" in way.roles and not missing(way, facts, numbers) for way in ways(case.standing, target))


def mover(case: Case, target: State, by: Actor) -> Actor:
    """Whose a step of the system is: a post's that has just made it possible and may take it, else nobody's but the system's."""
    return by if any(by.role in way.roles and "system" in way.roles for way in ways(case.standing, target)) else SYSTEM


def line(case: Case, target: State, numbers: Policy, *, by: Actor, today: date, now: datetime) -> CaseEntry:
    """The line of the ledger that says so."""
    way, who = next(way for way in ways(case.standing, target) if "system" in way.roles), mover(case, target, by)
    said = f"{case.standing.label} → {target.label}：{numbers.fill(way.guard)}"
    return CaseEntry(
        case=case, kind=CaseEntry.Kind.MOVED, text=said, happened_on=today, written_at=now,
        by_name=who.name, by_title=who.title, source=case.state, target=target.value, is_progress=True,
    )  # fmt: skip


def seat(cases: Sequence[Case], *, today: date, now: datetime) -> None:
    """Roll calls expect the children in the class of their placement, or, taught apart, not any more."""
    for one in Placement.objects.filter(case__in=cases, ended_on=None).select_related("school_class__school", "case__school_class__school"):
        seat_placed(one, today=today, now=now)


def seat_placed(placement: Placement, *, today: date, now: datetime) -> None:
    """The seat that a placement which has begun gives the child; none where neither it nor the case names a class."""
    room = placement.school_class or placement.case.school_class
    if room is None:
        return
    away = ""
    if by_lessons(placement.kind):
        away = Seat.Away.HOME_TEACHING if placement.kind == Placing.HOME_TEACHING else Seat.Away.OTHER
    seat_by_hand(child=Child.objects.standing_for(placement.case.child_id).get(), room=room, today=today, now=now, away=away)
