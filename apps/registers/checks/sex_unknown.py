"""性别读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "sex_unknown"
SEVERITY = "warning"
ARTICLE = "GB/T 2261.1 人的性别代码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A sex cell that is neither 男/女 nor 1/2, or empty."""
    numbers = block.column("id_number")
    for index, (cell, stated) in enumerate(zip(block.cells.get("sex", ()), block.stated.get("sex", ()), strict=True)):
        if stated:
            continue
        text = str(cell).strip()
        if text:
            yield index, "sex", f"性别“{text[:10]}”读不懂。请填“男”或“女”（或 1、2）。"
        elif not numbers[index]:
            yield index, "sex", "没有填性别。请填“男”或“女”。"
