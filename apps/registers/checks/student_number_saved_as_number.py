"""学籍号被表格软件存成了数字。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "student_number_saved_as_number"
SEVERITY = "error"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Numeric cells and texts like 5.30113E+17 under 学籍号."""
    for index, cell, _ in block.both("student_number"):
        if isinstance(cell, (int, float)) or (isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip())):
            yield index, "student_number", "学籍号被存成了数字，后几位已丢失。请把这一列设为“文本”格式，重新填写（带开头字母 G、L 或 J）。"


SCIENTIFIC = re.compile(r"[\d.]+[eE]\+\d{1,2}")
