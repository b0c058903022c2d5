"""By which day a line is due, and how many days are left: plain dates, the numbers come from the district's policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

HORIZON = 60  # days after the start in which every deadline of the policy lies
LONGEST_BREAK = 10  # days; the longest break inside a term is the national holiday in October


def due_day(begun: date, *, days: int, is_school_day: Callable[[date], bool]) -> date:
    """The ``days``-th school day after a day: the last one on which a line is in time.

    Where no school day follows within ``LONGEST_BREAK`` (the term is over) the next working day counts: a child lost on the last day of
    term is reported before the holidays, not after them. 〔方案二（三）2〕3天及以上无正当理由未到校的完成“三线”报告；期限为缺省值，待本区确认。"""
    due = begun
    for _ in range(days):
        ahead = [due + timedelta(n) for n in range(1, LONGEST_BREAK + 1)]
        due = next((day for day in ahead if is_school_day(day)), None) or next(day for day in ahead if day.weekday() < 5)
    return due


def days_left(due: date, *, today: date, is_school_day: Callable[[date], bool]) -> int:
    """School days from today up to the due day: 0 on that day, below 0 once it is over, even where only a weekend has passed since.

    〔方案二（三）2〕期限按该校上课日计。"""
    first, last = sorted((today, due))
    between = sum(is_school_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))
    if today == due:
        return 0
    return max(between, 1) if today < due else -max(between, 1)
