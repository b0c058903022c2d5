"""身份证号里的出生日期不存在。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import IdFault
from apps.registers.layouts.block import Block

CODE = "id_birth_impossible"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：第 7–14 位为出生日期"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Positions 7 to 14 are no day of the calendar."""
    for index, fault in enumerate(block.faults):
        if fault is IdFault.BIRTH:
            written = block.values["id_number"][index][6:14]
            yield index, "id_number", f"身份证号第 7–14 位“{written}”不是一个日期，可能错了或颠倒了一位。请按证件核对。"
