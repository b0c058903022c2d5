"""The one place that reads the clock. Below the edge (views, tasks, commands) times are given, never read."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware. ``ZAIXUE_TODAY`` pins its day and keeps the time of day; the demonstration's clock stands on the afternoon of
    a school day (``ZAIXUE_CLOCK_SHIFT``)."""
    moment = machine()
    return moment + _ahead(moment)


def today() -> date:
    """The day of ``now()`` in the district's time zone."""
    return settings.PINNED_TODAY or timezone.localtime(now()).date()


def machine() -> datetime:
    """The machine's own moment, which no demonstration sets and which never leaps back: for leases, for sessions, and for what is compared with
    a time that Django or the database stamped."""
    return timezone.now()


def outside(moment: datetime) -> datetime:
    """A moment of ``now()`` by the clocks of browsers, which no demonstration sets."""
    return moment - _ahead(machine())


def inside(moment: datetime) -> datetime:
    """A moment that Django or the database stamped (``machine()``), by the clock of ``now()``: what pages say of it."""
    return moment + _ahead(machine())


def _ahead(moment: datetime) -> timedelta:
    """By how much the product's clock is ahead of the machine's."""
    if settings.PINNED_TODAY is None:
        return settings.CLOCK_SHIFT
    return settings.CLOCK_SHIFT + (settings.PINNED_TODAY - timezone.localtime(moment + settings.CLOCK_SHIFT).date())
