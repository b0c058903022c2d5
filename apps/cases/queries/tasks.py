"""The next task of a case in words."""

from __future__ import annotations

from apps.cases.models import Case
from apps.cases.workflow import TASKS


def task_label(case: Case) -> str:
    """What is to be done, as the column ``task`` names it; '' for a case that is over."""
    return next((task.label for task in TASKS.get(case.standing, ()) if task.code == case.task), "")
