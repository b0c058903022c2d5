"""双线十二人制: the posts of the two lines a district begins with, and who names whom. One table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Post:
    """One post: its code never changes, everything else may be edited. ``level``: the kind of place its holder answers for."""

    code: str
    line: str
    level: str
    label: str


# The plan names the twelve but lists them nowhere: our default, to be confirmed by the bureau (DOMAIN.md §5).
DEFAULTS = (
    Post("gov_leader", "government", "district", "区分管领导"),
    Post("gov_township_head", "government", "township", "乡镇（街道）主要领导"),
    Post("gov_township_deputy", "government", "township", "乡镇（街道）分管领导"),
    Post("gov_township_cadre", "government", "village", "乡镇（街道）包村干部"),
    Post("gov_village", "government", "village", "村（社区）干部"),
    Post("gov_group", "government", "group", "村民小组长"),
    Post("edu_leader", "education", "district", "区教体局领导"),
    Post("edu_officer", "education", "district", "区教体局控辍专干"),
    Post("edu_central", "education", "township", "中心学校校长"),
    Post("edu_principal", "education", "school", "学校校长"),
    Post("edu_head_teacher", "education", "class", "班主任"),
    Post("edu_teacher", "education", "child", "科任（帮扶）教师"),
)
# kind of place -> levels of posts whose holders are named there; a child's own come before those of its places
NAMED_AT = {
    "district": ("district",),
    "township": ("township",),
    "village": ("village", "group"),
    "school": ("school", "class", "child"),
    "child": ("district", "township", "village", "group", "school", "class", "child"),
}
NAMED_BY = {"district": NAMED_AT["child"], "township": NAMED_AT["child"][1:], "school": NAMED_AT["school"]}


# Technical, no term of the plan and no district's to set: days outside are mistyped years.
BACK, AHEAD = timedelta(days=3 * 365 + 1), timedelta(days=366)


def fault_of_day(day: date, *, today: date) -> str:
    """What is wrong with the day on which somebody begins or ends to hold a post, '' where nothing is: it lies within three years back and one
    ahead, so that nobody is made to have answered long ago and no post is taken for ever.

    〔方案二（一）〕责任落实到人：责任人有起止日期（前后几年只为拦住写错的年份，不是办理期限）。"""
    first, last = today - BACK, today + AHEAD
    if first <= day <= last:
        return ""
    return f"日期须在 {first:%Y年%-m月%-d日} 至 {last:%Y年%-m月%-d日} 之间，请核对年份。"


def is_never(day: date | None, *, today: date) -> bool:
    """Whether a day lies so far ahead that nobody can have meant it, as 9999 for 2026: a post that begins then was never taken, one that ends then
    has no end yet.

    〔方案二（一）〕责任落实到人：责任人有起止日期（前后几年只为拦住写错的年份，不是办理期限）。"""
    return day is not None and day > today + AHEAD


Span = tuple[date, date | None]  # both days counted; None: no end yet


def uncovered(span: Span, taken: Iterable[Span]) -> list[Span]:
    """The parts of a span of days on which nobody of others holds the post already, in order.

    〔方案二（一）〕责任落实到人：一个岗位一天只有一名责任人，哪一天都有人负责。"""
    first, last = span
    free: list[Span] = []
    for begun, ended in sorted(taken, key=lambda one: one[0]):
        if last is not None and begun > last:
            break
        if ended is not None and ended < first:
            continue
        if begun > first:
            free.append((first, begun - timedelta(1)))
        if ended in (None, date.max) or (last is not None and ended >= last):
            return free
        first = ended + timedelta(1)
    return [*free, (first, last)]


def may_name(level: str, *, standing_at: str) -> bool:
    """Whether a post at a district, a township or a school names the holder of a post of a level.

    〔方案二（一）〕责任逐级落实到人：区定区级，乡镇（含中心学校）定乡镇及以下，学校定校内（缺省值，待本区确认）。"""
    return level in NAMED_BY.get(standing_at, ())


def names(level: str) -> str:
    """The role whose it is to name the holder of a post of a level: the lowest place that may.

    〔方案二（一）〕责任逐级落实到人：区级由区，乡镇、村、组由乡镇，校内由学校（缺省值，待本区确认）。"""
    return "principal" if level in NAMED_BY["school"] else "township" if level in NAMED_BY["township"] else "bureau"


def is_asked(level: str, *, home: str, district: str) -> bool:
    """Whether a child needs somebody in a post of a level. ``home``: the village, or else the township, of its household as the registers of this
    district know it, '' where the household is elsewhere: then nobody here answers for its village and its group.

    〔方案二（一）〕责任落实到人；〔方案二（三）3〕非本地户籍的学生，村、组在户籍地（缺省值，待本区确认）。"""
    return level not in NAMED_AT["village"] or (bool(home) and home.startswith(district))
