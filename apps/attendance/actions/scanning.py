"""Computing the runs of absence, of a whole district or of some pupils."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction

from apps.attendance.queries.runs import Scanned, write_runs, write_today
from apps.schools import queries as places


@transaction.atomic
def scan(*, district: str, today: date, children: Collection[int] | None = None) -> Scanned:
    """Recompute the runs of absence up to ``today``, of a district or of some of its pupils; safe to repeat and to interrupt.

    〔方案二（三）2〕无正当理由连续 3 天及以上未到校。
    """
    return write_runs(district=district, today=today, limits=limits(district), children=children)


@transaction.atomic
def scan_day(*, district: str, today: date, children: Collection[int] | None = None) -> Scanned:
    """What today's roll calls add to the runs of absence, of a district or of some of its pupils: all earlier days have been computed, and no
    mark of today has been taken back since.

    〔方案二（三）2〕无正当理由连续 3 天及以上未到校。
    """
    return write_today(district=district, today=today, limits=limits(district), children=children)


def limits(district: str) -> list[tuple[date, int]]:
    """How many school days make a suspected dropout, from when on."""
    return places.values_since("suspected_school_days", district=district)
