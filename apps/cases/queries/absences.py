"""Who needs a case by the roll calls, and what the roll calls say of those that have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from apps.attendance.queries.excuses import covered, family_sql
from apps.cases.queries.persons import FOLLOWS, IS_OPEN, PERSON, WITHIN, one_at_a_time
from apps.schools.queries import policy

# Every run of a person that is long enough: a merged child may have one under each of its numbers.
RUNS = f"""SELECT r.*, {PERSON.format("r.child_id")} AS person FROM attendance_absencerun r
    WHERE r.district_code = %(district)s AND r.suspected_on IS NOT NULL"""
# The longest of them that is still open.
OUT = f"""SELECT DISTINCT ON (a.person) a.* FROM ({RUNS} AND r.ended_on IS NULL) a ORDER BY a.person, a.school_days DESC, a.id"""
# A run that is over is looked at as long as its term has not been followed by another: no worker may have come by while it was open.
OF_TERM = "a.suspected_on >= (SELECT max(t.first_day) FROM schools_term t WHERE t.district_code = %(district)s AND t.first_day <= %(today)s)"
OF_PERSON = "k.child_id = ANY(ARRAY(SELECT a.person UNION ALL SELECT p.id FROM students_child p WHERE p.merged_into_id = a.person))"
FAMILY = family_sql("a.child_id")
# A case of the person that ended once the run had become long enough: people decided knowing of it. No line written there counts but that move, and
# what they knew is the days up to it: so many days of absence after it are another matter, unless the child need not come any more.
FOR_GOOD = """coalesce(k.state = 'closed' AND (SELECT p.basis <> 'watched' FROM cases_proposal p
    WHERE p.case_id = k.id AND p.kind = 'close' AND p.verdict = 'agreed' ORDER BY p.id DESC LIMIT 1), false)"""
LATER = f"""(SELECT count(DISTINCT m.day) FROM attendance_mark m WHERE m.child_id = ANY({FAMILY}) AND m.day > k.state_since AND m.day <= a.last_day
    AND m.code IN ('absent', 'leave') AND NOT {covered("m", of=FAMILY)})"""
KNEW = f"NOT {IS_OPEN} AND k.state_since >= a.suspected_on AND ({FOR_GOOD} OR {LATER} < %(absent_days)s)"
# A ledger, of the case or of one merged into it, that tells of the run; its days may have moved since by corrections.
TOLD = """EXISTS (SELECT 1 FROM cases_caseentry e WHERE e.case_id IN (SELECT f.id FROM cases_case f WHERE f.id = k.id OR f.merged_into_id = k.id)
    AND e.data ? 'absence' AND (e.data ->> 'first_day')::date <= a.last_day
    AND coalesce(e.data ->> 'suspected_on', e.data ->> 'first_day')::date >= a.first_day)"""
# The days that made it: those without an approved leave, up to the day it was long enough.
DAYS = f"""(SELECT string_agg(to_char(m.day, 'FMMM"月"FMDD"日"'), '、' ORDER BY m.day) FROM (
    SELECT DISTINCT m.day FROM attendance_mark m WHERE m.child_id = ANY({FAMILY})
        AND m.day BETWEEN a.first_day AND a.suspected_on AND m.code IN ('absent', 'leave') AND NOT {covered("m", of=FAMILY)}) m)"""
REASON = f"""'自' || to_char(a.first_day, 'YYYY"年"FMMM"月"FMDD"日"') || '起连续 ' || a.school_days || ' 个上课日无正当理由未到校'
    || coalesce('（' || {DAYS} || CASE WHEN a.last_day > a.suspected_on THEN '……）' ELSE '）' END, '')
    || CASE WHEN a.ended_on IS NULL THEN '' ELSE '，' || to_char(a.ended_on, 'YYYY"年"FMMM"月"FMDD"日"') || CASE a."end"
        WHEN 'returned' THEN '已到校' WHEN 'away' THEN '已办休学、送教等手续' ELSE '已不在班级名单' END END"""
# The first run of a person that no case knows of opens one, whether it is still open or not; what came after it is noted there. A case that was
# closed not long ago is the same case still: queries/reopening.py.
OPEN = f"""
WITH out AS (
    SELECT DISTINCT ON (a.person) a.* FROM ({RUNS}) a
    WHERE (a.ended_on IS NULL OR {OF_TERM}) AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE {OF_PERSON}
        AND ({IS_OPEN} OR {KNEW} OR {WITHIN.format("a.suspected_on")}))
    ORDER BY a.person, a.first_day, a.school_days DESC, a.id
), opened AS (
    INSERT INTO cases_case (child_id, district_code, township_code, village_code, school_code, school_class_id, stage, state, origin, reason,
        is_never_enrolled, opened_on, created_at, follows_id)
    SELECT a.person, a.district_code, a.township_code, a.village_code, a.school_code, a.school_class_id,
        CASE WHEN g.grade <= 6 THEN 'primary' ELSE 'junior' END, 'suspected', 'absence', left({REASON}, 300), false, %(today)s, %(now)s,
        {FOLLOWS.format("a.person")}
    FROM out a JOIN schools_schoolclass g ON g.id = a.school_class_id
    ON CONFLICT DO NOTHING
    RETURNING id, child_id, reason, district_code, township_code, school_code, school_class_id
), written AS (
    INSERT INTO cases_caseentry (case_id, kind, target, text, happened_on, written_at, by_name, by_title, data)
    SELECT o.id, 'opened', 'suspected', '疑似辍学：' || o.reason, %(today)s, %(now)s, '系统', '点名', jsonb_build_object(
        'absence', coalesce(nullif(a."end", ''), 'out'), 'first_day', a.first_day, 'suspected_on', a.suspected_on)
    FROM opened o JOIN out a ON a.person = o.child_id RETURNING case_id
)
SELECT o.id, c.name, o.reason, o.township_code, s.township_id, o.school_code, o.school_class_id
FROM opened o JOIN written w ON w.case_id = o.id JOIN students_child c ON c.id = o.child_id
JOIN schools_school s ON s.code = o.school_code ORDER BY o.id
"""
# What was noted, as ``Flagged``.
NOTED = """SELECT k.id, c.name, n.text, k.township_code, s.township_id, k.school_code, k.school_class_id FROM noted n
JOIN cases_case k ON k.id = n.case_id JOIN students_child c ON c.id = k.child_id
LEFT JOIN schools_school s ON s.code = k.school_code ORDER BY k.id"""
# A run that was over before anybody looked, of a child that has a case: one note.
MISSED = f"""
WITH missed AS (
    SELECT a.*, k.id AS case_id FROM ({RUNS} AND r.ended_on IS NOT NULL) a JOIN cases_case k ON {OF_PERSON} AND {IS_OPEN}
    WHERE {OF_TERM} AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE {OF_PERSON} AND ({TOLD} OR {KNEW}))
), noted AS (
    INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
    SELECT a.case_id, 'note', left('点名显示未到校：' || {REASON} || '。个案不自动结案，请核实后办理。', 1000), %(today)s, %(now)s,
        '系统', '点名', jsonb_build_object('absence', a."end", 'first_day', a.first_day, 'suspected_on', a.suspected_on)
    FROM missed a ORDER BY a.case_id, a.first_day RETURNING case_id, text
)
{NOTED}
"""
# What the roll calls say of every open case they opened or spoke of, where it has changed since the ledger last told; and, of a case that
# was opened for another reason, that its child does not come to school either.
STANDING = f"""
WITH out AS ({OUT}), told AS (
    SELECT DISTINCT ON (e.case_id) e.case_id, e.data ->> 'absence' AS standing, (e.data ->> 'first_day')::date AS first_day
    FROM cases_caseentry e WHERE e.data ? 'absence' ORDER BY e.case_id, e.id DESC
), waiting AS (
    SELECT k.id, {PERSON.format("k.child_id")} AS person, t.standing, t.first_day FROM cases_case k LEFT JOIN told t ON t.case_id = k.id
    WHERE k.district_code = %(district)s AND {IS_OPEN}
), looked AS (
    SELECT w.*, a.child_id, a.suspected_on, a.last_day, a.school_days, a.first_day AS since, e.ended_on, coalesce(
        CASE WHEN a.person IS NOT NULL THEN 'out' END, CASE WHEN w.standing IS NOT NULL THEN coalesce(nullif(e."end", ''), 'none') END) AS now
    FROM waiting w LEFT JOIN out a ON a.person = w.person
    LEFT JOIN LATERAL (
        SELECT r.* FROM attendance_absencerun r
        WHERE a.person IS NULL AND w.standing IS NOT NULL AND r.suspected_on IS NOT NULL AND r.last_day >= w.first_day
            AND r.child_id = ANY(ARRAY(SELECT w.person UNION ALL SELECT p.id FROM students_child p WHERE p.merged_into_id = w.person))
        ORDER BY r.last_day DESC LIMIT 1) e ON true
), changed AS (SELECT * FROM looked WHERE now IS NOT NULL AND now IS DISTINCT FROM standing), noted AS (
    INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
    SELECT a.id, 'note', left(CASE now
            WHEN 'out' THEN '点名显示未到校：' || (SELECT {REASON} FROM out a WHERE a.person = changed_person.person) || '。'
            WHEN 'returned' THEN '点名显示' || to_char(a.ended_on, 'YYYY"年"FMMM"月"FMDD"日"') || '已到校。个案不自动结案，请核实后办理。'
            WHEN 'away' THEN '学生已办休学、送教等手续，不再计连续未到校。个案不自动结案，请核实后办理。'
            WHEN 'off_roll' THEN '学生已不在班级名单。个案不自动结案，请核实去向后办理。'
            ELSE '点名已更正或请假已批准，连续未到校不再成立。个案不自动结案，请核实后办理。' END, 1000),
        %(today)s, %(now)s, '系统', '点名', jsonb_strip_nulls(jsonb_build_object(
            'absence', now, 'first_day', coalesce(a.since, a.first_day), 'suspected_on', a.suspected_on))
    FROM changed a CROSS JOIN LATERAL (SELECT a.person) changed_person ORDER BY a.id RETURNING case_id, text
)
{NOTED}
"""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A case that was opened or noted, and where its people are: the household's township (where it is of this district) or the school's."""

    case: int
    name: str
    text: str
    home: str
    school_township: str | None
    school: str | None
    school_class: int | None

    def township(self, district: str) -> str:
        """Which township brings the child back."""
        return self.home if self.home.startswith(district) else self.school_township or ""


def open_needed(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """Open a case with its first ledger line for every child with a run that is long enough and of which no case knows; a run of this term
    also where it is over. Two at once open each case once."""
    return flagged(OPEN, district, today, now)


def note_missed(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """Write into the ledgers of the open cases the runs of this term that were over before anybody looked, once each."""
    return flagged(MISSED, district, today, now)


def note_standing(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """Write into the ledgers of the open cases what the roll calls now say of their children, once for each change. Nothing closes a case
    but people 〔方案二（三）1〕."""
    return flagged(STANDING, district, today, now)


def flagged(statement: str, district: str, today: date, now: datetime) -> list[Flagged]:
    """What one of the statements did, one after another in a district."""
    numbers = policy(district=district, day=today)
    values: dict[str, Any] = {"district": district, "today": today, "now": now, "months": numbers["repeat_months"]}
    values |= {"again_days": numbers["reopen_school_days"], "absent_days": numbers["suspected_school_days"]}
    with one_at_a_time(district) as cursor:
        cursor.execute(statement, values)
        return [Flagged(*row) for row in cursor.fetchall()]


def districts() -> list[str]:
    """Districts in which the roll calls have something to say of a case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT district_code FROM attendance_absencerun WHERE suspected_on IS NOT NULL"
            " UNION SELECT k.district_code FROM cases_case k JOIN cases_caseentry e ON e.case_id = k.id"
            f" WHERE {IS_OPEN} AND e.data ? 'absence' ORDER BY 1"
        )
        return [code for (code,) in cursor.fetchall()]
