"""年级缺失或读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "grade_unreadable"
SEVERITY = "error"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：学籍档案含年级"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """School registers only: a row that belongs to no grade."""
    if block.kind not in ("enrollment", "attending"):
        return
    cells = block.cells.get("grade") or block.cells.get("grade_class") or [""] * block.size
    for index, grade in enumerate(block.column("grade")):
        if not grade:
            text = str(cells[index]).strip()
            yield index, "grade", f"年级“{text[:20]}”读不懂。请写成“七年级”或 7。" if text else "没有填年级。请写成“七年级”或 7。"
