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
    pairs = list(zip(block.cells["class_name"], grades, strict=True))
    told = {pair: class_of(*pair, block.options.school_year)[0] for pair in set(pairs)}
    wrong = {pair: stated for pair, stated in told.items() if stated and pair[1] and stated != pair[1]}
    for index, pair in enumerate(pairs if wrong else ()):
        if pair in wrong:
            yield index, "class_name", f"年级是 {pair[1]}，班级名称里写的是 {wrong[pair]} 年级。请改成一致；这里以“年级”列为准。"
