"""出生日期读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "birth_unreadable"
SEVERITY = "warning"
ARTICLE = "GB/T 7408 日期和时间表示法"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A birth date cell with text that is no day."""
    for index, (cell, stated) in enumerate(zip(block.cells.get("birth_date", ()), block.stated.get("birth_date", ()), strict=True)):
        if not stated and str(cell).strip():
            yield index, "birth_date", f"出生日期“{str(cell).strip()[:20]}”读不懂。请写成 2015-09-01 或 20150901 的样子，并检查月、日是否存在。"
