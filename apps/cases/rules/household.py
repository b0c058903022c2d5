"""户籍: whether a child's household stands in this district, as far as the registers tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

MOVED_OUT = "moved_out"
LEFT = frozenset({MOVED_OUT, "duplicate", "not_found"})  # a line of the household register that puts the household nowhere here


@dataclass(frozen=True, slots=True)
class Known:
    """What the registers say of a household. ``listed``: states of its standing lines in this district's household register; ``codes``: places of
    household that other lines name; ``township``: where the child lives as the registers together tell, '' where none does."""

    listed: Collection[str] = ()
    codes: Collection[str] = ()
    township: str = ""


def stands_here(known: Known, *, district: str) -> bool | None:
    """Whether the household stands in the district; None where nothing is known. Its own register comes first, then the place of household that the
    other registers name, then the township of the child.

    〔方案二（三）3〕非本地户籍的学生向户籍地发函；本区户籍的由本区劝返，不得移交。"""
    if any(state not in LEFT for state in known.listed):
        return True
    if known.codes:
        return any(code.startswith(district) for code in known.codes)
    if MOVED_OUT in known.listed:
        return False
    return True if known.township.startswith(district) else None
