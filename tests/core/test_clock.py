"""The clock of a demonstration: another day, the same time of day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from apps.core import clock


def test_a_pinned_day_keeps_the_time_of_day(settings: Any) -> None:
    settings.PINNED_TODAY = date(2026, 11, 23)
    before, moment, after = clock.now(), clock.moment(), clock.now()
    assert timezone.localtime(moment).date() == clock.today() == date(2026, 11, 23)
    assert timezone.localtime(before).time() <= moment.time() <= timezone.localtime(after).time()


def test_without_a_pinned_day_it_is_now(settings: Any) -> None:
    settings.PINNED_TODAY = None
    before = clock.now()
    assert before <= clock.moment() <= clock.now()
