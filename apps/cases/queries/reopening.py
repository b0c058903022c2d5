"""再次辍学 by the roll calls: which cases a new absence reopens, and which returns it ends."""

from __future__ import annotations

from datetime import date, datetime

from apps.attendance.queries.excuses import family_sql
from apps.cases.queries.absences import KNEW, NOTED, OF_PERSON, OF_TERM, REASON, RUNS, TOLD, Flagged, flagged
from apps.cases.queries.persons import IS_OPEN, WITHIN
from apps.cases.queries.progress import recount

# An absence that became long enough after the child counted as returned, or after its case was closed, and of which no ledger tells.
AGAIN = f"""
WITH again AS (
    SELECT DISTINCT ON (a.person) a.*, k.id AS case_id, k.state AS source FROM ({RUNS} AND r.school_days >= %(again_days)s) a
    JOIN cases_case k ON {OF_PERSON}
    WHERE (a.ended_on IS NULL OR {OF_TERM}) AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE {OF_PERSON} AND {TOLD})
        AND (k.state IN ('returned', 'placed', 'monitoring') AND a.suspected_on >= k.state_since
            OR {WITHIN.format("a.suspected_on")} AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE {OF_PERSON} AND ({IS_OPEN} OR {KNEW})))
    ORDER BY a.person, a.first_day, k.state_since DESC NULLS LAST, k.id DESC
), moved AS (
    UPDATE cases_case k SET state = 'reopened', state_since = %(today)s, progress_on = %(today)s, lines_on = NULL,
        lines_from = NULL, lines_signed_on = NULL, repeats = k.repeats + 1,
        school_code = a.school_code, school_class_id = a.school_class_id, stage = CASE WHEN g.grade <= 6 THEN 'primary' ELSE 'junior' END
    FROM again a JOIN schools_schoolclass g ON g.id = a.school_class_id WHERE k.id = a.case_id AND k.state = a.source
    RETURNING k.id, k.repeats
), noted AS (
    INSERT INTO cases_caseentry (case_id, kind, source, target, is_progress, text, happened_on, written_at, by_name, by_title, data)
    SELECT a.case_id, 'moved', a.source, 'reopened', true, left('再次辍学（第 ' || m.repeats || ' 次）：' || {REASON} || '。', 1000),
        %(today)s, %(now)s, '系统', '点名', jsonb_build_object(
            'absence', coalesce(nullif(a."end", ''), 'out'), 'first_day', a.first_day, 'suspected_on', a.suspected_on)
    FROM again a JOIN moved m ON m.id = a.case_id ORDER BY a.case_id RETURNING case_id, text
)
{NOTED}
"""
# A child that was registered again and stays away before it counts as returned: so many days of absence since, in an absence that goes on.
AWAY_AGAIN = f"""
WITH away AS (
    SELECT DISTINCT ON (b.id) b.id AS return_id, b.case_id, b.registered_on, a.* FROM ({RUNS} AND r.ended_on IS NULL) a
    JOIN cases_case k ON {OF_PERSON} AND k.state IN ('confirmed', 'reopened', 'persuading')
    JOIN cases_return b ON b.case_id = k.id AND b.ended_on IS NULL AND a.last_day >= b.registered_on
    WHERE (SELECT count(DISTINCT m.day) FROM attendance_mark m WHERE m.child_id = ANY({family_sql("a.person")}) AND m.code IN ('absent', 'leave')
        AND m.day BETWEEN greatest(b.registered_on, a.first_day) AND a.last_day) >= %(absent_days)s
    ORDER BY b.id, a.first_day
), ended AS (
    UPDATE cases_return b SET ended_on = greatest(b.registered_on, a.first_day) FROM away a WHERE b.id = a.return_id AND b.ended_on IS NULL
    RETURNING b.id, b.entry_id, b.ended_on = b.registered_on AS never_came
), noted AS (
    INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
    SELECT a.case_id, 'note', left('登记复学后再次离校：' || {REASON} || '。复学注册到此结束，返校后重新登记，到校天数重新计算。', 1000),
        %(today)s, %(now)s, '系统', '点名', jsonb_build_object('absence', 'out', 'first_day', a.first_day, 'suspected_on', a.suspected_on)
        || CASE WHEN e.never_came THEN jsonb_build_object('takes_back', jsonb_build_array(e.entry_id)) ELSE '{{}}' END
    FROM away a JOIN ended e ON e.id = a.return_id ORDER BY a.case_id RETURNING case_id, text
)
{NOTED}
"""


def reopen_absent(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """Reopen the cases of returned, placed and watched children, and those closed not long ago, whose children stay away again: the same case,
    one repeat more, its ledger naming the absence. Safe to repeat and to interrupt.

    〔方案二（三）2〕连续 3 天及以上未到校；跟踪或销号后 12 个月内为再次辍学（缺省值，待本区确认）。"""
    return flagged(AGAIN, district, today, now)


def end_returns(district: str, *, today: date, now: datetime) -> list[Flagged]:
    """End the registrations of children that stay away again before they count as returned; each is noted once. One after which the
    child never came was no progress: it is taken back."""
    ended = flagged(AWAY_AGAIN, district, today, now)
    if ended:
        recount(one.case for one in ended)
    return ended
