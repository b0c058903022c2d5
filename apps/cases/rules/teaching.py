"""送教上门: how many lessons a plan must have, how many are due by now, how many are missing."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil

YEAR_DAYS = 300  # technical: days from 1 September to the summer holidays, what a yearly quota is for; the quota itself is the policy's


def quota(yearly: int, *, first: date, last: date) -> int:
    """The part of a yearly quota that falls on a plan's days; a whole school year has all of it.

    〔方案二（六）〕送教上门；每学年课时由县区设定（缺省取外县 30—216 课时，待本区确认），中途开始的按日数折算。"""
    return ceil(yearly * min(((last - first).days + 1) / YEAR_DAYS, 1))


def counted_to(today: date) -> date:
    """Up to which day lessons are due: the last Sunday, so that a teacher has the whole week for them.

    〔方案二（六）〕送教上门按周安排，欠课以上周末为准（缺省值，待本区确认）。"""
    return today - timedelta(today.isoweekday() % 7)


def due_lessons(planned: int, *, passed: int, total: int) -> int:
    """Lessons that should have been given after so many of the plan's school days. 〔方案二（六）〕按计划均匀送教，课时不足的预警。"""
    return planned * min(passed, total) // total if total > 0 else 0


def missing_lessons(due: int, given: int) -> int:
    """Lessons in arrears. 〔方案二（六）〕课时不足的预警。"""
    return max(due - given, 0)


def share_taught(watched: int, *, due: int, given: int) -> int:
    """Of the school days on which a child taught apart was watched, the part that the lessons given make of those due; all where none is due.

    〔方案二（六）〕送教上门的按送教记录计出勤。"""
    return min(watched, watched * given // due) if due else watched
