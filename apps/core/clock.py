"""The one place that reads the clock. Below the edge (views, tasks, commands) times are given, never read."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware; the demonstration's clock stands on the afternoon of a school day (``ZAIXUE_CLOCK_SHIFT``)."""
    return timezone.now() + settings.CLOCK_SHIFT


def today() -> date:
    """Today in the district's time zone; ``ZAIXUE_TODAY`` pins it for demonstrations."""
    return settings.PINNED_TODAY or timezone.localtime(now()).date()


def moment() -> datetime:
    """The present time of day on ``today()``, aware: what a day's deadlines (15:00) are measured by, also where today is pinned."""
    here = timezone.localtime(now())
    return datetime.combine(today(), here.time(), here.tzinfo)


def outside(moment: datetime) -> datetime:
    """The same moment by the clocks of browsers, which no demonstration sets."""
    return moment - settings.CLOCK_SHIFT
