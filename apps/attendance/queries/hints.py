"""Early warnings for the school alone: the second day without leave, and absences that come back like a habit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from apps.attendance import rules
from apps.attendance.models import AbsenceRun, Mark
from apps.attendance.queries.contacting import placed, with_contacts
from apps.attendance.queries.excuses import excusing
from apps.attendance.rules import Code
from apps.core.scope import Scope
from apps.schools.models import SchoolClass
from apps.schools.policy import Policy
from apps.schools.rules import is_market_day

COUNTED = [Code.ABSENT, Code.LEAVE, Code.HALF]


@dataclass(frozen=True, slots=True)
class Habit:
    """A pupil whose days of absence look like a habit, why, and the days."""

    child_id: int
    name: str
    room: SchoolClass
    why: str
    days: tuple[date, ...]


def second_day(scope: Scope, *, limit: int) -> QuerySet[Any]:
    """Pupils who have been absent without leave for one school day less than a suspected dropout, and still are.

    〔方案二（三）2〕连续 3 个上课日即疑似辍学；第 2 日只提醒学校。"""
    return placed(with_contacts(AbsenceRun.objects.within(scope).open().filter(school_days=max(limit - 1, 1), suspected_on=None)))


def habits(scope: Scope, *, today: date, numbers: Policy) -> list[Habit]:
    """Pupils absent without leave, the whole or half the day, again and again on one weekday or around market day, or simply often."""
    since = today - timedelta(weeks=numbers["hint_weeks"])
    rows = Mark.objects.within(scope).filter(~Exists(excusing(OuterRef("day"))), day__range=(since, today), code__in=COUNTED).order_by("day", "pk")
    days: dict[tuple[int, str, int, str], list[date]] = defaultdict(list)
    for child, name, room, market, day in rows.values_list("child_id", "child__name", "school_class_id", "school__market", "day"):
        days[child, name, room, market].append(day)
    whys = {key: hint(d, key[3], numbers) for key, d in days.items()}
    rooms = SchoolClass.objects.in_bulk({room for (_, _, room, _), why in whys.items() if why})
    found = [Habit(key[0], key[1], rooms[key[2]], why, tuple(days[key])) for key, why in whys.items() if why]
    return sorted(found, key=lambda habit: (-len(habit.days), str(habit.room), habit.name))


def hint(days: list[date], market: str, numbers: Policy) -> str:
    """Why these days look like a habit, by the district's numbers."""
    return rules.pattern_hint(days, times=numbers["hint_times"], most=numbers["hint_most"], after_market=around_market(days, market))


def around_market(days: list[date], market: str) -> set[date]:
    """Those of the days that are market day, or the day after one."""
    return {day for day in days if is_market_day(day, market=market) or is_market_day(day - timedelta(1), market=market)}
