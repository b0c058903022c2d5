"""How long the runs of absence of a district take: a whole year anew, one more day, and a district ten times as large."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from statistics import median

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper as Cursor

from apps.attendance.actions.scanning import scan, scan_day
from apps.attendance.models import AbsenceRun
from apps.attendance.queries.runs import Scanned
from apps.schools.actions import ensure_term
from apps.schools.models import School, TermSpan
from benchmarks import ground
from benchmarks.report import NOT_MEASURED, Report

DISTRICT = "530113"
PUPILS, MANY, DAYS, CLASS_SIZE = 28_000, 280_000, 200, 40
# The district as rows: 20 classes a school, 40 pupils a class, each seated since the first day of the year.
PLACES = (
    """INSERT INTO schools_schoolclass (school_id, school_year, grade, name)
    SELECT 9000000001 + n / 20, 2026, 1 + n %% 9, (1 + n %% 20)::text FROM generate_series(0, %(classes)s - 1) n""",
    """INSERT INTO students_child (name, pinyin, initials, sex, ethnicity, id_masked, guardian_name, guardian_phone, address, district_code,
        township_code, village_code, school_code, school_class_id, grade)
    SELECT '某', '', '', 'M', '', '', '', '', '', %(district)s, '530113001', '', c.school_id, c.id, c.grade
    FROM schools_schoolclass c CROSS JOIN generate_series(1, %(size)s) ORDER BY c.id""",
    """INSERT INTO attendance_seat (child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, away)
    SELECT id, district_code, township_code, village_code, school_code, school_class_id, %(first)s, '' FROM students_child""",
)
# Per 1,000 pupils and day: 30 exceptions, of which some are blocks of several days; seven pupils in a thousand never come.
DAY_ROLLS = """
INSERT INTO attendance_rollcall (school_class_id, school_code, district_code, day, expected, missing, is_late, taken_at, taken_title, revision)
SELECT c.id, c.school_id, %(district)s, d.day, %(size)s, 1, false, d.day + time '14:00', '班主任', 1
FROM schools_schoolclass c CROSS JOIN unnest(%(days)s::date[]) d (day)
WHERE (hashint8(c.id * 1009 + (d.day - date '2026-01-01')) & 2147483647) %% 100 < 97
"""
DAY_MARKS = """
INSERT INTO attendance_mark (roll_call_id, child_id, district_code, township_code, village_code, school_code, school_class_id, day, code,
    reason, note)
SELECT r.id, s.child_id, s.district_code, s.township_code, '', s.school_code, s.school_class_id, r.day, e.code, '', ''
FROM attendance_rollcall r JOIN attendance_seat s ON s.school_class_id = r.school_class_id CROSS JOIN LATERAL (
    SELECT (hashint8(s.child_id * 7919 + (r.day - date '2026-01-01') / 3) & 2147483647) %% 1000 AS block,
        (hashint8(s.child_id * 104729 + (r.day - date '2026-01-01')) & 2147483647) %% 1000 AS alone) h CROSS JOIN LATERAL (
    SELECT CASE WHEN s.child_id %% 1000 < 7 THEN 'absent' WHEN h.block < 12 THEN 'leave' WHEN h.block < 15 THEN 'absent'
        WHEN h.alone < 5 THEN 'absent' WHEN h.alone < 8 THEN 'late' WHEN h.alone < 9 THEN 'early' WHEN h.alone < 10 THEN 'half' END AS code) e
WHERE r.day = ANY(%(days)s::date[]) AND e.code IS NOT NULL
"""
LEAVES = """
INSERT INTO attendance_leave (child_id, district_code, township_code, village_code, school_code, school_class_id, number, kind, first_day, last_day,
    school_days, facts, guardian_name, guardian_phone, state, approver, asked_at, asked_name, asked_title, decided_at,
    decided_name, decided_title, decision, is_from_roll)
SELECT m.child_id, m.district_code, m.township_code, '', m.school_code, m.school_class_id, '', 'sick', min(m.day), max(m.day), count(*), '病', '', '',
    'approved', 'head_teacher', min(m.day), '某', '班主任', min(m.day), '某', '班主任', '', false
FROM attendance_mark m WHERE m.code = 'leave'
GROUP BY m.child_id, (m.day - date '2026-01-01') / 3, m.district_code, m.township_code, m.school_code, m.school_class_id
"""


def measure(report: Report, databases: ground.Databases, folder: Path, *, quick: bool, repeats: int) -> None:
    """Figure of issue 3: a year anew, one more day, ten times the pupils."""
    few, grown, marks = timed(databases, PUPILS, repeats)
    report.add(
        f"连续未到校，{PUPILS:,} 名学生 {DAYS} 个上课日（{marks:,} 条考勤，{few[1].runs:,} 段），全部重算并写入", "≤ 2 秒",
        f"{few[0]:.2f} 秒", few[0] <= 2,
    )  # fmt: skip
    report.add("同上，再加一天", "≤ 0.3 秒", f"{grown[0]:.2f} 秒（写入 {grown[1].written:,} 段）", grown[0] <= 0.3)
    if quick:
        report.add(f"同上，{PUPILS:,} → {MANY:,}", "≤ 12 倍", NOT_MEASURED, None)
        return
    many, _, marks = timed(databases, MANY, 1)
    report.add(
        f"同上，{PUPILS:,} → {MANY:,}（{marks:,} 条考勤）",
        "≤ 12 倍",
        f"{many[0] / few[0]:.1f} 倍（{few[0]:.2f} → {many[0]:.1f} 秒）",
        many[0] <= 12 * few[0],
    )


def timed(databases: ground.Databases, pupils: int, repeats: int) -> tuple[tuple[float, Scanned], tuple[float, Scanned], int]:
    """(seconds, answer) of the whole year without any run before, of the last day alone, medians; and how many marks there are."""
    databases.use("empty")
    days = make(pupils)
    databases.analyze()
    whole, last = [], []
    for _ in range(repeats):
        forget(days[-1])
        begun = time.perf_counter()
        scan(district=DISTRICT, today=days[-2])
        whole.append(time.perf_counter() - begun)
        with transaction.atomic(), connection.cursor() as cursor:
            take(cursor, days[-1:])
        begun = time.perf_counter()
        answer = scan_day(district=DISTRICT, today=days[-1])
        last.append((time.perf_counter() - begun, answer))
        kept = set(AbsenceRun.objects.values_list("child_id", "first_day", "last_day", "school_days", "suspected_on", "ended_on"))
        every = scan(district=DISTRICT, today=days[-1])
        if (
            every.written
            or every.deleted
            or kept != set(AbsenceRun.objects.values_list("child_id", "first_day", "last_day", "school_days", "suspected_on", "ended_on"))
        ):
            raise RuntimeError(f"the last day alone and the whole year do not agree: {every}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM attendance_mark")
        marks = cursor.fetchone()[0]
    return (median(whole), every), (median(seconds for seconds, _ in last), last[0][1]), marks


def make(pupils: int) -> list[date]:
    """A district of so many pupils with roll calls and leave of all days but the last; the days."""
    for code in ("2026-2027-1", "2026-2027-2"):
        ensure_term(district=DISTRICT, code=code)
    TermSpan.objects.filter(term__code="2026-2027-2").update(last_day=date(2027, 8, 20))  # so long that there are 200 days
    make_schools(9_000_000_001, pupils // CLASS_SIZE // 20 + 1)
    values = {"district": DISTRICT, "classes": pupils // CLASS_SIZE, "size": CLASS_SIZE, "first": date(2026, 9, 1)}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in PLACES:
            cursor.execute(statement, values)
        days = school_days(cursor)
        take(cursor, days[:-1])
        cursor.execute(LEAVES)
    return days


def make_schools(first: int, count: int) -> None:
    """So many schools with codes in a row."""
    School.objects.bulk_create(
        School(code=str(code), name=f"测速学校{code}", kind="nine_year", district_code=DISTRICT, township_id="530113001")
        for code in range(first, first + count)
    )


def school_days(cursor: Cursor) -> list[date]:
    """The first ``DAYS`` days on which grade 1 has school."""
    cursor.execute(
        "SELECT d::date FROM generate_series(timestamp '2026-09-01', timestamp '2027-08-20', interval '1 day') d"
        " LEFT JOIN schools_calendarday c ON c.day = d::date AND c.district_code = %(district)s"
        " WHERE coalesce(c.is_school_day, extract(isodow FROM d) < 6) AND EXISTS (SELECT 1 FROM schools_termspan s WHERE d BETWEEN s.first_day"
        " AND s.last_day AND s.grade_from = 1) ORDER BY d LIMIT %(days)s",
        {"district": DISTRICT, "days": DAYS},
    )
    days = [day for (day,) in cursor.fetchall()]
    if len(days) < DAYS:
        raise RuntimeError(f"only {len(days)} school days")
    return days


def take(cursor: Cursor, days: list[date]) -> None:
    """Roll calls of all classes on these days, and their exceptions."""
    values = {"district": DISTRICT, "size": CLASS_SIZE, "days": days}
    cursor.execute(DAY_ROLLS, values)
    cursor.execute(DAY_MARKS, values)


def forget(last: date) -> None:
    """No runs, and the last day not yet taken."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM attendance_absencerun")
        cursor.execute("DELETE FROM attendance_mark WHERE day = %s", [last])
        cursor.execute("DELETE FROM attendance_rollcall WHERE day = %s", [last])
