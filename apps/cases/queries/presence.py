"""How often children came since a day, by the roll calls: for many cases in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.attendance.queries.excuses import covered, family_sql
from apps.cases.queries.persons import PERSON

# A whole day counts as present where the class was called and nothing says that the child was away, on leave or there for half a day.
PRESENCE = f"""
WITH wanted AS (
    SELECT u.case_id, u.since, {family_sql(PERSON.format("k.child_id"))} AS family
    FROM unnest(%(cases)s::bigint[], %(since)s::date[]) AS u (case_id, since) JOIN cases_case k ON k.id = u.case_id
)
SELECT w.case_id, count(DISTINCT r.day), count(DISTINCT r.day) FILTER (WHERE NOT EXISTS (
    SELECT 1 FROM attendance_mark m WHERE m.child_id = ANY(w.family) AND m.day = r.day AND m.code IN ('absent', 'leave', 'half')))
FROM wanted w
JOIN attendance_seat s ON s.child_id = ANY(w.family) AND s.away = ''
JOIN attendance_rollcall r ON r.school_class_id = s.school_class_id
    AND r.day BETWEEN greatest(s.first_day, w.since) AND least(coalesce(s.last_day, %(today)s), %(today)s)
GROUP BY w.case_id
"""


def presence(since: Mapping[int, date], *, today: date) -> dict[int, tuple[int, int]]:
    """Case -> (school days on which its child's class was called since a day, days of these on which the child was there the whole day)."""
    if not since:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PRESENCE, {"cases": list(since), "since": list(since.values()), "today": today})
        return {case: (called, came) for case, called, came in cursor.fetchall()}


MISSED = f"""
SELECT DISTINCT ON (m.day) m.day, m.code, {{covered}} FROM attendance_mark m
JOIN attendance_rollcall r ON r.id = m.roll_call_id
JOIN attendance_seat s ON s.child_id = m.child_id AND s.school_class_id = r.school_class_id AND s.away = ''
    AND m.day >= s.first_day AND m.day <= coalesce(s.last_day, m.day)
WHERE m.child_id = ANY({family_sql("%(child)s")}) AND m.day BETWEEN %(since)s AND %(today)s AND m.code IN ('absent', 'leave', 'half')
ORDER BY m.day, m.child_id
"""


def missed(child: int, *, since: date, today: date) -> list[tuple[date, str, bool]]:
    """(day, code of the roll call, whether an approved leave covers it) of the days since a day on which a child was not there the whole day."""
    with connection.cursor() as cursor:
        cursor.execute(MISSED.format(covered=covered("m")), {"child": child, "since": since, "today": today})
        return list(cursor.fetchall())


SEATED = f"""
SELECT s.first_day, s.away, c.grade, c.name, h.name FROM attendance_seat s JOIN schools_schoolclass c ON c.id = s.school_class_id
JOIN schools_school h ON h.code = s.school_code
WHERE s.child_id = ANY({family_sql("%(child)s")}) AND s.last_day IS NULL ORDER BY s.first_day DESC, s.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Seated:
    """On which list of a class a child stands since when; ``away``: roll calls do not expect it there."""

    since: date
    away: str
    grade: int
    room: str
    school: str


def seated(child: int) -> Seated | None:
    """Where a child (or one merged into it) sits; None where no roll call asks for it."""
    with connection.cursor() as cursor:
        cursor.execute(SEATED, {"child": child})
        row = cursor.fetchone()
        return Seated(*row) if row else None
