"""Celery: ids in, one action."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.reconciliation.actions import running


@shared_task
def work_run(*, run_id: int) -> None:
    """Work one chunk of a run; the last one of a phase sends for workers of the next."""
    chunk = running.claim(run_id=run_id, now=clock.now())
    if chunk is None:
        return
    waiting = running.work(chunk=chunk, now=clock.now())
    for _ in range(max(waiting, 1)):
        work_run.delay(run_id=run_id)


@shared_task
def sweep_runs() -> None:
    """Send a worker to every run that stands still."""
    for run_id in running.stuck(now=clock.now()):
        work_run.delay(run_id=run_id)
