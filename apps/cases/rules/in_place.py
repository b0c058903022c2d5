"""四早、六到位: the two checklists of the plan, read from what a case already holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

EARLY = ("早清查", "早汇报", "早家访", "早劝学")
IN_PLACE = ("领导到位", "人员到位", "责任到位", "措施到位", "时间到位", "执行到位")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: whether it holds, and the date, or what is missing."""

    label: str
    done: bool
    note: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lists look at: one round of a case on one day. ``…_by``: the last day on which it was early."""

    today: date
    begun: date  # opened, or opened anew
    found_by: date  # the day on which the child was lost for long enough, or of the comparison
    visit_by: date
    origin: str = ""
    lines_by: date | None = None  # None: no three lines are due
    lines_on: date | None = None
    visited_on: date | None = None  # first at the door
    spoken_on: date | None = None  # the family was first spoken to, or served with the 劝学通知书
    posts: int = 0
    missing: tuple[str, ...] = ()  # posts that nobody holds for the child
    missing_leaders: tuple[str, ...] = ()  # of these, those of district and township
    letters: tuple[tuple[str, date | None], ...] = ()  # place -> its 包保责任书 of this year was signed on
    measures: tuple[tuple[str, date], ...] = field(default_factory=tuple)
    is_open: bool = True
    task: str = ""
    due_on: date | None = None
    progress_on: date | None = None
    told: str = ""  # how far up nothing done was told


def early(seen: Seen) -> tuple[Item, ...]:
    """四早: found on the day, reported, visited and spoken to within the policy's days.

    〔方案二（一）〕做到“四早”（早清查、早汇报、早家访、早劝学）；期限为缺省值，待本区确认。"""
    found, reported, visited, persuaded = EARLY
    lines = (
        in_time(reported, seen.lines_on, seen.lines_by, seen.today, "三线 3/3")
        if seen.lines_by
        else Item(reported, True, f"{said(seen.begun)}{seen.origin}，当日列入区教体局台账")
    )
    return (
        in_time(found, seen.begun, seen.found_by, seen.today, "立案"),
        lines,
        in_time(visited, seen.visited_on, seen.visit_by, seen.today, "首次入户或当面"),
        in_time(persuaded, seen.spoken_on, seen.visit_by, seen.today, "首次劝学"),
    )


def in_time(label: str, day: date | None, by: date, today: date, what: str) -> Item:
    """Whether something was done by a day, in words. 〔方案二（一）〕“四早”"""
    if day is None:
        return Item(label, False, f"还没有{what}，{f'不晚于{said(by)}' if today <= by else f'应在{said(by)}以前'}")
    if day <= by:
        return Item(label, True, f"{said(day)}{what}")
    return Item(label, False, f"{said(day)}{what}，应在{said(by)}以前，晚 {(day - by).days} 日")


def in_place(seen: Seen) -> tuple[Item, ...]:
    """六到位: who leads and who answers is named, letters are signed, a measure is taken, the deadline is kept, and something is done.

    〔方案二（一）〕做到“六到位”（领导到位、人员到位、责任到位、措施到位、时间到位、执行到位）。"""
    notes = (leaders(seen), people(seen), letters(seen), measures(seen), time(seen), work(seen))
    return tuple(Item(label, done, note) for label, (done, note) in zip(IN_PLACE, notes, strict=True))


def leaders(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“领导到位”：区、乡镇（街道）两级都有责任人。"""
    if not seen.posts:
        return False, "本区还没有双线岗位"
    return not seen.missing_leaders, f"缺{'、'.join(seen.missing_leaders)}" if seen.missing_leaders else "区、乡镇（街道）责任人已落实"


def people(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“人员到位”：双线岗位逐个落实到人。"""
    held = f"{seen.posts - len(seen.missing)}/{seen.posts}"
    return bool(seen.posts) and not seen.missing, held + (f"，缺{'、'.join(seen.missing)}" if seen.missing else "")


def letters(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“责任到位”：层层签订包保责任书。"""
    told = "；".join(f"{place}{f'{said(day)}签订' if day else '本年度还没有签订包保责任书'}" for place, day in seen.letters)
    return bool(seen.letters) and all(day for _, day in seen.letters), told or "没有学校，也没有乡镇（街道）"


def measures(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“措施到位”：查清去向，劝返文书、安置、移交、缓免，至少有一项在做。"""
    listed: Iterator[str] = (f"{said(day)}{what}" for what, day in seen.measures)
    return bool(seen.measures), "；".join(listed) or "还没有查清去向、文书、安置方案或其他措施"


def time(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“时间到位”：下一步在期限以内。"""
    if not seen.is_open or seen.due_on is None:
        return True, "已办结"
    late = (seen.today - seen.due_on).days
    return late <= 0, f"“{seen.task}”{said(seen.due_on)}以前" + (f"，已超期 {late} 日" if late > 0 else "")


def work(seen: Seen) -> tuple[bool, str]:
    """〔方案二（一）〕“执行到位”：有实际进展，没有因无进展逐级上报。"""
    last = f"最近进展{said(seen.progress_on)}" if seen.progress_on else "立案以来还没有进展"
    return seen.progress_on is not None and not (seen.is_open and seen.told), last + (
        f"，因无进展已报{seen.told}" if seen.is_open and seen.told else ""
    )


def said(day: date) -> str:
    """A day in words. 〔方案二（一）〕"""
    return f"{day:%Y年%-m月%-d日}"
