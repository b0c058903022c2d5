"""Celery: what the trail need not keep."""

from __future__ import annotations

from celery import shared_task

from apps.audit import actions
from apps.core import clock


@shared_task(ignore_result=True)
def forget_submissions() -> None:
    """Delete the keys of forms taken long ago."""
    actions.forget_submissions(now=clock.machine())
