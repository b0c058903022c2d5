"""既没有身份证号也没有出生日期。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "identity_missing"
SEVERITY = "warning"
ARTICLE = "方案二（二）：四查三比对，摸清底数"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Nothing but a name to know the child by."""
    if "name" not in block.cells:
        return
    births, students = block.column("birth_date"), block.column("student_number")
    for index, number in enumerate(block.column("id_number")):
        if not number and not births[index] and not students[index]:
            yield index, "birth_date", "身份证号、学籍号和出生日期都没有，同名的孩子分不开。请至少补上一项。"
