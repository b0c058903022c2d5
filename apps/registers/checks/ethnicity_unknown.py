"""民族读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.registers.layouts.codes import ETHNICITY

CODE = "ethnicity_unknown"
SEVERITY = "warning"
ARTICLE = "GB/T 3304 中国各民族名称"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Neither one of the 56 names nor a code."""
    for index, _, nation in block.both("ethnicity"):
        if nation and nation not in KNOWN:
            yield index, "ethnicity", f"民族“{nation[:10]}”不在国家标准名称里。请写全称，如“彝族”。"


KNOWN = frozenset(ETHNICITY.values())
