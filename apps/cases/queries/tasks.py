"""The next task of a case: in words, and written down for many cases at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from apps.cases.models import Case
from apps.cases.workflow import PAPER_CODES, TASKS, VISIT
from apps.core.scope import Level, Scope


def task_label(case: Case) -> str:
    """What is to be done, as the column ``task`` names it; '' for a case that is over."""
    return next((task.label for task in TASKS.get(case.standing, ()) if task.code == case.task), "")


def part_of(case: Case, scope: Scope) -> tuple[str, date | None]:
    """What is to be done by when, as a post of a place is told it: a village is told of the next visit where a paper of the township is due first."""
    if scope.level == Level.VILLAGE and case.task in PAPER_CODES and case.try_on:
        return VISIT.label, case.try_on
    return task_label(case), case.due_on


STORE = """
UPDATE cases_case k SET task = u.task, owner_role = u.role, owner_region = u.region, due_on = u.due, try_on = u.visit_by, is_unseen = u.unseen,
    climbed = u.climbed
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::boolean[], %s::smallint[])
    AS u (id, task, role, region, due, visit_by, unseen, climbed)
WHERE k.id = u.id
"""


def store_tasks(cases: Sequence[Case]) -> None:
    """Write what comes next in some cases, as their columns say it. One statement, however many."""
    if cases:
        rows = [(case.pk, case.task, case.owner_role, case.owner_region, case.due_on, case.try_on, case.is_unseen, case.climbed) for case in cases]
        with connection.cursor() as cursor:
            cursor.execute(STORE, [list(column) for column in zip(*rows, strict=True)])
