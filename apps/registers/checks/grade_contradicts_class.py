"""年级与班级名称不一致。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.registers.layouts.classes import class_of

CODE = "grade_contradicts_class"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """'七年级' beside '8.1'."""
    grades = block.column("grade")
    if "grade" not in block.cells or "class_name" not in block.cells:
        return
    for index, cell in enumerate(block.cells["class_name"]):
        if isinstance(cell, str) and cell.isdecimal() and len(cell) < DIGITS:
            continue
        stated, _ = class_of(cell, grades[index], block.options.school_year)
        if stated and grades[index] and stated != grades[index]:
            yield index, "class_name", f"年级是 {grades[index]}，班级名称里写的是 {stated} 年级。请改成一致；这里以“年级”列为准。"


DIGITS = 3  # a plain number of one or two digits says no grade
