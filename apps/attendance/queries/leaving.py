"""Reads over leave slips: how each stands on a day, which are overdue, whose sick leave asks for suspension papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from apps.attendance.models import Leave
from apps.attendance.queries.excuses import covered, family_sql
from apps.core.scope import Actor, Scope
from apps.schools.models import SchoolClass
from apps.students.querysets import looked_for

State = Leave.State
LOOK_BACK = 120  # days: a leave that ended longer ago is a matter of the pupil's case


# How each of some leaves stands that are approved, over and not closed: a roll call after the last day has the pupil there (``came_back``), one has
# it absent without leave (``missed``). Asked once a pupil, not once a leave: the last day of either kind tells it for all its leaves.
STOOD = f"""
WITH over AS MATERIALIZED (
    SELECT v.id, v.last_day, coalesce(c.merged_into_id, c.id) AS person FROM attendance_leave v JOIN students_child c ON c.id = v.child_id
    WHERE v.state = 'approved' AND v.returned_on IS NULL AND v.last_day < %(today)s AND {{which}}
), pupil AS MATERIALIZED (
    SELECT o.person, min(o.last_day) AS since, {family_sql("o.person")} AS family FROM over o GROUP BY o.person
), known AS MATERIALIZED (
    SELECT p.person, (
        SELECT max(r.day) FROM attendance_seat s JOIN attendance_rollcall r ON r.school_class_id = s.school_class_id
        WHERE s.child_id = p.person AND s.last_day IS NULL AND r.day > p.since AND r.day <= %(today)s AND NOT EXISTS (
            SELECT 1 FROM attendance_mark m WHERE m.child_id = ANY(p.family) AND m.day = r.day AND m.code IN ('absent', 'leave'))
    ) AS there_on, (
        SELECT max(m.day) FROM attendance_mark m
        WHERE m.child_id = ANY(p.family) AND m.day > p.since AND m.code IN ('absent', 'leave') AND NOT {covered("m", of="p.family")}
    ) AS missed_on FROM pupil p
)
SELECT o.id, coalesce(k.there_on > o.last_day, false), coalesce(k.missed_on > o.last_day, false) FROM over o JOIN known k USING (person)
"""
# Whoever is not back has an open run; few have, so that few leaves are looked at.
STILL_OUT = """{scope} AND v.last_day >= %(since)s
    AND coalesce(c.merged_into_id, c.id) IN (SELECT r.child_id FROM attendance_absencerun r WHERE r.ended_on IS NULL)"""


def stood(which: str, *, today: date, **values: Any) -> list[tuple[int, bool, bool]]:
    """Of the leaves ``v`` that a condition names, those that are over and not closed: key, came back, missed a day since."""
    with connection.cursor() as cursor:
        cursor.execute(STOOD.format(which=which), {"today": today, **values})
        return [(key, came_back, missed) for key, came_back, missed in cursor.fetchall()]


def standing(leaves: Iterable[Leave], *, today: date) -> list[Any]:
    """Some leaves (a page of them) with ``came_back`` and ``missed``, as STOOD has them; both are False where that is not asked. One read."""
    listed: list[Any] = list(leaves)
    found = {key: (came_back, missed) for key, came_back, missed in stood("v.id = ANY(%(keys)s)", today=today, keys=[leave.pk for leave in listed])}
    for leave in listed:
        leave.came_back, leave.missed = found.get(leave.pk, (False, False))
    return listed


def overdue(scope: Scope, *, today: date) -> list[int]:
    """The keys of approved leaves that ended while the pupil is still absent: no roll call since has shown it back."""
    condition, values = scope.sql("v")
    found = stood(STILL_OUT.format(scope=condition), today=today, since=today - timedelta(LOOK_BACK), **values)
    return [key for key, came_back, missed in found if missed and not came_back]


def listed(scope: Scope, *, today: date, state: str = "open", text: str = "", room: str = "", whole: bool = False) -> QuerySet[Any]:
    """The leaves of a scope in one state: ``open`` (waiting, under way or overdue), ``asked``, ``away``, ``overdue``, '' all."""
    leaves: QuerySet[Any] = Leave.objects.within(scope).filter(looked_for(text, whole=whole, to="child__"))
    if room:
        leaves = leaves.filter(school_class_id=room)
    asked, away = Q(state=State.ASKED), Q(state=State.APPROVED, returned_on=None, last_day__gte=today)
    if state in ("asked", "away"):
        leaves = leaves.filter(asked if state == "asked" else away)
    elif state:
        late = Q(pk__in=overdue(scope, today=today))
        leaves = leaves.filter(late if state == "overdue" else asked | away | late)
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
