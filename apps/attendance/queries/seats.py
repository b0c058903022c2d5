"""Who belongs to which class, pulled from the registers: the class list a school handed in, or else the enrolment's class."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

# Enrolments that expect nobody in class any more; a child in a class list is expected whatever its enrolment says.
LEFT = "('graduated', 'completed', 'incomplete', 'dead', 'transferred_out')"
BACK = "已复学|已返校|已到校"
AWAY = f"""CASE
    WHEN e.kind = 'attending' AND e.remark ~ '休学' AND e.remark !~ '{BACK}' THEN 'suspension'
    WHEN e.kind = 'attending' AND e.remark ~ '送教' AND e.remark !~ '{BACK}' THEN 'home_teaching'
    WHEN e.kind = 'attending' THEN ''
    WHEN e.state = 'suspension' THEN 'suspension'
    WHEN e.state = 'home_teaching' OR e.details ->> 'boarding' = 'home_teaching' THEN 'home_teaching'
    WHEN e.state = 'deferral' THEN 'other' ELSE '' END"""
# A seat given by hand stands until a line about the child is handed in that is newer than it.
BY_HAND = "h.entered_at IS NOT NULL AND (w.handed_in IS NULL OR w.handed_in <= h.entered_at)"
CHANGED = f"""
CREATE TEMP TABLE reseated ON COMMIT DROP AS
WITH wanted AS (
    SELECT DISTINCT ON (child_id) * FROM (
        SELECT coalesce(c.merged_into_id, c.id) AS child_id, e.school_class_id, e.school_code, {AWAY} AS away, e.kind = 'attending' AS sits,
            e.id, u.committed_at AS handed_in
        FROM registers_entry e JOIN students_child c ON c.id = e.child_id JOIN registers_upload u ON u.id = e.upload_id
        WHERE e.district_code = %(district)s AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL AND e.school_class_id IS NOT NULL
            AND (e.kind = 'attending' OR e.kind = 'enrollment' AND e.state NOT IN {LEFT})) e
    ORDER BY child_id, sits DESC, id DESC
), held AS (
    SELECT s.id, s.child_id, s.school_class_id, s.away, s.first_day, s.entered_at,
        %(day)s + EXISTS (SELECT 1 FROM attendance_rollcall r WHERE r.school_class_id = s.school_class_id AND r.day = %(day)s)::int AS cut
    FROM attendance_seat s WHERE s.district_code = %(district)s AND s.last_day IS NULL
)
SELECT coalesce(w.child_id, h.child_id) AS child_id, w.school_class_id, w.school_code, w.away, h.id AS old, h.first_day AS old_first, h.cut
FROM wanted w FULL JOIN held h ON h.child_id = w.child_id WHERE (w.school_class_id, w.away) IS DISTINCT FROM (h.school_class_id, h.away)
    AND NOT coalesce({BY_HAND}, false)
"""
# A seat that was never lived in is taken back; any other ends the day before the new one begins.
TAKEN_BACK = "DELETE FROM attendance_seat s USING reseated r WHERE s.id = r.old AND r.old_first >= r.cut"
ENDED = "UPDATE attendance_seat s SET last_day = r.cut - 1 FROM reseated r WHERE s.id = r.old AND r.old_first < r.cut"
# The first list of a class holds from the first day of the term; who comes later sits from that day on; nobody sits in two seats on one day.
SEATED = """
INSERT INTO attendance_seat (child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, away)
SELECT r.child_id, c.district_code, c.township_code, c.village_code, r.school_code, r.school_class_id,
    greatest(before.last_day + 1, CASE WHEN r.old IS NOT NULL THEN greatest(r.cut, %(day)s)
        WHEN k.school_class_id IS NULL THEN least(%(first)s, %(day)s) ELSE %(day)s END), r.away
FROM reseated r JOIN students_child c ON c.id = r.child_id
LEFT JOIN LATERAL (SELECT max(s.last_day) AS last_day FROM attendance_seat s WHERE s.child_id = r.child_id) before ON true
LEFT JOIN (SELECT DISTINCT school_class_id FROM attendance_seat WHERE district_code = %(district)s) k ON k.school_class_id = r.school_class_id
WHERE r.school_class_id IS NOT NULL
"""


def seat_changes(*, district: str, day: date, first_day: date) -> tuple[int, int]:
    """Bring the seats of a district in line with its registers on a day: how many seats ended, how many began. In one transaction."""
    values: dict[str, Any] = {"district": district, "day": day, "first": first_day}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS reseated")
        cursor.execute(CHANGED, values)
        cursor.execute(TAKEN_BACK)
        ended = cursor.rowcount
        cursor.execute(ENDED)
        ended += cursor.rowcount
        cursor.execute(SEATED, values)
        return ended, cursor.rowcount


def registers_state(district: str) -> str:
    """A word that changes whenever a register of the district was committed or taken back, or two children turned out to be one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws('.', max(committed_seq), count(*) FILTER (WHERE state = 'committed'), count(*) FILTER (WHERE state = 'undone'),"
            " (SELECT concat_ws('.', count(*), sum(id)) FROM students_child WHERE merged_into_id IS NOT NULL AND district_code = %(district)s))"
            " FROM registers_upload WHERE district_code = %(district)s",
            {"district": district},
        )
        return str(cursor.fetchone()[0])
