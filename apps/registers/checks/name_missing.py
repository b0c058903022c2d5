"""没有姓名。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "name_missing"
SEVERITY = "error"
ARTICLE = "产品约定：必填项"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Rows whose name cell is empty."""
    for index, cell, name in block.both("name"):
        if not name and not str(cell).strip():
            yield index, "name", "没有填姓名。请补上；这一行若不是学生，请整行删除。"
