"""Reads over cases, and who needs one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from apps.cases.models import Case
from apps.cases.workflow import ENDED, State
from apps.core.scope import Scope
from apps.reconciliation.models import Run

NEEDY = """
SELECT c.child_id, c.township_code, c.village_code, c.school_code, c.school_class_id, c.stage, f.id,
    CASE WHEN c.first = 'never_enrolled' THEN 'confirmed' WHEN c.first = 'no_residence' THEN 'confirmed' ELSE 'suspected' END,
    CASE WHEN c.first IN ('never_enrolled', 'no_residence') THEN '失学：' || c.first_reason
        WHEN c.second = 'dropout' THEN '辍学：' || c.second_reason
        WHEN c.second = 'suspected_dropout' THEN '疑似辍学：' || c.second_reason
        WHEN c.second = 'not_returned' THEN '未返校：' || c.second_reason ELSE '未注册：' || c.second_reason END,
    c.first IN ('never_enrolled', 'no_residence')
FROM reconciliation_childclass c
LEFT JOIN registers_entry s ON s.id = c.survey_id
LEFT JOIN LATERAL (
    SELECT id FROM reconciliation_finding f WHERE f.run_id = c.run_id AND f.child_id = c.child_id AND f.klass IN (c.first, c.second)
    ORDER BY f.klass IN ('never_enrolled', 'dropout', 'suspected_dropout') DESC, f.id LIMIT 1) f ON true
WHERE c.run_id = %(run)s AND (
    c.first = 'never_enrolled' OR (c.first = 'no_residence' AND s.state IN ('never_enrolled', 'dropout') AND NOT EXISTS (
        SELECT 1 FROM reconciliation_doubtfulpair d
        WHERE d.run_id = c.run_id AND d.answer IN ('', 'ask') AND c.survey_id IN (d.left_id, d.right_id)))
    OR c.second IN ('suspected_dropout', 'dropout') OR (c.second IN ('not_returned', 'unregistered') AND %(late)s))
  AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE k.child_id = c.child_id AND k.state NOT IN ('cleared', 'closed'))
"""
OPEN = f"""
INSERT INTO cases_case (child_id, district_code, township_code, village_code, school_code, school_class_id, stage, state, origin, reason,
    is_never_enrolled, run_id, finding_id, opened_on, created_at)
SELECT n.child_id, %(district)s, n.township_code, n.village_code, n.school_code, n.school_class_id, n.stage, n.state, 'comparison',
    left(n.reason, 300), n.never, %(run)s, n.finding_id, %(today)s, now()
FROM ({NEEDY}) n (child_id, township_code, village_code, school_code, school_class_id, stage, finding_id, state, reason, never)
ON CONFLICT DO NOTHING
RETURNING id, reason
"""
LEDGER = """
INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
SELECT id, 'opened', reason, %(today)s, now(), '系统', '第' || %(run)s || '次四查三比对', '{}'::jsonb
FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS o (id, reason)
"""


def open_needed(run: Run, *, late: bool, today: date) -> int:
    """Open a case with its first ledger line for every child of the run that is out of school and has none. Returns how many.

    ``late``: the first week is over, so 未返校 and 未注册 count too 〔方案二（三）1〕. Two at once open each case once.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"run": run.pk, "district": run.district_code, "late": late, "today": today})
        opened = cursor.fetchall()
        if opened:
            ids, reasons = zip(*opened, strict=True)
            cursor.execute(LEDGER, {"run": run.pk, "today": today, "ids": list(ids), "reasons": list(reasons)})
    return len(opened)


def runs_without_cases() -> list[Run]:
    """The newest finished run of each district, where it has children that need a case and have none."""
    newest = Run.objects.filter(state__in=[Run.State.DONE, Run.State.SIGNED]).order_by("district_code", "-pk").distinct("district_code")
    return list(newest.select_related("term"))


def open_states() -> list[str]:
    """States of a case that is not over."""
    return [state.value for state in State if state not in (State.CLEARED, State.CLOSED)]


def listed(scope: Scope, *, whole: bool = False, **wanted: Any) -> QuerySet[Case]:
    """Cases of a scope: state (a state, 'open' or 'ended'), origin, township (of the household or the school), school, stage, child, text."""
    rows = Case.objects.within(scope)
    state = wanted.get("state", "")
    if state == "open":
        rows = rows.open()
    elif state == "ended":
        rows = rows.filter(state__in=sorted(ENDED))
    elif state:
        rows = rows.filter(state=state)
    if township := wanted.get("township", ""):
        rows = rows.filter(Q(township_code=township) | Q(school__township_id=township))
    exact = {"origin": "origin", "school": "school_id", "stage": "stage", "child": "child_id"}
    rows = rows.filter(**{field: wanted[key] for key, field in exact.items() if wanted.get(key)})
    return rows.search(wanted.get("text", ""), whole=whole).select_related("child", "school", "school_class")


def by_state(scope: Scope) -> dict[str, int]:
    """State → number of cases of a scope that are not over, in the order of the life of a case."""
    counted = dict(Case.objects.within(scope).open().values_list("state").annotate(n=Count("pk")).order_by())
    return {state.value: counted[state.value] for state in State if state.value in counted}
