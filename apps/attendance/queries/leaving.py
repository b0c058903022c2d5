"""Reads over leave slips: how each stands on a day, which are overdue, whose sick leave asks for suspension papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, Seat
from apps.attendance.queries.excuses import excusing, family
from apps.attendance.rules import MARKS_OF_ABSENCE
from apps.core.scope import Actor, Scope
from apps.schools.models import SchoolClass
from apps.students.querysets import looked_for

State = Leave.State
LOOK_BACK = 120  # days: a leave that ended longer ago is a matter of the pupil's case
ABSENT = sorted(MARKS_OF_ABSENCE)


PERSON = Coalesce("child__merged_into", "child")  # the child a leave is of, or the one this child was merged into since


def marks_after(last_day: str) -> QuerySet[Mark]:
    """Whole days of absence of the outer leave's ``person`` after a day of it."""
    return Mark.objects.filter(child__in=family("person"), day__gt=OuterRef(last_day), code__in=ABSENT)


def standing(leaves: QuerySet[Any], *, today: date) -> QuerySet[Any]:
    """The leaves with ``came_back`` (a roll call after the last day has the pupil there) and ``missed`` (one has it absent without leave).

    Asked only of approved leaves that are over and not closed.
    """
    rooms = Seat.objects.filter(child=OuterRef(OuterRef("person")), last_day=None).values("school_class_id")
    absent = Mark.objects.filter(child__in=family("of"), day=OuterRef("day"), code__in=ABSENT)
    taken = RollCall.objects.annotate(of=ExpressionWrapper(OuterRef("person"), BigIntegerField()))
    there = taken.filter(~Exists(absent), school_class__in=rooms, day__gt=OuterRef("last_day"), day__lte=today)
    over = Q(state=State.APPROVED, returned_on=None, last_day__lt=today)
    told: QuerySet[Any] = leaves.annotate(person=PERSON).annotate(
        came_back=over & Exists(there), missed=over & Exists(marks_after("last_day").filter(~Exists(excusing(OuterRef("day")))))
    )
    return told


def overdue(leaves: QuerySet[Any], *, today: date) -> QuerySet[Any]:
    """Approved leaves that ended while the pupil is still absent: no roll call since has shown it back."""
    still = AbsenceRun.objects.open().values("child")  # whoever is not back has an open run; few have, so that few leaves are looked at
    span = (today - timedelta(LOOK_BACK), today - timedelta(1))
    over = leaves.annotate(person=PERSON).filter(state=State.APPROVED, returned_on=None, last_day__range=span, person__in=still)
    return standing(over, today=today).filter(came_back=False, missed=True)


def listed(scope: Scope, *, today: date, state: str = "open", text: str = "", room: str = "", whole: bool = False) -> QuerySet[Any]:
    """The leaves of a scope in one state: ``open`` (waiting, under way or overdue), ``asked``, ``away``, ``overdue``, '' all."""
    leaves: QuerySet[Any] = Leave.objects.within(scope).filter(looked_for(text, whole=whole, to="child__"))
    if room:
        leaves = leaves.filter(school_class_id=room)
    asked, away = Q(state=State.ASKED), Q(state=State.APPROVED, returned_on=None, last_day__gte=today)
    if state == "overdue":
        leaves = overdue(leaves, today=today)
    elif state in ("asked", "away"):
        leaves = standing(leaves.filter(asked if state == "asked" else away), today=today)
    elif state == "open":
        leaves = standing(leaves.filter(asked | away | Q(pk__in=overdue(Leave.objects.within(scope), today=today).values("pk"))), today=today)
    else:
        leaves = standing(leaves, today=today)
    return leaves.select_related("child", "school", "school_class").order_by("-first_day", "-pk")


def waiting_for(actor: Actor) -> QuerySet[Leave]:
    """The slips this very post has to decide (a higher one may, but is not asked)."""
    return Leave.objects.within(actor.scope).filter(state=State.ASKED, approver=actor.role)


@dataclass(frozen=True, slots=True)
class LongSick:
    """Sick leave without a break: a pupil, from when to when, the slip that reached the limit."""

    child_id: int
    name: str
    room: SchoolClass
    first_day: date
    last_day: date
    leave_id: int


# Slips of sick leave follow one another where no roll call between them shows the pupil there. ``first_day`` of a pupil's oldest slip
# looks back as far as the limit can reach twice. Pupils who are suspended already need no papers any more.
LONG_SICK = """
WITH slips AS (
    SELECT v.id, v.child_id, v.first_day, least(v.last_day, v.returned_on - 1) AS last_day
    FROM attendance_leave v WHERE {scope} AND v.state = 'approved' AND v.kind = 'sick' AND v.last_day >= %(since)s
        AND (v.returned_on IS NULL OR v.returned_on > v.first_day)
), followed AS (
    SELECT s.*, lag(last_day) OVER (PARTITION BY child_id ORDER BY first_day) AS before FROM slips s
), cut AS (
    SELECT f.*, k.school_class_id, f.before IS NULL OR EXISTS (
        SELECT 1 FROM attendance_rollcall r WHERE r.school_class_id = k.school_class_id AND r.day > f.before AND r.day < f.first_day
            AND NOT EXISTS (SELECT 1 FROM attendance_mark m WHERE m.child_id = f.child_id AND m.day = r.day AND m.code IN ('absent', 'leave'))
        ) AS begins
    FROM followed f JOIN attendance_seat k ON k.child_id = f.child_id AND k.last_day IS NULL AND k.away = ''
), spells AS (
    SELECT c.*, count(*) FILTER (WHERE begins) OVER (PARTITION BY child_id ORDER BY first_day) AS spell FROM cut c
)
SELECT p.child_id, c.name, p.school_class_id, min(p.first_day), max(p.last_day), max(p.id) FROM spells p JOIN students_child c ON c.id = p.child_id
GROUP BY p.child_id, c.name, p.school_class_id, p.spell
HAVING max(p.last_day) >= %(recent)s AND max(p.last_day) - min(p.first_day) + 1 >= %(limit)s ORDER BY 4, 1
"""


def long_sick(scope: Scope, *, today: date, limit: int) -> list[LongSick]:
    """The pupils of a scope whose sick leave, under way or ended within a month, is long enough for 休学 papers."""
    condition, values = scope.sql("v")
    values |= {"since": today - timedelta(2 * limit), "recent": today - timedelta(30), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(LONG_SICK.format(scope=condition), values)
        rows = cursor.fetchall()
    rooms = SchoolClass.objects.select_related("school").in_bulk([row[2] for row in rows])
    return [LongSick(child, name, rooms[room], first, last, leave) for child, name, room, first, last, leave in rows]
