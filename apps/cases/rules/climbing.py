"""Deadlines that cannot be silenced: what counts as progress, and how far a case without any has climbed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from apps.schools.policy import Policy

# level -> who hears of it (roles), in words
LADDER = (
    ("head_teacher", "班主任"),
    ("principal", "校长"),
    ("central_school township", "中心学校、乡镇（街道）"),
    ("bureau", "区教体局"),
    ("leader", "区领导"),
)


def idle_days(progress_on: date, *, today: date, pauses: Iterable[tuple[date, date]] = ()) -> int:
    """Days without progress up to today; days inside an agreed pause do not count, and a pause ends by itself.

    〔方案二（三）4〕持续家访，直至劝返；期限不因修改文字而重新起算（缺省值，待本区确认）。"""
    days = range((today - progress_on).days)
    stopped = list(pauses)
    return sum(not any(first <= progress_on + timedelta(n + 1) <= last for first, last in stopped) for n in days)


def climbed(idle: int, *, numbers: Policy) -> int:
    """How far up the ladder a case has climbed after so many idle days: 0 the one charged with it, 1 校长, 2 中心学校和乡镇, 4 区教体局和区领导.

    〔方案二（一）〕责任逐级落实；无进展 3、7、14 日逐级上报（缺省值，待本区确认）。"""
    if idle >= numbers["escalate_third_days"]:
        return 4
    if idle >= numbers["escalate_second_days"]:
        return 2
    return 1 if idle >= numbers["escalate_first_days"] else 0


def shifted(due: date, *, pauses: Iterable[tuple[date, date]], since: date) -> date:
    """A deadline moved on by the paused days that lie between its start and itself.

    〔方案二（三）4〕暂停须有理由和截止日，到期自动恢复（缺省值，待本区确认）。"""
    for first, last in sorted(pauses):
        if first <= due and last >= since:
            due += timedelta((last - max(first, since)).days + 1)
    return due
