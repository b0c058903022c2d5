"""身份证号末三位是 000：多半是被表格软件截断的。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import IdFault, is_valid_resident
from apps.registers.layouts.block import Block

CODE = "id_truncated"
SEVERITY = "error"
ARTICLE = "GB 11643-1999 公民身份号码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Texts ending in 000, unless the student number (typed with a letter, so never cut) says the same, or 备注 says 证号属实."""
    students, remarks = block.column("student_number"), block.column("remark")
    for index, fault in enumerate(block.faults):
        if fault is not IdFault.TRUNCATED:
            continue
        number = block.values["id_number"][index]
        vouched = is_valid_resident(number) and (students[index][1:] == number or "证号属实" in remarks[index])
        if not vouched:
            yield index, "id_number", SENTENCE


SENTENCE = "身份证号末三位是 000，像是存成数字时丢了后几位。请按证件重新填写；证件上确实如此的，在“备注”列写“证号属实”。"
