"""Celery: cases of absence get their three lines."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reporting.actions import batching, drafting, telling


@shared_task
def draft_lines() -> None:
    """Draft the three lines of every absence of an open case that lacks them; what has become needless or was done waits for nobody, until it
    is needed again."""
    drafting.draft_lines(by=SYSTEM, now=clock.now())
    telling.taken_back(now=clock.now())
    telling.visited(now=clock.now())
    telling.tell_all(telling.needed_again(), by=SYSTEM, now=clock.now())


@shared_task
def make_batch(*, batch_id: int) -> None:
    """Make one zip of files."""
    batching.work_batch(batch_id=batch_id, now=clock.machine(), today=clock.today())


@shared_task
def sweep_batches() -> None:
    """Queue again what waits without a worker; clear what is a week old."""
    for batch_id in batching.still_waiting(now=clock.machine()):
        make_batch.delay(batch_id=batch_id)
    batching.clear_batches(now=clock.machine())
