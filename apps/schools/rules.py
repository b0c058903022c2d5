"""What the plan says about school years, ages and school days: plain dates, no clock, no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

TERM_CODE = re.compile(r"(\d{4})-(\d{4})-([12])")
PRIMARY_GRADES = range(1, 7)
JUNIOR_GRADES = range(7, 10)
HORIZON = 60  # days after the start in which every deadline in school days lies
LONGEST_BREAK = 10  # days; the longest break inside a term is the national holiday in October


@dataclass(frozen=True, slots=True)
class TermName:
    """A term written ``2026-2027-1``: school year from 1 September, first or second half."""

    year: int
    half: int

    @classmethod
    def parse(cls, code: str) -> TermName:
        """Read a term code. ValueError with a sentence where it is none."""
        match = TERM_CODE.fullmatch(code)
        if not match or int(match[2]) != int(match[1]) + 1:
            raise ValueError(f"学期“{code}”写法不对，应为“2026-2027-1”（学年-学年-第几学期）。")
        return cls(int(match[1]), int(match[3]))

    @property
    def code(self) -> str:
        return f"{self.year}-{self.year + 1}-{self.half}"

    @property
    def label(self) -> str:
        return f"{self.year}—{self.year + 1}学年{'上' if self.half == 1 else '下'}学期"


def term_of(day: date) -> TermName:
    """The term a day belongs to by the default calendar: from 1 August the coming school year's first term, from 15 February the second.

    《义务教育法》第十一条以学年为准；云南省校历 9 月 1 日、3 月初开学（DOMAIN.md §7）。"""
    if day.month >= 8:
        return TermName(day.year, 1)
    return TermName(day.year - 1, 1 if (day.month, day.day) < (2, 15) else 2)


def cohort_bounds(school_year: int, *, entry_age: int = 6, leaving_age: int = 15, cutoff: int = 831) -> tuple[date, date]:
    """First and last birth date of the nine cohorts of compulsory age; ``cutoff`` is the day ages count on, 831 for 31 August.

    《义务教育法》第十一条：年满六周岁入学；年龄按 8 月 31 日计算；义务教育九年。"""
    month, day = divmod(cutoff, 100)
    return date(school_year - leaving_age, month, day) + timedelta(days=1), date(school_year - entry_age, month, day)


def is_school_age(birth: date, school_year: int, *, entry_age: int = 6, leaving_age: int = 15, cutoff: int = 831) -> bool:
    """Whether a child is of compulsory age in that school year.

    《义务教育法》第二条、第十一条：6—15 周岁，按 8 月 31 日计算。"""
    first, last = cohort_bounds(school_year, entry_age=entry_age, leaving_age=leaving_age, cutoff=cutoff)
    return first <= birth <= last


def expected_grade(birth: date, school_year: int) -> int:
    """The grade a child enters by age alone, 1–9 inside compulsory age, else outside that range.

    《义务教育法》第十一条：年满六周岁的儿童入学。"""
    return school_year - birth.year - 5 - (birth > date(birth.year, 8, 31))


def stage_of_grade(grade: int | None) -> str:
    """'primary' or 'junior', '' where the grade is not one of 1–9.

    《义务教育法》第二条：九年义务教育，小学六年、初中三年。"""
    if grade in PRIMARY_GRADES:
        return "primary"
    return "junior" if grade in JUNIOR_GRADES else ""


def is_school_day(
    day: date, *, calendar: dict[date, bool], closures: Collection[date], first: date, last: date, open_days: Collection[date] = ()
) -> bool:
    """Whether pupils have class: inside the term of their grade, no local closure, open by the calendar or by the school's own day.

    〔方案二（三）3〕“每个工作日15：00前”：以校历为准。"""
    if not first <= day <= last or day in closures:
        return False
    return day in open_days or calendar.get(day, day.weekday() < 5)


BRANCHES = "鼠牛虎兔龙蛇马羊猴鸡狗猪"
MARKETS = (*((str(n), f"每逢星期{'一二三四五六日'[n - 1]}") for n in range(1, 8)), *((animal, f"逢属{animal}日") for animal in BRANCHES))
JULIAN = 1721425  # Julian day number of a date = its ordinal + this


def is_market_day(day: date, *, market: str) -> bool:
    """Whether the market of a place is held: '1'–'7' a day of the week, or one of the twelve animals (街子天 go by 十二生肖 in Yunnan); '' never.

    〔方案二（三）2〕早发现：赶集前后缺课只作提示。日支按儒略日推算，2000年1月1日为戊午（属马）日，见 GB/T 33661《农历的编算和颁行》。"""
    if market and market in BRANCHES:
        return BRANCHES[(day.toordinal() + JULIAN + 1) % 12] == market
    return str(day.isoweekday()) == market


def school_days_between(first: date, last: date, *, calendar: dict[date, bool], closures: Collection[date]) -> int:
    """How many school days lie in first..last, both counted.

    〔方案二（三）2〕“3天及以上”按上课日计。"""
    span = (last - first).days + 1
    days = (first + timedelta(n) for n in range(max(span, 0)))
    return sum(is_school_day(d, calendar=calendar, closures=closures, first=first, last=last) for d in days)


def default_spans(term: TermName) -> list[tuple[int, int, date, date]]:
    """(grade from, grade to, first day, last day) of a term that nobody has set up yet; the bureau corrects it.

    云南省 2025—2026 学年校历：9 月 1 日开学，1—8 年级 1 月 24 日前、9 年级 2 月 7 日前放假，3 月 5 日开学（DOMAIN.md §7）。"""
    if term.half == 1:
        start = date(term.year, 9, 1)
        return [(1, 8, start, date(term.year + 1, 1, 23)), (9, 9, start, date(term.year + 1, 2, 6))]
    start = date(term.year + 1, 3, 5)
    return [(1, 8, start, date(term.year + 1, 7, 10)), (9, 9, start, date(term.year + 1, 6, 20))]


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
