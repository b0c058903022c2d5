"""A file of attendance against the district, in sets: which rows can stand, which class-days they change, what is written.

``loaded`` holds the rows as read (layouts.Staged), ``judged`` the same with class, pupil and the first fault of each, ``told`` the
class-days that at least one good row speaks of, with their marks as they stand and as they will.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from apps.attendance.layouts import ALL_PRESENT, Staged
from apps.attendance.queries.excuses import excuses
from apps.schools.queries import GRADE_DAYS, HAS_CLASS

TABLE = """
CREATE TEMP TABLE loaded ("row" int, sheet_row int, school_code text, grade int, class_name text, school_year int, day date,
    student text, resident text, code text, reason text, fault text, said text) ON COMMIT DROP
"""
# The children behind the numbers of the file: by any line of a register that bears the number, and by the child's own paper.
KNOWN = """
CREATE TEMP TABLE known ON COMMIT DROP AS
WITH asked AS (
    SELECT "row", hashtextextended(student, 0) AS key FROM loaded WHERE student <> ''
    UNION ALL SELECT "row", hashtextextended(resident, 0) FROM loaded WHERE resident <> ''
), papers AS (
    SELECT document_id AS key, child_id FROM registers_entry WHERE district_code = %(district)s AND document_id IS NOT NULL
    UNION SELECT student_document_id, child_id FROM registers_entry WHERE district_code = %(district)s AND student_document_id IS NOT NULL
    UNION SELECT document_id, id FROM students_child WHERE district_code = %(district)s AND document_id IS NOT NULL
)
SELECT DISTINCT a."row", coalesce(c.merged_into_id, c.id) AS child_id
FROM asked a JOIN papers p ON p.key = a.key JOIN students_child c ON c.id = p.child_id
"""
JUDGED = f"""
CREATE TEMP TABLE judged ON COMMIT DROP AS
WITH grade_days AS MATERIALIZED ({GRADE_DAYS}
), rooms AS MATERIALIZED (
    SELECT r.*, c.id AS class_id, s.code IS NOT NULL AS is_school
    FROM (SELECT DISTINCT school_code, grade, class_name, school_year FROM loaded) r
    LEFT JOIN schools_school s ON s.code = r.school_code AND s.district_code = %(district)s
    LEFT JOIN schools_schoolclass c ON c.school_id = s.code AND c.grade = r.grade AND c.name = r.class_name AND c.school_year = r.school_year
), open_days AS MATERIALIZED (
    SELECT o.school_code, o.grade, o.day FROM (SELECT DISTINCT school_code, grade, day FROM loaded WHERE day IS NOT NULL) o
    JOIN grade_days g ON g.grade = o.grade AND g.day = o.day WHERE {HAS_CLASS.format(school="o.school_code")}
), seated AS MATERIALIZED (
    SELECT DISTINCT ON (l."row") l."row", k.child_id, s.id IS NOT NULL AS has_seat, s.away
    FROM loaded l JOIN known k ON k."row" = l."row"
    JOIN rooms r ON (r.school_code, r.class_name, r.grade, r.school_year) = (l.school_code, l.class_name, l.grade, l.school_year)
    LEFT JOIN attendance_seat s ON s.child_id = k.child_id AND s.school_class_id = r.class_id
        AND l.day BETWEEN s.first_day AND coalesce(s.last_day, l.day)
    ORDER BY l."row", s.id IS NULL, s.away, k.child_id
), placed AS MATERIALIZED (
    SELECT l.*, r.class_id, s.child_id, CASE
        WHEN l.fault <> '' THEN l.fault
        WHEN NOT r.is_school THEN 'school_unknown' WHEN r.class_id IS NULL THEN 'class_unknown'
        WHEN l.day > %(today)s THEN 'day_to_come' WHEN o.day IS NULL THEN 'no_school'
        WHEN l.code = %(all_present)s THEN ''
        WHEN s.child_id IS NULL THEN 'pupil_unknown' WHEN NOT s.has_seat THEN 'not_seated' WHEN s.away <> '' THEN 'away' ELSE '' END AS found
    FROM loaded l
    LEFT JOIN rooms r ON (r.school_code, r.class_name, r.grade, r.school_year) = (l.school_code, l.class_name, l.grade, l.school_year)
    LEFT JOIN open_days o ON (o.school_code, o.grade, o.day) = (l.school_code, l.grade, l.day)
    LEFT JOIN seated s ON s."row" = l."row"
), doubled AS (
    SELECT child_id, day FROM placed WHERE found = '' AND child_id IS NOT NULL GROUP BY 1, 2 HAVING count(DISTINCT (code, reason)) > 1
), missed AS (
    SELECT DISTINCT class_id, day FROM placed WHERE class_id IS NOT NULL AND code <> %(all_present)s
)
SELECT p."row", p.sheet_row, p.school_code, p.grade, p.class_name, p.day, p.student, p.resident, p.code, p.reason, p.said, p.class_id, p.child_id,
    CASE WHEN p.found <> '' THEN p.found WHEN d.child_id IS NOT NULL THEN 'two_codes'
        WHEN m.class_id IS NOT NULL THEN 'not_all_present' ELSE '' END AS fault
FROM placed p LEFT JOIN doubled d ON d.child_id = p.child_id AND d.day = p.day AND p.found = ''
LEFT JOIN missed m ON p.code = %(all_present)s AND m.class_id = p.class_id AND m.day = p.day
"""
# A class-day whose rows were all good is written as the file says; where a row was refused, nobody the file does not name loses a mark.
TOLD = """
CREATE TEMP TABLE told ON COMMIT DROP AS
WITH days AS MATERIALIZED (
    SELECT j.class_id, j.day, min(j.school_code) AS school_code, r.id AS roll_call, bool_and(j.fault IN ('', 'not_all_present')) AS is_whole
    FROM judged j LEFT JOIN attendance_rollcall r ON r.school_class_id = j.class_id AND r.day = j.day
    WHERE j.class_id IS NOT NULL AND j.day IS NOT NULL GROUP BY j.class_id, j.day, r.id HAVING bool_or(j.fault = '')
), said AS MATERIALIZED (
    SELECT DISTINCT class_id, day, child_id, code, reason FROM judged WHERE fault = '' AND child_id IS NOT NULL
), stands AS MATERIALIZED (
    SELECT d.class_id, d.day, d.is_whole, m.child_id, m.code, m.reason, m.note FROM days d JOIN attendance_mark m ON m.roll_call_id = d.roll_call
), wanted AS (
    SELECT s.class_id, s.day, s.child_id, s.code, coalesce(nullif(s.reason, ''), m.reason, '') AS reason, coalesce(m.note, '') AS note
    FROM said s LEFT JOIN stands m ON m.child_id = s.child_id AND m.class_id = s.class_id AND m.day = s.day AND m.code = s.code
    UNION ALL
    SELECT m.class_id, m.day, m.child_id, m.code, m.reason, m.note FROM stands m
    WHERE NOT m.is_whole AND NOT EXISTS (SELECT 1 FROM said s WHERE s.child_id = m.child_id AND s.day = m.day)
), after AS (
    SELECT class_id, day, jsonb_agg(jsonb_build_array(child_id, code, reason, note) ORDER BY child_id) AS marks FROM wanted GROUP BY 1, 2
), before AS (
    SELECT class_id, day, jsonb_agg(jsonb_build_array(child_id, code, reason, note) ORDER BY child_id) AS marks FROM stands GROUP BY 1, 2
)
SELECT d.class_id, d.day, d.school_code, d.roll_call, coalesce(b.marks, '[]') AS before, coalesce(a.marks, '[]') AS after,
    d.roll_call IS NULL AS is_new, d.roll_call IS NOT NULL AND coalesce(b.marks, '[]') <> coalesce(a.marks, '[]') AS is_changed
FROM days d LEFT JOIN after a ON a.class_id = d.class_id AND a.day = d.day LEFT JOIN before b ON b.class_id = d.class_id AND b.day = d.day
"""
# How many a class expects and how many of them are not there, of the class-days that are written.
COUNTED = """
CREATE TEMP TABLE counted ON COMMIT DROP AS
WITH sizes AS MATERIALIZED (
    SELECT school_class_id, first_day, last_day, count(*) AS pupils FROM attendance_seat
    WHERE district_code = %(district)s AND away = '' GROUP BY 1, 2, 3
)
SELECT t.class_id, t.day, coalesce(sum(s.pupils), 0) AS expected,
    (SELECT count(*) FROM jsonb_array_elements(t.after) m WHERE m ->> 1 IN ('absent', 'leave')) AS missing
FROM told t LEFT JOIN sizes s ON s.school_class_id = t.class_id AND t.day BETWEEN s.first_day AND coalesce(s.last_day, t.day)
WHERE t.is_new OR t.is_changed GROUP BY t.class_id, t.day, t.after
"""
TAKEN = """
INSERT INTO attendance_rollcall (school_class_id, school_code, district_code, day, expected, missing, is_late, taken_at, taken_title, revision)
SELECT t.class_id, t.school_code, %(district)s, t.day, n.expected, n.missing, false, %(now)s, %(title)s, 1
FROM told t JOIN counted n ON n.class_id = t.class_id AND n.day = t.day WHERE t.is_new
"""
NUMBERED = "UPDATE told t SET roll_call = r.id FROM attendance_rollcall r WHERE t.is_new AND r.school_class_id = t.class_id AND r.day = t.day"
KEPT = """
INSERT INTO attendance_rollcallchange (roll_call_id, before, after, reason, at, by_name, by_title)
SELECT roll_call, before, after, %(title)s, %(now)s, %(name)s, %(by)s FROM told WHERE is_changed ORDER BY roll_call
"""
CORRECTED = """
UPDATE attendance_rollcall r SET revision = r.revision + 1, expected = n.expected, missing = n.missing
FROM told t JOIN counted n ON n.class_id = t.class_id AND n.day = t.day WHERE t.is_changed AND r.id = t.roll_call
"""
CLEARED = "DELETE FROM attendance_mark m USING told t WHERE t.is_changed AND m.roll_call_id = t.roll_call"
MARKED = """
INSERT INTO attendance_mark (roll_call_id, child_id, district_code, township_code, village_code, school_code, school_class_id, day, code,
    reason, note)
SELECT t.roll_call, c.id, c.district_code, c.township_code, c.village_code, t.school_code, t.class_id, t.day, m.mark ->> 1, m.mark ->> 2, m.mark ->> 3
FROM told t CROSS JOIN LATERAL jsonb_array_elements(t.after) m (mark) JOIN students_child c ON c.id = (m.mark ->> 0)::bigint
WHERE t.is_new OR t.is_changed
ON CONFLICT (child_id, day) DO UPDATE SET roll_call_id = excluded.roll_call_id, school_code = excluded.school_code,
    school_class_id = excluded.school_class_id, code = excluded.code, reason = excluded.reason, note = excluded.note
"""
# Of each kind the first rows are told. Where one pupil has two codes on a day, the other row is named beside each of them.
FOUND = """
WITH kept AS MATERIALIZED (
    SELECT * FROM (SELECT j.*, row_number() OVER (PARTITION BY fault ORDER BY "row") AS place FROM judged j WHERE fault <> '') j
    WHERE place <= %(most)s
), others AS (
    SELECT k."row", min(o.sheet_row) AS other FROM kept k JOIN judged o ON o.child_id = k.child_id AND o.day = k.day AND o."row" <> k."row"
    WHERE k.fault = 'two_codes' GROUP BY 1
)
SELECT k."row", k.sheet_row, k.fault, k.said, k.student, k.resident, k.school_code, k.grade, k.class_name, k.day, o.other
FROM kept k LEFT JOIN others o ON o."row" = k."row" ORDER BY k."row"
"""
KINDS = "SELECT fault, count(*) FROM judged WHERE fault <> '' GROUP BY 1 ORDER BY 2 DESC, 1"

# The days of leave of every pupil whose leave this file touches: marked so by this file, or inside a leave that an earlier file made.
LEAVE_DAYS = f"""
WITH touched AS (
    SELECT DISTINCT (m.mark ->> 0)::bigint AS child_id FROM told t CROSS JOIN LATERAL jsonb_array_elements(t.after || t.before) m (mark)
    WHERE (t.is_new OR t.is_changed) AND m.mark ->> 1 = 'leave'
)
SELECT m.child_id, m.day, m.reason, k.school_id, k.grade, k.id, c.township_code, c.village_code
FROM touched u JOIN attendance_mark m ON m.child_id = u.child_id JOIN students_child c ON c.id = u.child_id
JOIN schools_schoolclass k ON k.id = m.school_class_id
WHERE m.code = 'leave' AND m.reason IN ('sick', 'personal') AND (
    EXISTS (SELECT 1 FROM told t WHERE t.class_id = m.school_class_id AND t.day = m.day)
    OR EXISTS (SELECT 1 FROM attendance_leave v WHERE v.child_id = m.child_id AND v.decision = %(title)s
        AND v.returned_on IS NULL AND {excuses("m.day")}))
AND NOT EXISTS (SELECT 1 FROM attendance_leave v WHERE v.child_id = m.child_id
    AND (v.decision <> %(title)s OR v.returned_on IS NOT NULL) AND {excuses("m.day")})
ORDER BY m.child_id, m.day
"""
TOUCHED = """
SELECT DISTINCT (m.mark ->> 0)::bigint FROM told t CROSS JOIN LATERAL jsonb_array_elements(t.after || t.before) m (mark)
WHERE (t.is_new OR t.is_changed) AND m.mark ->> 1 = 'leave'
"""
SCHOOL_DAYS = f"""
WITH grade_days AS MATERIALIZED ({GRADE_DAYS})
SELECT r.school_id, r.grade, array_agg(g.day ORDER BY g.day)
FROM (SELECT DISTINCT c.school_id, c.grade FROM schools_schoolclass c JOIN schools_school s ON s.code = c.school_id
    WHERE s.district_code = %(district)s) r
JOIN grade_days g ON g.grade = r.grade WHERE {HAS_CLASS.format(school="r.school_id")} GROUP BY 1, 2
"""


class LeaveDay(NamedTuple):
    """A school day on which a file says that a pupil was on leave."""

    child_id: int
    day: date
    reason: str
    school: str
    grade: int
    school_class: int
    township_code: str
    village_code: str


def leave_days(*, title: str) -> tuple[list[int], list[LeaveDay]]:
    """The pupils whose leave by file has to be looked at, and all their days of it, by pupil and day. After ``write``."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        touched = [child for (child,) in cursor.fetchall()]
        cursor.execute(LEAVE_DAYS, {"title": title})
        return touched, [LeaveDay(*row) for row in cursor.fetchall()]


def days_before(*, district: str, since: date, today: date) -> dict[tuple[str, int], dict[date, date]]:
    """(school, grade) -> each of its school days of a span -> the school day before; the first has none."""
    with connection.cursor() as cursor:
        cursor.execute(SCHOOL_DAYS, {"district": district, "since": since, "today": today})
        return {(school, grade): dict(zip(days[1:], days, strict=False)) for school, grade, days in cursor.fetchall()}


def stage(*, district: str, today: date, rows: Iterable[Staged]) -> tuple[int, int]:
    """Take the rows in and judge them: (rows, rows that can stand). In one transaction with what follows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; DROP TABLE IF EXISTS loaded, known, judged, told, counted")
        cursor.execute(TABLE)
        with cursor.copy("COPY loaded FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE loaded")
        cursor.execute(KNOWN, {"district": district})
        cursor.execute("ANALYZE known")
        cursor.execute("SELECT min(day) FROM loaded")
        since = cursor.fetchone()[0] or today
        cursor.execute(JUDGED, {"district": district, "today": today, "since": since, "all_present": ALL_PRESENT})
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE fault = '') FROM judged")
        rows_read, good = cursor.fetchone()
        return rows_read, good


def fault_counts() -> dict[str, int]:
    """How many rows cannot stand, by what is wrong with them, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS)
        return dict(cursor.fetchall())


def faults(*, most: int) -> list[dict[str, Any]]:
    """The rows that cannot stand, in the order of the file: of each kind the first ``most``."""
    names = ("row", "sheet_row", "fault", "said", "student", "resident", "school_code", "grade", "class_name", "day", "other")
    with connection.cursor() as cursor:
        cursor.execute(FOUND, {"most": most})
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def write(*, district: str, values: dict[str, Any]) -> tuple[int, int, int]:
    """Write the class-days: how many were new, corrected, and stood already. ``values``: now, title, name, by."""
    values = values | {"district": district}
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE attendance_rollcall IN SHARE ROW EXCLUSIVE MODE")  # a teacher who sends meanwhile waits, and then corrects
        cursor.execute("ANALYZE judged")
        cursor.execute(TOLD)
        cursor.execute("ANALYZE told")
        cursor.execute(COUNTED, values)
        for statement in (TAKEN, NUMBERED, KEPT, CORRECTED, CLEARED, MARKED):
            cursor.execute(statement, values)
        cursor.execute("SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed), count(*) FROM told")
        new, changed, every = cursor.fetchone()
        return new, changed, every - new - changed
