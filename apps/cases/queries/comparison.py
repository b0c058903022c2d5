"""Who needs a case by what a comparison found, and what the newest one says of those that have one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from apps.cases.queries.persons import FOLLOWS, IS_OPEN, PERSON, WITHIN, one_at_a_time
from apps.reconciliation.models import Run
from apps.schools.queries import policy

# Which rows c of a run are of a child out of school; s is the child's survey line. ``late``: the first week is over.
IS_OUT = """(c.first = 'never_enrolled' OR (c.first = 'no_residence' AND s.state IN ('never_enrolled', 'dropout') AND NOT EXISTS (
        SELECT 1 FROM reconciliation_doubtfulpair d
        WHERE d.run_id = c.run_id AND d.answer IN ('', 'ask') AND c.survey_id IN (d.left_id, d.right_id)))
    OR c.second IN ('suspected_dropout', 'dropout') OR (c.second IN ('not_returned', 'unregistered') AND %(late)s))"""
# A case is not opened again while one is open, nor by a run that was over when the last one was ended: people decided knowing of it.
NEEDY = f"""
SELECT c.person, c.township_code, c.village_code, c.school_code, c.school_class_id, c.stage, f.id,
    CASE WHEN c.first IN ('never_enrolled', 'no_residence') THEN 'confirmed' ELSE 'suspected' END,
    CASE WHEN c.first IN ('never_enrolled', 'no_residence') THEN '失学：' || c.first_reason
        WHEN c.second = 'dropout' THEN '辍学：' || c.second_reason
        WHEN c.second = 'suspected_dropout' THEN '疑似辍学：' || c.second_reason
        WHEN c.second = 'not_returned' THEN '未返校：' || c.second_reason ELSE '未注册：' || c.second_reason END,
    c.first IN ('never_enrolled', 'no_residence')
FROM (SELECT r.*, {PERSON.format("r.child_id")} AS person FROM reconciliation_childclass r WHERE r.run_id = %(run)s) c
LEFT JOIN registers_entry s ON s.id = c.survey_id
LEFT JOIN LATERAL (
    SELECT id FROM reconciliation_finding f WHERE f.run_id = c.run_id AND f.child_id = c.child_id AND f.klass IN (c.first, c.second)
    ORDER BY f.klass IN ('never_enrolled', 'dropout', 'suspected_dropout') DESC, f.id LIMIT 1) f ON true
WHERE {IS_OUT} AND NOT EXISTS (
    SELECT 1 FROM cases_case k JOIN students_child p ON p.id = k.child_id WHERE coalesce(p.merged_into_id, p.id) = c.person
    AND ({IS_OPEN} OR EXISTS (
        SELECT 1 FROM cases_caseentry e WHERE e.case_id = k.id AND e.target = k.state AND e.written_at >= %(finished)s)))
"""
OPEN = f"""
INSERT INTO cases_case (child_id, district_code, township_code, village_code, school_code, school_class_id, stage, state, origin, reason,
    is_never_enrolled, run_id, finding_id, opened_on, created_at, follows_id)
SELECT n.child_id, %(district)s, n.township_code, n.village_code, n.school_code, n.school_class_id, n.stage, n.state, 'comparison',
    left(n.reason, 300), n.never, %(run)s, n.finding_id, %(today)s, %(now)s, {FOLLOWS.format("n.child_id")}
FROM ({NEEDY}) n (child_id, township_code, village_code, school_code, school_class_id, stage, finding_id, state, reason, never)
ON CONFLICT DO NOTHING
RETURNING id, reason, state
"""
LEDGER = """
INSERT INTO cases_caseentry (case_id, kind, target, text, happened_on, written_at, by_name, by_title, data)
SELECT id, 'opened', state, reason, %(today)s, %(now)s, '系统', '第' || %(number)s || '次四查三比对',
    jsonb_build_object('run', %(run)s, 'standing', 'out')
FROM unnest(%(ids)s::bigint[], %(reasons)s::text[], %(states)s::text[]) AS o (id, reason, state)
"""
# A case that was closed not long ago is the same case still when the comparison finds its child out of school again.
AGAIN = f"""
WITH again AS (
    SELECT DISTINCT ON (n.child_id) k.id, n.reason
    FROM ({NEEDY}) n (child_id, township_code, village_code, school_code, school_class_id, stage, finding_id, state, reason, never)
    JOIN students_child p ON coalesce(p.merged_into_id, p.id) = n.child_id JOIN cases_case k ON k.child_id = p.id
    WHERE {WITHIN.format("%(today)s::date")} ORDER BY n.child_id, k.state_since DESC NULLS LAST, k.id DESC
), moved AS (
    UPDATE cases_case k SET state = 'reopened', state_since = %(today)s, progress_on = %(today)s, lines_on = NULL,
        lines_from = NULL, lines_signed_on = NULL, repeats = k.repeats + 1
    FROM again a WHERE k.id = a.id AND k.state = 'closed' RETURNING k.id, k.repeats
)
INSERT INTO cases_caseentry (case_id, kind, source, target, is_progress, text, happened_on, written_at, by_name, by_title, data)
SELECT m.id, 'moved', 'closed', 'reopened', true, left('再次辍学（第 ' || m.repeats || ' 次）：' || a.reason, 1000), %(today)s, %(now)s, '系统',
    '第' || %(number)s || '次四查三比对', jsonb_build_object('run', %(run)s, 'standing', 'out')
FROM moved m JOIN again a ON a.id = m.id RETURNING case_id
"""
# What the run says of every open case that an earlier one (or an earlier look at this one) opened, where that has changed since the ledger last
# told: the reason is gone, the child is in no register, another open case is the same child's, or the reason is there again.
STANDING = f"""
WITH told AS (
    SELECT DISTINCT ON (e.case_id) e.case_id, (e.data ->> 'run')::bigint AS run, e.data ->> 'standing' AS standing
    FROM cases_caseentry e WHERE e.data ? 'standing' ORDER BY e.case_id, e.id DESC
), waiting AS (
    SELECT k.id, {PERSON.format("k.child_id")} AS person, coalesce(t.standing, 'out') AS standing FROM cases_case k
    LEFT JOIN told t ON t.case_id = k.id
    WHERE k.district_code = %(district)s AND k.origin = 'comparison' AND {IS_OPEN}
        AND coalesce(t.run, k.run_id, 0) <= %(run)s
), looked AS (
    SELECT w.id, w.standing AS before, CASE
        WHEN w.id > min(w.id) OVER (PARTITION BY w.person) THEN 'double'
        WHEN c.id IS NULL THEN 'missing' WHEN {IS_OUT} THEN 'out' ELSE 'in' END AS now,
        min(w.id) OVER (PARTITION BY w.person) AS first_case,
        concat_ws('；', nullif(c.first_reason, ''), nullif(c.second_reason, ''), nullif(c.reverse_reason, '')) AS why
    FROM waiting w
    LEFT JOIN LATERAL (SELECT r.* FROM reconciliation_childclass r WHERE r.run_id = %(run)s AND r.child_id = ANY(ARRAY(
        SELECT w.person UNION ALL SELECT p.id FROM students_child p WHERE p.merged_into_id = w.person))
        ORDER BY r.child_id = w.person DESC, r.id LIMIT 1) c ON true
    LEFT JOIN registers_entry s ON s.id = c.survey_id
)
INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
SELECT id, 'note', left(CASE now
        WHEN 'in' THEN '立案理由已不成立：' || why || '。个案不自动结案，请核实后办理。'
        WHEN 'missing' THEN '现有名册中已没有该儿童。个案不自动结案，请核实去向后办理。'
        WHEN 'double' THEN '与个案 #' || first_case || ' 经核对是同一名儿童。两案都不自动结案，请核实后合并办理。'
        ELSE '立案理由再次成立：' || why || '。' END, 1000),
    %(today)s, %(now)s, '系统', '第' || %(number)s || '次四查三比对', jsonb_build_object('run', %(run)s, 'standing', now)
FROM looked WHERE now <> before ORDER BY id
RETURNING case_id
"""


def open_needed(run: Run, *, late: bool, today: date, now: datetime) -> list[int]:
    """Open a case with its first ledger line for every child of the run that is out of school and has none. Returns the new cases.

    ``late``: the first week is over, so 未返校 and 未注册 count too 〔方案二（三）1〕. Two at once open each case once.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, asked(run, late=late, today=today, now=now))
        opened = cursor.fetchall()
        if not opened:
            return []
        ids, reasons, states = (list(column) for column in zip(*opened, strict=True))
        told: dict[str, Any] = {"run": run.pk, "number": run.number, "today": today, "now": now}
        cursor.execute(LEDGER, told | {"ids": ids, "reasons": reasons, "states": states})
    return ids


def reopen_needed(run: Run, *, late: bool, today: date, now: datetime) -> list[int]:
    """Reopen the cases closed not long ago whose children the run finds out of school again; the cases. Two at once reopen each case once."""
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, asked(run, late=late, today=today, now=now))
        return sorted(case for (case,) in cursor.fetchall())


def note_standing(run: Run, *, late: bool, today: date, now: datetime) -> list[int]:
    """Write into the ledger of every open case of the comparison what the run now says of it, once for each change. Returns these cases.

    Nothing closes a case but people 〔方案二（三）1〕.
    """
    with one_at_a_time(run.district_code) as cursor:
        cursor.execute(STANDING, asked(run, late=late, today=today, now=now))
        return [case for (case,) in cursor.fetchall()]


def asked(run: Run, *, late: bool, today: date, now: datetime) -> dict[str, Any]:
    """The parameters of the statements above."""
    told = {"run": run.pk, "number": run.number, "district": run.district_code, "finished": run.finished_at}
    months = policy(district=run.district_code, day=today)["repeat_months"]
    return told | {"late": late, "today": today, "now": now, "months": months}


def runs_without_cases() -> list[Run]:
    """The newest finished run of each district, whose word on its children counts."""
    newest = Run.objects.filter(state__in=[Run.State.DONE, Run.State.SIGNED]).order_by("district_code", "-pk").distinct("district_code")
    return list(newest.select_related("term"))
