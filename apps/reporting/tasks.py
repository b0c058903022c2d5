"""Celery: cases of absence get their three lines."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reporting.actions import drafting


@shared_task
def draft_lines() -> None:
    """Draft the three lines of every open case that lacks them."""
    drafting.draft_lines(by=SYSTEM, now=clock.now())
