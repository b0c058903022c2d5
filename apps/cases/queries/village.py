"""Children that a village or township reported as out of school, and the cases that opens."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from apps.cases.queries.absences import Flagged, flagged
from apps.cases.queries.persons import FOLLOWS, IS_OPEN, PERSON, WITHIN

# The name of a report's file begins so (apps.registers.views.REPORT): one child told by a person, and not a table that somebody uploaded.
IS_REPORT = "u.kind = 'survey' AND u.file_name LIKE '走访报告：%%' AND u.counts ->> 'rows' = '1'"
# Reports of a child out of school of which no case knows: none is open, and none was written in since the report was handed in.
REPORTED = f"""
SELECT DISTINCT ON (n.person) n.* FROM (
    SELECT e.id AS entry, {PERSON.format("e.child_id")} AS person, u.committed_at, coalesce(w.name, '') AS by_name,
        '村级报告：' || CASE e.state WHEN 'dropout' THEN '辍学' ELSE '未就读' END
            || coalesce('，' || nullif(e.situation_text, ''), '') || coalesce('，' || nullif(e.remark, ''), '') AS reason
    FROM registers_entry e JOIN registers_upload u ON u.id = e.upload_id LEFT JOIN accounts_user w ON w.id = u.created_by_id
    WHERE {IS_REPORT} AND e.district_code = %(district)s AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL
        AND e.state IN ('never_enrolled', 'dropout')
) n WHERE NOT EXISTS (SELECT 1 FROM cases_case k JOIN students_child p ON p.id = k.child_id WHERE coalesce(p.merged_into_id, p.id) = n.person
    AND ({IS_OPEN} OR EXISTS (SELECT 1 FROM cases_caseentry l WHERE l.case_id = k.id AND l.written_at >= n.committed_at)))
ORDER BY n.person, n.committed_at DESC
"""
OPEN = f"""
WITH needed AS ({REPORTED}), opened AS (
    INSERT INTO cases_case (child_id, district_code, township_code, village_code, school_code, school_class_id, stage, state, origin, reason,
        is_never_enrolled, opened_on, created_at, follows_id, repeats)
    SELECT c.id, %(district)s, c.township_code, c.village_code, c.school_code, c.school_class_id,
        CASE WHEN c.grade BETWEEN 1 AND 6 THEN 'primary' WHEN c.grade BETWEEN 7 AND 9 THEN 'junior' ELSE '' END, 'suspected', 'village',
        left(n.reason, 300), false, %(today)s, %(now)s, {FOLLOWS.format("n.person")},
        coalesce((SELECT k.repeats + ({WITHIN.format("%(today)s::date")})::int FROM cases_case k
            WHERE k.id = {FOLLOWS.format("n.person")} AND k.state = 'closed'), 0)
    FROM needed n JOIN students_child c ON c.id = n.person
    ON CONFLICT DO NOTHING
    RETURNING id, child_id, reason, township_code, school_code, school_class_id
), noted AS (
    INSERT INTO cases_caseentry (case_id, kind, target, text, happened_on, written_at, by_name, by_title, data)
    SELECT o.id, 'opened', 'suspected', o.reason || '。', %(today)s, %(now)s, n.by_name, '村级报告', jsonb_build_object('report', n.entry)
    FROM opened o JOIN needed n ON n.person = o.child_id
)
SELECT o.id, c.name, o.reason, o.township_code, s.township_id, o.school_code, o.school_class_id FROM opened o
JOIN students_child c ON c.id = o.child_id LEFT JOIN schools_school s ON s.code = o.school_code ORDER BY o.id
"""


def open_reported(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """Open a suspected case for every child that a village or township reported as out of school and that has none. One statement; two at once
    open each case once. 〔DOMAIN §4〕村级报告立为疑似"""
    return flagged(OPEN, district, today, now)


def districts_with_reports() -> list[str]:
    """Districts in which something was reported."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT u.district_code FROM registers_upload u WHERE {IS_REPORT.replace('%%', '%')} AND u.state = 'committed' ORDER BY 1"
        )
        return [code for (code,) in cursor.fetchall()]
