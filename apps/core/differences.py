"""Where two spellings of one thing differ, for showing them side by side. Pure text."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters that is the same in both texts, or is not."""

    text: str
    differs: bool


def segments(value: str, other: str) -> list[Segment]:
    """``value`` cut into runs that agree or differ with ``other``.

    Texts of one length are compared place by place (numbers, dates, two-character names), others by their longest common runs.
    """
    if len(value) == len(other):
        paired = zip(value, other, strict=True)
        return [Segment("".join(a for a, _ in run), not same) for same, run in groupby(paired, key=lambda pair: pair[0] == pair[1])]
    codes = SequenceMatcher(None, value, other, autojunk=False).get_opcodes()
    return [Segment(value[start:end], tag != "equal") for tag, start, end, _, _ in codes if end > start]
