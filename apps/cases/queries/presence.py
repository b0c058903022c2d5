"""How often children came since a day, by the roll calls: for many cases in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import connection

from apps.attendance.queries.excuses import family_sql

# A whole day counts as present where the class was called and nothing says that the child was away, on leave or there for half a day.
PRESENCE = f"""
WITH wanted AS (
    SELECT u.case_id, u.since, {family_sql("k.child_id")} AS family
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
