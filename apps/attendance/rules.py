"""The three-day rule: what one day says of a pupil, and which days together are a run of absence. Plain Python, no clock, no database.

``queries/runs.py`` says the same for a district in SQL; tests/attendance/absence_cases.py is the one truth table of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from itertools import takewhile

from apps.core.labels import Labelled


class Code(Labelled):
    """What a roll call writes down beside a name; nothing is written for a pupil who is there. The value is stored, the label shown."""

    ABSENT = "absent", "缺勤"
    LEAVE = "leave", "请假"
    HALF = "half", "半天"
    LATE = "late", "迟到"
    EARLY = "early", "早退"


class Reason(Labelled):
    """Why a pupil is not there, as far as the teacher knows at that hour."""

    SICK = "sick", "病假"
    PERSONAL = "personal", "事假"
    UNEXCUSED = "unexcused", "无故"
    UNREACHABLE = "unreachable", "未联系上"
    OTHER = "other", "其他"


MARKS_OF_ABSENCE = frozenset({Code.ABSENT, Code.LEAVE})


class Day(StrEnum):
    """What one day says of one pupil."""

    FREE = "free"  # no school, no roll call, no seat: neither counts nor breaks
    EXCUSED = "excused"  # approved leave: neither counts nor breaks
    HALF = "half"  # half a day present: keeps a run open, does not count
    ABSENT = "absent"  # counts
    PRESENT = "present"  # a full day: ends the run
    AWAY = "away"  # suspended, taught at home: the absence is explained, the run ends
    GONE = "gone"  # on no roll any more


class End(Labelled):
    """Why a run of absence is over."""

    RETURNED = "returned", "已到校"
    AWAY = "away", "休学、送教等已办手续"
    OFF_ROLL = "off_roll", "已不在班级名单"


ENDS = {Day.PRESENT: End.RETURNED, Day.AWAY: End.AWAY, Day.GONE: End.OFF_ROLL}


@dataclass(frozen=True, slots=True)
class Seat:
    """Whether a pupil belongs to a class on a day: here, away with papers (休学、送教), between two classes, or gone for good."""

    is_here: bool = True
    is_away: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Days of absence without reason that belong together. ``school_days`` counts only those; ``ended_on`` None: still absent."""

    first_day: date
    last_day: date
    school_days: int
    suspected_on: date | None = None
    ended_on: date | None = None
    end: End | None = None


def what_day_says(*, is_school_day: bool, seat: Seat, is_taken: bool, mark: Code | None, on_leave: bool) -> Day:
    """One day of one pupil, from what is stored: the seat, whether the class-day was taken, the mark, an approved leave.

    〔方案二（三）2〕“无正当理由连续3天及以上未到校”：缺勤且无批准的请假才计；未点名不是到校，也不计缺勤；半天到校不计也不断。"""
    if seat.is_gone:
        return Day.GONE
    if seat.is_away:
        return Day.AWAY
    if not (is_school_day and seat.is_here and is_taken):
        return Day.FREE
    if mark in MARKS_OF_ABSENCE:
        return Day.EXCUSED if on_leave else Day.ABSENT
    return Day.HALF if mark == Code.HALF else Day.PRESENT


def absence_runs(days: Iterable[tuple[date, Day]], *, limit: Callable[[date], int]) -> list[Run]:
    """The runs of absence in a pupil's days, in the order of the days. ``limit``: how many school days make one a suspected dropout, by the
    number in force on its first day: a change of the number changes no run that has begun.

    〔方案二（三）2〕连续 3 个上课日及以上无正当理由未到校即疑似辍学；周末、放假、停课、准假、未点名既不计也不断，到校满一天才断。"""
    found: list[Run] = []
    now: Run | None = None
    for day, said in days:
        if said is Day.ABSENT:
            now = replace(now, last_day=day, school_days=now.school_days + 1) if now else Run(day, day, 1)
            if now.school_days == limit(now.first_day):
                now = replace(now, suspected_on=day)
        elif now and said in ENDS:
            found.append(replace(now, ended_on=day, end=ENDS[said]))
            now = None
    return [*found, now] if now else found


def is_just_over(at: time, *, cutoff: int, minutes: int, every: int) -> bool:
    """Whether the cutoff (1500 is 15:00) is ``minutes`` ago, for the first of the looks that are ``every`` so many minutes apart.

    〔方案二（三）3〕“每个工作日15：00前”：截止一过就算当天的连续未到校。"""
    passed = at.hour * 60 + at.minute - (cutoff // 100 * 60 + cutoff % 100)
    return minutes <= passed < minutes + every


def is_late(at: time, *, cutoff: int) -> bool:
    """Whether a roll call comes after the cutoff, written 1500 for 15:00.

    〔方案二（三）3〕“每个工作日15：00前”。"""
    return at.hour * 100 + at.minute >= cutoff


def who_approves(school_days: int, *, head_teacher_days: int, office_days: int, lately: int, most: int) -> str:
    """The role that may approve a leave of so many school days: head_teacher, registrar (教务), principal. With those of the last
    weeks, adjoining or not, there are ``lately`` so many: more than ``most`` of them are the principal's, slip by slip though they come.

    〔方案二（三）2〕请假须经批准；分级（缺省）：一天以内班主任，三天以内教务，更长由校长批准；零星请假近期合计过多的，由校长批准。"""
    if lately > most:
        return "principal"
    if school_days <= head_teacher_days:
        return "head_teacher"
    return "registrar" if school_days <= office_days else "principal"


def days_beside(first: date, last: date, *, covered: Collection[date], school_days: Iterable[date]) -> int:
    """How many school days of leave adjoin a slip on either side without a school day between: slips of one day each are one long leave,
    in whatever order they are entered.

    〔方案二（三）2〕请假按天数分级批准（缺省分级），前后连着的几张按合计天数算。"""
    days = sorted(school_days)
    before = takewhile(covered.__contains__, [day for day in reversed(days) if day < first])
    after = takewhile(covered.__contains__, [day for day in days if day > last])
    return len([*before, *after])


def days_lately(first: date, last: date, *, covered: Collection[date], school_days: Iterable[date], window: int) -> int:
    """How many of the ``window`` school days before a slip, or after it where it is entered late, were days of leave: the more of both, so that the
    order of entry hides nothing. 〔方案二（三）2〕断断续续的请假也是请假。"""
    days = sorted(school_days)
    before, after = [day for day in days if day < first][-window:], [day for day in days if day > last][:window]
    return max(sum(day in covered for day in side) for side in (before, after))


WEEKDAYS = "一二三四五六日"


def pattern_hint(days: Sequence[date], *, times: int, most: int, after_market: Collection[date] = ()) -> str:
    """Why a pupil's days of absence look like a habit, in words; '' where they do not: ``times`` of them, and at least half of all,
    on one weekday or on a market day or the day after one (``after_market``); or ``most`` of them on whatever days.

    〔方案二（三）2〕早发现：规律性缺课只作提示，由班主任核实，不作结论。"""
    at_market = sum(day in after_market for day in days)
    if at_market >= times and 2 * at_market >= len(days):
        return f"近期 {len(days)} 次缺课中有 {at_market} 次在赶集日或赶集次日"
    weekday, often = max(Counter(day.weekday() for day in days).items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
    if often >= times and 2 * often >= len(days):
        return f"近期 {len(days)} 次缺课中有 {often} 次在星期{WEEKDAYS[weekday]}"
    return f"近期缺课 {len(days)} 次（含半天）" if len(days) >= most else ""
