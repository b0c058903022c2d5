"""The next task of a case: in words, and written down for many cases at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from apps.cases.models import Case
from apps.cases.workflow import TASKS


def task_label(case: Case) -> str:
    """What is to be done, as the column ``task`` names it; '' for a case that is over."""
    return next((task.label for task in TASKS.get(case.standing, ()) if task.code == case.task), "")


STORE = """
UPDATE cases_case k SET task = u.task, owner_role = u.role, owner_region = u.region, due_on = u.due, climbed = u.climbed
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::smallint[]) AS u (id, task, role, region, due, climbed)
WHERE k.id = u.id
"""


def store_tasks(cases: Sequence[Case]) -> None:
    """Write what comes next in some cases, as their columns say it. One statement, however many."""
    if cases:
        rows = [(case.pk, case.task, case.owner_role, case.owner_region, case.due_on, case.climbed) for case in cases]
        with connection.cursor() as cursor:
            cursor.execute(STORE, [list(column) for column in zip(*rows, strict=True)])
