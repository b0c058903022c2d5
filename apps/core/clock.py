"""The one place that reads the clock. Below the edge (views, tasks, commands) times are given, never read."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware."""
    return timezone.now()


def today() -> date:
    """Today in the district's time zone; ``ZAIXUE_TODAY`` pins it for demonstrations."""
    return settings.PINNED_TODAY or timezone.localdate()


def moment() -> datetime:
    """The present time of day on ``today()``, aware: what a day's deadlines (15:00) are measured by, also where today is pinned."""
    here = timezone.localtime(now())
    return datetime.combine(today(), here.time(), here.tzinfo)
