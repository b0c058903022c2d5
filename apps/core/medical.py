"""Medical facts: who may read them, and what everybody else reads in their place. The one place that decides; pages, papers, zips and exports ask.

〔个人信息保护法 第二十八条〕医疗健康信息、不满十四周岁未成年人的个人信息是敏感个人信息。
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.core.rights import Right

HIDDEN = "（医学情况，按权限查看）"
PAPER = "医学材料"  # the name of a file whose own name may tell


@dataclass(frozen=True, slots=True)
class Reader:
    """What somebody may read of it. ``papers``: diagnoses, the panel's advice, what an exemption is asked for; ``leaves``: what a pupil on leave is
    ill of, which the school and the bureau know."""

    papers: bool = False
    leaves: bool = False


NOTHING = Reader()


def reader(rights: Collection[Right]) -> Reader:
    """What a post with these rights may read."""
    return Reader(papers=Right.VIEW_MEDICAL in rights, leaves=Right.VIEW_LEAVE_PROOFS in rights)


def shown(said: str, *, may: bool) -> str:
    """What was said, or that there is something which this reader may not read."""
    return said if may or not said else HIDDEN
