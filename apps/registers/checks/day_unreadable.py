"""日期读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "day_unreadable"
SEVERITY = "warning"
ARTICLE = "GB/T 7408 日期和时间表示法"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """报到日期, 摸排日期, 入学年月 with text that is no date."""
    for column in ("reported_on", "entered_on"):
        for index, cell, value in block.both(column):
            text = str(cell).strip()
            if text and not value:
                yield index, column, f"日期“{text[:20]}”读不懂。请写成 2025-09-01 的样子（入学年月写成 202509）。"
