"""再次辍学: the same case again, or a new one that follows it."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def window_end(since: date, *, months: int) -> date:
    """The last day on which being lost again reopens a case; a month without that day ends on its last one, as the database counts.

    〔方案二（三）1〕一生一案：销号后 12 个月内再次辍学的，仍是原来的个案（缺省值，待本区确认）。"""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))


def is_repeat(since: date, *, again_on: date, months: int) -> bool:
    """Whether a child whose case was closed on a day, and that is lost again on another, reopens it; later it gets a new case that follows it.

    〔方案二（三）1〕一生一案；〔方案二（三）2〕再次连续 3 天及以上未到校。"""
    return again_on <= window_end(since, months=months)
