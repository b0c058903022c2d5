"""学籍号与身份证号不一致。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "student_number_unlike_id"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：学籍号不随身份证变更"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """G + 18 that is not the row's ID number. Told, never changed: a student number does not follow an ID change."""
    numbers = block.column("id_number")
    for index, student in enumerate(block.column("student_number")):
        if student and student[0] == "G" and numbers[index] and len(student) == LENGTH and student[1:] != numbers[index]:
            yield index, "student_number", "学籍号与身份证号对不上。换过身份证号的属正常；否则请核对是不是写串了行。"


LENGTH = 19
