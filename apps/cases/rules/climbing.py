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


def paused_days(pauses: Iterable[tuple[date, date]], *, after: date, most: int) -> list[date]:
    """The days after a day on which an agreed pause stops the clock, in order and each once, at most ``most`` of them: however many pauses
    are agreed to, one after the other or over each other, no clock stands still for longer than that without progress.

    〔方案二（三）4〕持续家访，直至劝返；暂停须有理由和截止日，累计不超过上限（缺省值，待本区确认）。"""
    days = {first + timedelta(n) for first, last in pauses for n in range((last - first).days + 1)}
    return sorted(day for day in days if day > after)[:most]


def idle_days(progress_on: date, *, today: date, pauses: Iterable[tuple[date, date]] = (), most: int = 0) -> int:
    """Days without progress up to today; days inside an agreed pause do not count (``most`` of them), and a pause ends by itself.

    〔方案二（三）4〕持续家访，直至劝返；期限不因修改文字而重新起算（缺省值，待本区确认）。"""
    stopped = sum(day <= today for day in paused_days(pauses, after=progress_on, most=most))
    return max((today - progress_on).days - stopped, 0)


def climbed(idle: int, *, numbers: Policy) -> int:
    """How far up the ladder a case has climbed after so many idle days: 0 the one charged with it, 1 校长, 2 中心学校和乡镇, 4 区教体局和区领导.

    〔方案二（一）〕责任逐级落实；无进展 3、7、14 日逐级上报（缺省值，待本区确认）。"""
    if idle >= numbers["escalate_third_days"]:
        return 4
    if idle >= numbers["escalate_second_days"]:
        return 2
    return 1 if idle >= numbers["escalate_first_days"] else 0


def rung(level: int, *, has_school: bool, has_township: bool) -> int:
    """Who is told in place of a level that nobody stands on: a child without a school goes on to the township, one without a township to the
    bureau.

    〔方案二（一）〕责任逐级落实：没有学校的由乡镇、没有乡镇的由区教体局接（缺省值，待本区确认）。"""
    if level == 1 and not has_school:
        level = 2
    return 3 if level == 2 and not has_township else level


def shifted(due: date, *, pauses: Iterable[tuple[date, date]], since: date, most: int) -> date:
    """A deadline moved on by the paused days that lie between its start and itself, at most ``most`` of them.

    〔方案二（三）4〕暂停须有理由和截止日，到期自动恢复（缺省值，待本区确认）。"""
    for day in paused_days(pauses, after=since, most=most):
        if day <= due:
            due += timedelta(1)
    return due


def next_try(progress_on: date, *, pauses: Iterable[tuple[date, date]], numbers: Policy) -> date:
    """The last day for the next try, so that the case does not climb: paused days do not count, a legal term that runs does.

    〔方案二（三）4〕持续家访，直至劝返：文书的期限在走，家访不停（间隔为缺省值，待本区确认）。"""
    days = numbers["escalate_first_days"] - 1
    return shifted(progress_on + timedelta(days), pauses=pauses, since=progress_on, most=numbers["pause_total_days"])
