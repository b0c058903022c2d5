"""The clock of a demonstration: another day, the same time of day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.core import clock

DAY = date(2026, 11, 23)
PINNED = [(DAY, timedelta()), (DAY, timedelta(hours=-30)), (date(2031, 2, 3), timedelta(hours=9)), (None, timedelta(hours=5)), (None, timedelta())]


@pytest.fixture(params=PINNED, ids=str)
def pinned(request: pytest.FixtureRequest, settings: Any) -> date | None:
    """The day the clock is pinned to, with and without a shift."""
    settings.PINNED_TODAY, settings.CLOCK_SHIFT = request.param
    day: date | None = request.param[0]
    return day


def test_now_and_today_are_one_clock(pinned: date | None, settings: Any) -> None:
    before, now, after = (timezone.localtime(moment) for moment in (clock.machine(), clock.now(), clock.machine()))
    assert now.date() == clock.today() == (pinned or now.date())
    hours = [(moment + settings.CLOCK_SHIFT).time() for moment in (before, after)]
    assert hours[0] <= now.time() <= hours[1] or hours[0] > hours[1]  # the machine's midnight lies between


def test_browsers_and_leases_go_by_the_machine(pinned: date | None) -> None:
    before, told, after = clock.machine(), clock.outside(clock.now()), clock.machine()
    assert before <= told <= after
    assert clock.outside(clock.now() + timedelta(hours=3)) - told >= timedelta(hours=3)


def test_what_the_database_stamped_is_said_by_the_products_clock(pinned: date | None) -> None:
    before, said, after = clock.now(), clock.inside(clock.machine()), clock.now()
    assert before <= said <= after
