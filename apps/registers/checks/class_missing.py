"""没有班级。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from apps.registers.layouts.block import Block

CODE = "class_missing"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """School registers only: an empty class."""
    if block.kind not in ("enrollment", "attending"):
        return
    for index, name in enumerate(block.column("class_name")):
        if not name and not is_date_cell(block, index):
            yield index, "class_name", "没有填班级。请填班号（只有一个班的填 1），否则点名时找不到这个学生。"


def is_date_cell(block: Block, index: int) -> bool:
    """Whether Excel made a date of the class (told by another check)."""
    return isinstance((block.cells.get("class_name") or [""] * block.size)[index], date)
