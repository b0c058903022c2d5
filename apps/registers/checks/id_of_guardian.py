"""学生的身份证号像是监护人的。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "id_of_guardian"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍、籍随人走"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """The child's number equals the guardian's, or tells a birth at least 15 years before the row's birth date."""
    numbers, guardians, births = block.column("id_number"), block.column("guardian_id_number"), block.column("birth_date")
    for index, number in enumerate(numbers):
        if not number:
            continue
        born, told = births[index][:4], number[6:10]
        older = born != told and born and block.faults[index] is None and int(born) - int(told) >= OLDER
        if number == guardians[index] or older:
            yield index, "id_number", "身份证号像是家长的，不是孩子的。请按孩子的户口簿页填写。"


OLDER = 15  # years between the two births
