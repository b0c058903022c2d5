"""Finding the heading row of a table and what its columns mean, whatever stands above it and in whatever order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from apps.core.ids import hide_numbers
from apps.registers.layouts.kinds import COMMON, FIELD_TITLES, Layout

LOOKED_AT = 30  # rows from the top in which a heading may stand
BRACKETED = re.compile(r"[(\[【〔<].*?[)\]】〕>]")
SIGNS = re.compile(r"[\s*★☆#＊:：、,，.。/\\|()\[\]【】〔〕<>_\-—\"'“”‘’必填]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the data of a table begins and what its columns are.

    ``row`` and ``last_row`` are 0-based (they differ for a two-row heading); ``columns`` field → column; ``unknown`` column →
    heading; ``missing`` required groups of fields without a column; ``titles`` column → heading as written.
    """

    row: int
    last_row: int
    columns: dict[str, int]
    unknown: dict[int, str]
    missing: list[tuple[str, ...]]
    titles: dict[int, str] = field(default_factory=dict)

    def missing_sentence(self) -> str:
        """One sentence naming every missing required column, '' when none is missing."""
        if not self.missing:
            return ""
        names = "、".join("或".join(FIELD_TITLES.get(one, one) for one in group if one != "grade_class") for group in self.missing)
        more = ""
        if self.unknown:
            more = f"表里认不出的列：{'、'.join(list(self.unknown.values())[:8])}。如果它们就是缺的列，请在下面指定。"
        return f"表里缺少必需的列：{names}。请在表头补上（或按模板改列名）后重新上传。{more}"


@lru_cache(maxsize=4_000)
def plain(text: str) -> str:
    """A heading without spaces, stars, brackets and the words 必填: '乡(镇)' → '乡镇', ' 姓 名*' → '姓名'."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=4_000)
def bare(text: str) -> str:
    """A heading without what stands in brackets: '出生日期(YYYYMMDD)' → '出生日期'."""
    return plain(BRACKETED.sub("", unicodedata.normalize("NFKC", text)))


COMMON_PLAIN = {plain(alias): target for alias, target in COMMON.items()}


def field_of(text: str, layout: Layout, learned: Mapping[str, str]) -> str | None:
    """The field a heading names, None where it is unknown, '' where a person said it is to be left out."""
    for form in (plain(text), bare(text)):
        if form in learned:
            return learned[form]
        own = layout.aliases.get(form)
        if own:
            return own
        if form in COMMON_PLAIN:
            return COMMON_PLAIN[form]
    return None


def locate(rows: Sequence[Sequence[Any]], layout: Layout, learned_aliases: Mapping[str, str] | None = None) -> Heading | None:
    """The heading among the first rows, or None when no row names at least two fields.

    ``learned_aliases``: heading as a person saw it → field ('' leaves the column out).
    """
    learned = {plain(heading): target for heading, target in (learned_aliases or {}).items()}
    best: Heading | None = None
    for number in range(min(len(rows), LOOKED_AT)):
        found = _read(rows, number, number, layout, learned)
        if len(found.columns) >= 2 and (best is None or len(found.columns) > len(best.columns)):
            best = found
    if best is None:
        return None
    return _with_second_row(rows, best, layout, learned)


def _with_second_row(rows: Sequence[Sequence[Any]], best: Heading, layout: Layout, learned: Mapping[str, str]) -> Heading:
    """The heading with the row above or below where that makes it say more (监护人 over 姓名, 电话)."""
    for first, last in ((best.row, best.row + 1), (best.row - 1, best.row)):
        if first < 0 or last >= len(rows):
            continue
        other = rows[last if first == best.row else first]
        if not _looks_like_heading(other, layout, learned):
            continue
        found = _read(rows, first, last, layout, learned)
        if len(found.columns) > len(best.columns) or (len(found.columns) == len(best.columns) and last > best.row and not best.missing):
            return found
    return best


def _looks_like_heading(row: Sequence[Any], layout: Layout, learned: Mapping[str, str]) -> bool:
    texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
    if not texts or len(set(texts)) == 1 or any(not isinstance(cell, str) for cell in row if cell not in ("", None)):
        return False
    if any(re.search(r"\d{4,}", text) or len(text) > 20 for text in texts):
        return False
    known = sum(1 for text in set(texts) if field_of(text, layout, learned) is not None or plain(text) in PARTS)
    return known >= max(1, len(set(texts)) // 2)


PARTS = frozenset({"监护人", "家长", "学生", "户主", "父亲", "母亲", "基本信息", "学生信息", "家庭信息", "姓名", "电话", "关系", "身份证号"})


def _read(rows: Sequence[Sequence[Any]], first: int, last: int, layout: Layout, learned: Mapping[str, str]) -> Heading:
    width = max(len(rows[first]), len(rows[last]))
    columns: dict[str, int] = {}
    unknown: dict[int, str] = {}
    titles: dict[int, str] = {}
    for column in range(width):
        upper, lower = _cell(rows[first], column), _cell(rows[last], column)
        named, title = _one(upper, lower, layout, learned)
        if title:
            titles[column] = title
        if named and named not in columns:
            columns[named] = column
        elif title and named != "":
            unknown[column] = title
    for named, other in layout.stands_for.items():
        if named in columns and other not in columns:
            columns[other] = columns.pop(named)
    missing = [group for group in layout.required if not any(one in columns for one in group)]
    return Heading(first, last, columns, unknown, missing, titles)


def _one(upper: str, lower: str, layout: Layout, learned: Mapping[str, str]) -> tuple[str | None, str]:
    """(field, title) of a column whose heading may stand in two rows."""
    if upper == lower or not lower or not upper:
        title = lower or upper
        return (field_of(title, layout, learned), title) if title else (None, "")
    joined = upper + lower
    together = field_of(joined, layout, learned)
    if together is not None:
        return together, joined
    below = field_of(lower, layout, learned)
    return (below, joined) if below is not None and not plain(upper).endswith(("监护人", "家长", "户主", "父亲", "母亲")) else (None, joined)


def _cell(row: Sequence[Any], column: int) -> str:
    cell = row[column] if column < len(row) else ""
    return hide_numbers(cell.strip()) if isinstance(cell, str) and len(cell) <= 60 else ""
