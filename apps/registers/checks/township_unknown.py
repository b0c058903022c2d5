"""乡镇名称认不出。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "township_unknown"
SEVERITY = "warning"
ARTICLE = "国家统计局 统计用区划代码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A township name the district does not know; only where the list of townships was given."""
    if not block.options.townships:
        return
    codes = block.column("township_code")
    for index, _, name in block.both("township_name"):
        if name and not codes[index]:
            yield index, "township_name", f"乡镇“{name[:20]}”认不出。请写全称（如“汤丹镇”）或 9 位代码。"
