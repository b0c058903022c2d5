"""Celery: what the comparison found becomes cases."""

from __future__ import annotations

from celery import shared_task

from apps.cases import actions, queries
from apps.core import clock
from apps.core.scope import SYSTEM


@shared_task
def open_cases() -> None:
    """Open the cases the newest finished runs ask for."""
    for run in queries.runs_without_cases():
        actions.open_cases_of_run(run=run, by=SYSTEM, today=clock.today())
