"""Celery: cases of absence get their three lines."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reporting.actions import drafting, telling


@shared_task
def draft_lines() -> None:
    """Draft the three lines of every absence of an open case that lacks them; what has become needless or was done waits for nobody."""
    drafting.draft_lines(by=SYSTEM, now=clock.now())
    telling.taken_back(now=clock.now())
    telling.visited(now=clock.now())
