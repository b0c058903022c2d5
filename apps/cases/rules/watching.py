"""跟踪巩固: when notes are due, and when a child has been watched long enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from apps.cases.rules.facts import Facts
from apps.schools.policy import Policy

HOLIDAYS = 70  # days; none between two terms are longer
WEEK = 7
MONTH = 30  # days; a month of the rule, not of the calendar, so that no note falls on a 31st that is not there


def next_note(since: date, *, notes: tuple[date, ...], numbers: Policy) -> date:
    """By when the next note is due: weekly for the first weeks, then monthly, counted from the last note.

    〔方案二（五）〕留得住、有收获；每周记录四周，之后每月（缺省值，待本区确认）。"""
    last = max(notes, default=since)
    weekly_until = since + timedelta(WEEK * numbers["monitoring_weekly"])
    return last + timedelta(WEEK) if last < weekly_until else last + timedelta(MONTH * numbers["monitoring_months"])


def on_school_day(due: date, *, after: date, is_school_day: Callable[[date], bool]) -> date:
    """The day a note is due, kept on a school day, on which the child can be seen in class: the last one not later than its term; where none lies
    between the last note and the term (holidays), the first one after it.

    〔方案二（五）〕留得住、有收获；期限遇周末、节假日提前到最后一个上课日，整段放假的到开学（缺省值，待本区确认）。"""
    before = (due - timedelta(n) for n in range(max((due - after).days, 0)))
    ahead = (due + timedelta(n) for n in range(1, HOLIDAYS + 1))
    return next((day for day in (*before, *ahead) if is_school_day(day)), due)


def watched_long_enough(facts: Facts, *, numbers: Policy) -> bool:
    """Whether a child was watched for the policy's school days. 〔方案二（一）〕“动态清零”：销号条件（缺省值，待本区确认）"""
    return facts.monitored_days >= numbers["monitoring_school_days"]


def came_often_enough(facts: Facts, *, numbers: Policy) -> bool:
    """Whether it came on the policy's share of them. 〔方案二（一）〕“动态清零”：销号条件（缺省值，待本区确认）"""
    return facts.monitored_days > 0 and facts.attendance >= numbers["monitoring_attendance"]
