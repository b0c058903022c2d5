"""Who belongs to which class, pulled from the registers: the class list a school handed in, or else the enrolment's class."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from apps.attendance.queries.excuses import family_sql

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


# The lines of some children that no newer one replaced; said so that the index of a unit's standing lines, which reads a whole register, is no way.
LINES_OF = "FROM registers_entry e WHERE e.child_id = ANY({0}) AND coalesce(e.superseded_by_id, 0) = 0"


def still_lists(child: str, school: str, *, in_case: str, by_hand: str) -> str:
    """SQL: a school still has a child: it stands in its class list; or it was never let go from there and is enrolled, or seated by hand, at the
    school. A list the child was never on lets it go as well, unless it has an open case: the lost child is missing from just that list."""
    line = f"{LINES_OF.format(family_sql(child))} AND e.school_code = {school}"
    lists = f"""EXISTS (SELECT 1 FROM registers_entry e JOIN students_child c ON c.id = {child} AND c.district_code = e.district_code
        WHERE e.kind = 'attending' AND e.unit = {school} AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL)"""
    return f"""(EXISTS (SELECT 1 {line} AND e.kind = 'attending' AND e.ended_by_id IS NULL)
        OR NOT EXISTS (SELECT 1 {line} AND e.kind = 'attending' AND e.ended_by_id IS NOT NULL) AND ({by_hand}
            OR ({in_case} OR NOT {lists})
                AND EXISTS (SELECT 1 {line} AND e.kind = 'enrollment' AND e.ended_by_id IS NULL AND e.state NOT IN {LEFT})))"""


# ``kept``: children with an open case (above, in cases: %(cases)s) or an absence that goes on. A class list alone takes them neither to another
# school, as long as theirs still has them (``stays``), nor off the roll calls: any registrar could take over a case, or end a run before the third
# day. An approved paper (%(excused)s) may. A state 休学 of 国网 is no such paper either: it comes by the same registrar's file.
CHANGED = f"""
CREATE TEMP TABLE wanted ON COMMIT DROP AS
WITH held AS MATERIALIZED (
    SELECT s.id, s.child_id, s.school_class_id, s.school_code, s.away, s.first_day, s.entered_at,
        %(day)s + EXISTS (SELECT 1 FROM attendance_rollcall r WHERE r.school_class_id = s.school_class_id AND r.day = %(day)s)::int AS cut
    FROM attendance_seat s WHERE s.district_code = %(district)s AND s.last_day IS NULL
), kept AS MATERIALIZED (
    SELECT child_id, bool_or(in_case) AS in_case FROM (
        SELECT unnest(%(cases)s::bigint[]) AS child_id, true AS in_case
        UNION ALL SELECT coalesce(c.merged_into_id, c.id), false FROM attendance_absencerun a JOIN students_child c ON c.id = a.child_id
        WHERE a.district_code = %(district)s AND a.ended_on IS NULL) k GROUP BY 1
), stays AS MATERIALIZED (
    SELECT k.child_id, h.school_code, (SELECT max(e.school_code) {LINES_OF.format(family_sql("k.child_id"))}
            AND e.kind = 'attending' AND e.ended_by_id IS NULL AND e.school_class_id IS NOT NULL AND e.school_code <> h.school_code) AS claimed_by
    FROM kept k JOIN held h ON h.child_id = k.child_id
    WHERE {still_lists("k.child_id", "h.school_code", in_case="k.in_case", by_hand="h.entered_at IS NOT NULL")}
), lines AS (
    SELECT coalesce(c.merged_into_id, c.id) AS child_id, e.school_class_id, e.school_code, {AWAY} AS away, e.kind = 'attending' AS sits,
        e.id, u.committed_at AS handed_in
    FROM registers_entry e JOIN students_child c ON c.id = e.child_id JOIN registers_upload u ON u.id = e.upload_id
    WHERE e.district_code = %(district)s AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL AND e.school_class_id IS NOT NULL
        AND (e.kind = 'attending' OR e.kind = 'enrollment' AND e.state NOT IN {LEFT})
), named AS (
    SELECT DISTINCT ON (l.child_id) l.*, s.school_code AS stays_at, s.claimed_by FROM lines l LEFT JOIN stays s ON s.child_id = l.child_id
    ORDER BY l.child_id, l.school_code = s.school_code DESC, l.sits DESC, l.id DESC
)
SELECT coalesce(w.child_id, h.child_id) AS child_id, w.school_class_id, w.school_code, w.stays_at, w.claimed_by,
    CASE WHEN w.away <> '' AND k.child_id IS NOT NULL AND w.child_id <> ALL(%(excused)s::bigint[]) THEN coalesce(h.away, '') ELSE w.away END AS away,
    w.away AS said, k.in_case, h.id AS old, h.school_code AS old_school, h.school_class_id AS old_class, h.away AS old_away, h.first_day AS old_first,
    h.cut, coalesce({BY_HAND}, false) AS by_hand
FROM named w FULL JOIN held h ON h.child_id = w.child_id LEFT JOIN kept k ON k.child_id = w.child_id;
CREATE TEMP TABLE reseated ON COMMIT DROP AS
SELECT * FROM wanted WHERE (school_class_id, away) IS DISTINCT FROM (old_class, old_away) AND NOT by_hand AND coalesce(stays_at = school_code, true)
"""
# What a class list says and does not get: a child that another school has, a state without its paper.
WAITING = """
SELECT w.child_id, c.name, coalesce(w.old_school, w.school_code), w.stays_at, w.claimed_by, w.away <> w.said
FROM wanted w JOIN students_child c ON c.id = w.child_id
WHERE w.claimed_by IS NOT NULL OR w.away <> w.said AND NOT w.by_hand ORDER BY w.child_id
"""
MOVED = """
SELECT r.child_id, c.name, r.old_school, r.school_code FROM reseated r JOIN students_child c ON c.id = r.child_id
WHERE r.school_code <> r.old_school ORDER BY r.old_school, r.child_id
"""
# A seat that was never lived in is taken back; any other ends the day before the new one begins.
TAKEN_BACK = "DELETE FROM attendance_seat s USING reseated r WHERE s.id = r.old AND r.old_first >= r.cut"
ENDED = "UPDATE attendance_seat s SET last_day = r.cut - 1 FROM reseated r WHERE s.id = r.old AND r.old_first < r.cut"
# The first list of a class holds from the first day of the term; who comes later, or has an open case, sits from that day on; nobody sits in two
# seats on one day.
SEATED = """
INSERT INTO attendance_seat (child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, away)
SELECT r.child_id, c.district_code, c.township_code, c.village_code, r.school_code, r.school_class_id,
    greatest(before.last_day + 1, CASE WHEN r.old IS NOT NULL THEN greatest(r.cut, %(day)s) WHEN r.in_case THEN %(day)s
        WHEN k.school_class_id IS NULL THEN least(%(first)s, %(day)s) ELSE %(day)s END), r.away
FROM reseated r JOIN students_child c ON c.id = r.child_id
LEFT JOIN LATERAL (SELECT max(s.last_day) AS last_day FROM attendance_seat s WHERE s.child_id = r.child_id) before ON true
LEFT JOIN (SELECT DISTINCT school_class_id FROM attendance_seat WHERE district_code = %(district)s) k ON k.school_class_id = r.school_class_id
WHERE r.school_class_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Who has an open case, and who is away by an approved paper that is in force: the upper app says so (cases/queries/following.py)."""

    cases: Collection[int] = ()
    excused: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a class list says of a child at a school and does not get: that another one keeps it (``stays_at``, ``claimed_by``); that it stays on the
    roll calls (``is_kept_on``)."""

    child: int
    name: str
    school: str
    stays_at: str | None
    claimed_by: str | None
    is_kept_on: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A child that went to the class list of another school."""

    child: int
    name: str
    from_school: str
    school: str


@dataclass(frozen=True, slots=True)
class Seated:
    """What became of a district's seats: how many ended, how many began, who changed school, and what waits."""

    ended: int
    begun: int
    moved: list[Moved]
    waiting: list[Waiting]


def seat_changes(*, district: str, day: date, first_day: date, held: Held) -> Seated:
    """Bring the seats of a district in line with its registers on a day. In one transaction."""
    values: dict[str, Any] = {"district": district, "day": day, "first": first_day, "cases": list(held.cases), "excused": list(held.excused)}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS wanted, reseated")
        cursor.execute(CHANGED, values)
        cursor.execute(WAITING)
        waiting = [Waiting(*row) for row in cursor.fetchall()]
        cursor.execute(MOVED)
        moved = [Moved(*row) for row in cursor.fetchall()]
        cursor.execute(TAKEN_BACK)
        ended = cursor.rowcount
        cursor.execute(ENDED)
        ended += cursor.rowcount
        cursor.execute(SEATED, values)
        return Seated(ended, cursor.rowcount, moved, waiting)


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
