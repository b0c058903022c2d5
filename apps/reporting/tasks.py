"""Celery: cases of absence get their three lines."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reporting.actions import batching, drafting, following, telling


@shared_task
def draft_lines() -> None:
    """Draft the three lines of every absence of an open case that lacks them; what has become needless or was done waits for nobody, until it
    is needed again; a report goes with its case."""
    following.follow_cases(by=SYSTEM, now=clock.now())
    drafting.draft_lines(by=SYSTEM, now=clock.now())
    telling.taken_back(now=clock.now())
    telling.visited(now=clock.now())
    telling.tell_all(telling.needed_again(), by=SYSTEM, now=clock.now())


@shared_task
def make_batches() -> None:
    """Make one slice of a zip of files, then send for the next behind the tasks that wait meanwhile."""
    if batching.work_slice(now=clock.machine(), today=clock.today()):
        make_batches.delay()


@shared_task
def sweep_batches() -> None:
    """Clear what is a week old; go on where zips stand still."""
    batching.clear_batches(now=clock.machine())
    if batching.stand_still(now=clock.machine()):
        make_batches.delay()
