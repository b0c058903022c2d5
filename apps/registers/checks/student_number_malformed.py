"""学籍号格式不对。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import STUDENT_NUMBER
from apps.registers.layouts.block import Block

CODE = "student_number_malformed"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：G/L/J 加 18 位"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Not G, L or J and eighteen characters."""
    for index, cell, number in block.both("student_number"):
        if number and not STUDENT_NUMBER.fullmatch(number) and not isinstance(cell, (int, float)) and "E+" not in number:
            yield index, "student_number", f"学籍号格式不对（应是 G、L 或 J 加 18 位，现有 {len(number)} 位）。请从国网学籍系统复制。"
