"""When the demonstration takes place: always the afternoon of a school day, before the roll calls are due."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from apps.core import clock
from apps.schools.actions import national_days
from apps.schools.rules import default_spans, is_school_day, term_of

AFTERNOON = time(14, 20)  # forty minutes before 15:00
WEEKS = timedelta(weeks=4)  # of attendance behind it, at least


def school_day(today: date) -> date:
    """The last day up to today on which all grades have school, four weeks or more into a term."""
    day = today
    while True:
        spans = default_spans(term_of(day))
        first, last = max(span[2] for span in spans), min(span[3] for span in spans)
        known = {one: works for one, works, _ in national_days(year=day.year)}
        if first + WEEKS <= day and is_school_day(day, calendar=known, closures=(), first=first, last=last):
            return day
        day -= timedelta(1)


def set_clock(kept: Path) -> datetime:
    """Set the clock of this process and of those it starts, and say to when: the day chosen when the data were made, or ``ZAIXUE_TODAY``."""
    known = date.fromisoformat(kept.read_text()) if kept.exists() else None
    day = settings.PINNED_TODAY or known or school_day(clock.today())
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(day.isoformat())
    moment = timezone.make_aware(datetime.combine(day, AFTERNOON))
    seconds = round((settings.CLOCK_SHIFT + moment - clock.now()).total_seconds())
    settings.CLOCK_SHIFT = timedelta(seconds=seconds)
    os.environ["ZAIXUE_CLOCK_SHIFT"] = str(seconds)
    return moment
