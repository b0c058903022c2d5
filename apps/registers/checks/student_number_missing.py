"""没有学籍号。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "student_number_missing"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一号"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Enrollment only."""
    if block.kind != "enrollment":
        return
    for index, number in enumerate(block.column("student_number")):
        if not number:
            yield index, "student_number", "没有学籍号。请从国网学籍系统查到后补上；还没有建籍的，请先建籍。"
