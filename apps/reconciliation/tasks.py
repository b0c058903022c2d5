"""Celery: ids in, one action."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.reconciliation.actions import running


@shared_task
def work_run(*, run_id: int) -> None:
    """Work one chunk of a run; the last one of a phase sends for workers of the next."""
    now = clock.now()
    chunk = running.claim(run_id=run_id, now=clock.machine())
    waiting = max(running.work(chunk=chunk, now=now), 1) if chunk else running.settle(run_id=run_id, now=now)
    for _ in range(waiting):
        work_run.delay(run_id=run_id)


@shared_task
def sweep_runs() -> None:
    """Send a worker to every run that stands still."""
    for run_id in running.stuck(now=clock.machine()):
        work_run.delay(run_id=run_id)
