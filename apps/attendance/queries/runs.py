"""Runs of absence of many pupils in one piece of SQL: the same rule as ``rules.absence_runs`` (one truth table holds the two together).

Only exceptions are stored, so a pupil is present on every class-day that was taken and has no mark for it. Class-days are numbered
within a class; two marks belong to one run when nothing but marks lies between them, that is when position minus rank is equal
(gaps and islands). No day of a present pupil is ever looked at: the work grows with the absences, not with the pupils.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.db import connection

from apps.attendance.queries.excuses import EXCUSED_DAYS, EXCUSES_SOME_DAY
from apps.core.prepared import prepared
from apps.schools.queries import GRADE_DAYS, HAS_CLASS

# A pupil who changed or left a class walks through seats; ``path`` numbers the class-days along that walk. All others stay in one
# class, whose own numbers serve. Who was merged into another child keeps its seats, marks and leaves and is read as that child; on the days on
# which that child has a seat of its own, this one alone holds. A mark counts where its class is the pupil's seat on that day.
HOLDS = """(s.member = s.child_id OR NOT EXISTS (
            SELECT 1 FROM attendance_seat o WHERE o.child_id = s.child_id AND {day} BETWEEN o.first_day AND coalesce(o.last_day, {day})))"""
# A double's mark of a class-day for which the child itself, or an earlier double, has one.
TOLD_TWICE = """EXISTS (SELECT 1 FROM attendance_mark o LEFT JOIN doubles w ON w.id = o.child_id
            WHERE o.roll_call_id = m.roll_call_id AND o.code IN ('absent', 'leave', 'half')
                AND (o.child_id = u.child_id OR w.merged_into_id = u.child_id AND o.child_id < m.child_id))"""
# Grouped by one column, though nothing is there twice: so the planner knows that it is unique, and hashes the pupils, not all marks of the district.
COMPUTED = f"""
WITH limits AS MATERIALIZED (
    SELECT first_day, coalesce(lead(first_day) OVER (ORDER BY first_day) - 1, 'infinity') AS last_day, days
    FROM unnest(%(limit_from)s::date[], %(limit_days)s::int[]) l (first_day, days)
), doubles AS MATERIALIZED (
    SELECT id, merged_into_id FROM students_child WHERE merged_into_id IS NOT NULL
), asked AS MATERIALIZED (
    SELECT coalesce(w.merged_into_id, t.child_id) AS child_id, min(t.since) AS since
    FROM ({{asked}}) t LEFT JOIN doubles w ON w.id = t.child_id GROUP BY 1
), members AS MATERIALIZED (
    SELECT member, min(child_id) AS child_id, min(since) AS since FROM (
        SELECT child_id AS member, child_id, since FROM asked
        UNION ALL SELECT w.id, a.child_id, a.since FROM doubles w JOIN asked a ON a.child_id = w.merged_into_id) m GROUP BY 1
), asked_classes AS MATERIALIZED (
    SELECT s.school_class_id, min(c.grade) AS grade, min(a.since) AS since
    FROM members a JOIN attendance_seat s ON s.child_id = a.member JOIN schools_schoolclass c ON c.id = s.school_class_id GROUP BY 1
), grade_days AS MATERIALIZED ({GRADE_DAYS}
), class_days AS MATERIALIZED (
    SELECT r.id, r.school_class_id, r.day, row_number() OVER days AS number, coalesce(lead(r.day) OVER days, 'infinity') AS next_day
    FROM attendance_rollcall r JOIN asked_classes q ON q.school_class_id = r.school_class_id AND r.day >= q.since
    JOIN grade_days g ON g.grade = q.grade AND g.day = r.day
    WHERE r.district_code = %(district)s AND r.day BETWEEN %(since)s AND %(today)s AND {HAS_CLASS.format(school="r.school_code")}
    WINDOW days AS (PARTITION BY r.school_class_id ORDER BY r.day)
), seats AS MATERIALIZED (
    SELECT a.child_id, a.member, s.school_class_id, s.first_day, s.last_day, s.away, a.since,
        count(*) OVER (PARTITION BY a.child_id) > 1 OR s.last_day IS NOT NULL AS walks
    FROM attendance_seat s JOIN members a ON a.member = s.child_id WHERE s.district_code = %(district)s
), path AS MATERIALIZED (
    SELECT child_id, class_day, row_number() OVER days AS number, coalesce(lead(day) OVER days, 'infinity') AS next_day FROM (
        SELECT DISTINCT s.child_id, d.id AS class_day, d.day
        FROM seats s JOIN class_days d ON d.school_class_id = s.school_class_id AND d.day >= s.first_day AND d.day <= coalesce(s.last_day, %(today)s)
        WHERE s.walks AND s.away = '' AND {HOLDS.format(day="d.day")}) sat
    WINDOW days AS (PARTITION BY child_id ORDER BY day, class_day)
), pupils AS (
    SELECT child_id, min(since) AS since, bool_or(walks) AS walks, min(first_day) AS seated_on, min(school_class_id) AS room,
        array_agg(first_day ORDER BY first_day) FILTER (WHERE away <> '' AND first_day <= %(today)s AND {HOLDS.format(day="s.first_day")}) AS aways,
        CASE WHEN bool_and(last_day IS NOT NULL AND last_day < %(today)s) THEN max(last_day) + 1 END AS gone_on
    FROM seats s GROUP BY child_id
), excused AS MATERIALIZED (
    SELECT b.child_id, {EXCUSED_DAYS} AS days FROM members b JOIN attendance_leave v ON v.child_id = b.member WHERE {EXCUSES_SOME_DAY} GROUP BY 1
), marks AS (
    SELECT u.child_id, m.day, m.school_class_id, coalesce(p.number, d.number) AS number, coalesce(p.next_day, d.next_day) AS next_day,
        u.walks, u.aways, u.gone_on,
        CASE WHEN u.aways IS NULL THEN 0 ELSE (SELECT count(*) FROM unnest(u.aways) a WHERE a <= m.day) END AS aways_before,
        m.code IN ('absent', 'leave') AND (x.days @> m.day) IS NOT TRUE AS counts
    FROM attendance_mark m JOIN members b ON b.member = m.child_id JOIN pupils u ON u.child_id = b.child_id
    JOIN class_days d ON d.id = m.roll_call_id LEFT JOIN path p ON p.child_id = u.child_id AND p.class_day = d.id
    LEFT JOIN excused x ON x.child_id = u.child_id
    WHERE m.code IN ('absent', 'leave', 'half') AND m.district_code = %(district)s AND m.day >= %(since)s AND m.day >= u.since
        AND CASE WHEN u.walks THEN p.number IS NOT NULL ELSE m.school_class_id = u.room AND m.day >= u.seated_on END
        AND (m.child_id = u.child_id OR NOT {TOLD_TWICE})
), islands AS (
    SELECT child_id, aways_before, nullif(max(next_day), 'infinity') AS present_on,
        coalesce((max(ARRAY[number, school_class_id]) FILTER (WHERE walks))[2], min(school_class_id)) AS school_class_id,
        min(day) FILTER (WHERE counts) AS first_day, max(day) FILTER (WHERE counts) AS last_day, count(*) FILTER (WHERE counts) AS school_days,
        array_agg(day) FILTER (WHERE counts) AS days, max(gone_on) AS gone_on, min(aways[aways_before + 1]) AS away_on
    FROM (SELECT m.*, number - row_number() OVER (PARTITION BY child_id ORDER BY number) AS island FROM marks m) ranked
    GROUP BY child_id, aways_before, island HAVING bool_or(counts)
), computed AS MATERIALIZED (
    SELECT e.child_id, c.district_code, c.township_code, c.village_code, k.school_id AS school_code, e.school_class_id,
        coalesce(o.first_day, e.first_day) AS first_day, e.last_day, e.school_days + coalesce(o.before, 0) AS school_days,
        coalesce(o.suspected_on, CASE WHEN e.school_days + coalesce(o.before, 0) >= l.days
            THEN (SELECT d FROM unnest(e.days) d ORDER BY d OFFSET l.days - 1 - coalesce(o.before, 0) LIMIT 1) END) AS suspected_on,
        least(present_on, away_on, gone_on) AS ended_on,
        CASE least(present_on, away_on, gone_on)
            WHEN present_on THEN 'returned' WHEN away_on THEN 'away' WHEN gone_on THEN 'off_roll' ELSE '' END AS "end"
    FROM islands e JOIN students_child c ON c.id = e.child_id JOIN schools_schoolclass k ON k.id = e.school_class_id
    LEFT JOIN ({{running}}) o ON o.child_id = e.child_id AND o.anchor = e.first_day
    JOIN limits l ON coalesce(o.first_day, e.first_day) BETWEEN l.first_day AND l.last_day
)
"""
FACTS = (
    "district_code", "township_code", "village_code", "school_code", "school_class_id", "first_day", "last_day", "school_days", "suspected_on",
    "ended_on", '"end"',
)  # fmt: skip
MOST_SEATS = 300_000  # computed at once: each time all marks of the district are read
COLUMNS = ", ".join(("child_id", *FACTS))
SAME = " AND ".join(f"a.{fact} IS NOT DISTINCT FROM c.{fact}" for fact in FACTS)
WRITE = f"""
{COMPUTED}, gone AS (
    DELETE FROM attendance_absencerun a USING members b WHERE b.member = a.child_id AND a.first_day >= b.since
        AND NOT EXISTS (SELECT 1 FROM computed c WHERE c.child_id = a.child_id AND c.first_day = a.first_day) RETURNING 1
), written AS (
    INSERT INTO attendance_absencerun ({COLUMNS})
    SELECT {COLUMNS} FROM computed c WHERE NOT EXISTS (
        SELECT 1 FROM attendance_absencerun a WHERE a.child_id = c.child_id AND a.first_day = c.first_day AND {SAME})
    ON CONFLICT (child_id, first_day) DO UPDATE SET ({", ".join(FACTS)}) = ROW({", ".join("excluded." + fact for fact in FACTS)})
    RETURNING suspected_on = last_day AND ended_on IS NULL AS suspected
)
SELECT (SELECT count(*) FROM computed), (SELECT count(*) FROM written), (SELECT count(*) FROM gone), (SELECT count(*) FROM written WHERE suspected)
"""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a computation found and changed: runs in all, runs written or rewritten, runs that are none any more; of those written, how many have just
    become long enough."""

    runs: int
    written: int
    deleted: int
    suspected: int


def since_when(district: str, today: date) -> date:
    """From which day on marks are looked at: the school year's first, or the first day of the oldest run that is still open."""
    year = date(today.year - (today.month < 8), 8, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(first_day) FROM attendance_absencerun WHERE district_code = %s AND ended_on IS NULL", [district])
        oldest: date | None = cursor.fetchone()[0]
    return min(year, oldest or year)


# Whom a computation looks at, and since when: some pupils from the beginning; or today alone those marked today, and all that are still absent
# since their last day of absence: from there on ``RUNNING`` carries what was counted. A class is numbered from the earliest day that one of
# its pupils needs.
SOME = "SELECT unnest(%(children)s::bigint[]) AS child_id, %(since)s AS since"
TODAY = """SELECT child_id, day AS since FROM attendance_mark WHERE district_code = %(district)s AND day = %(today)s {marked}
        UNION ALL SELECT child_id, last_day FROM attendance_absencerun WHERE {of}"""
RUNNING = """SELECT child_id, first_day, last_day AS anchor, school_days - 1 AS before, suspected_on FROM attendance_absencerun
        WHERE {of}"""
# The open run of a child that was merged since last night waits for the night.
OF_DISTRICT = "district_code = %(district)s AND ended_on IS NULL AND child_id NOT IN (SELECT id FROM doubles)"
# Said so that the index of all open runs is no way to it: that one looked short when the day began, and grows with every class that reports.
OF_SOME = """child_id IN (SELECT coalesce(merged_into_id, id) FROM students_child WHERE id = ANY(%(children)s))
        AND coalesce(ended_on, 'infinity') = 'infinity'"""
NOTHING = (
    "SELECT NULL::bigint AS child_id, NULL::date AS first_day, NULL::date AS anchor, NULL::int AS before, NULL::date AS suspected_on WHERE false"
)
PART = {"asked": SOME, "running": NOTHING}
# More than a very large district are computed some schools at a time, so that what is held (half a gigabyte) grows no further: pupils belong to
# the lowest code they ever sat under.
BATCH = {
    "asked": """SELECT t.child_id, %(since)s AS since FROM attendance_seat t
        WHERE t.district_code = %(district)s AND t.school_code = ANY(%(schools)s) AND NOT EXISTS (
            SELECT 1 FROM attendance_seat o WHERE o.child_id = t.child_id AND o.school_code < t.school_code)""",
    "running": NOTHING,
}
DAY = {"asked": TODAY.format(marked="", of=OF_DISTRICT), "running": RUNNING.format(of=OF_DISTRICT)}
DAY_OF_SOME = {"asked": TODAY.format(marked="AND child_id = ANY(%(children)s)", of=OF_SOME), "running": RUNNING.format(of=OF_SOME)}
WRITE_OF_SOME = WRITE.format(**DAY_OF_SOME)
OLDEST = "SELECT min(last_day) FROM attendance_absencerun WHERE {of}"


Limits = Sequence[tuple[date, int]]  # from when on how many school days make a suspected dropout; a run goes by that of its first day


def write_runs(*, district: str, today: date, limits: Limits, children: Collection[int] | None = None) -> Scanned:
    """Compute the runs of a district, or of some of its pupils, and store what changed."""
    values = {"district": district, "today": today, "since": since_when(district, today)} | columns(limits)
    if children is not None:
        return _write(PART, values | {"children": sorted(children)}, whole=False)
    done = [_write(BATCH, values | {"schools": schools}, whole=True) for schools in _batches(district)]
    return Scanned(*(sum(column) for column in zip((0, 0, 0, 0), *map(astuple, done), strict=True)))


def _batches(district: str) -> list[list[str]]:
    """The schools of a district in lists of about ``MOST_SEATS`` seats."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT school_code, count(*) FROM attendance_seat WHERE district_code = %s GROUP BY 1 ORDER BY 1", [district])
        batches: list[list[str]] = []
        held = MOST_SEATS
        for school, seats in cursor.fetchall():
            if held + seats > MOST_SEATS:
                batches.append([])
                held = 0
            batches[-1].append(school)
            held += seats
        return batches


def write_today(*, district: str, today: date, limits: Limits, children: Collection[int] | None = None) -> Scanned:
    """Carry the runs of a district, or of some of its pupils, on by today's first roll calls, and store what changed; all earlier days were
    computed before."""
    values: dict[str, Any] = {"district": district, "today": today, "children": sorted(children or [])} | columns(limits)
    with connection.cursor() if children is None else prepared() as cursor:
        cursor.execute(OLDEST.format(of="district_code = %(district)s AND ended_on IS NULL" if children is None else OF_SOME), values)
        oldest: date | None = cursor.fetchone()[0]
        values["since"] = min(today, oldest or today)
        if children is None:
            return _write(DAY, values, whole=True)
        cursor.execute(WRITE_OF_SOME, values)
        return Scanned(*cursor.fetchone())


def columns(limits: Limits) -> dict[str, Any]:
    """The limits as the statement takes them."""
    return {"limit_from": [first for first, _ in limits], "limit_days": [days for _, days in limits]}


def _write(pieces: dict[str, str], values: dict[str, Any], *, whole: bool) -> Scanned:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        if whole:  # of a whole district hashes are right, and the planner cannot know how many rows the tables above it have
            cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off")
            cursor.execute("SET LOCAL join_collapse_limit = 1")  # the joins stand in the order that is right
        cursor.execute(WRITE.format(**pieces), values)
        return Scanned(*cursor.fetchone())
