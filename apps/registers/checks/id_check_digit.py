"""身份证号校验位不对。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import IdFault
from apps.registers.layouts.block import Block

CODE = "id_check_digit"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：第 18 位为校验码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """The number is kept as typed: linking forgives one digit only where the check digit fails."""
    for index, fault in enumerate(block.faults):
        if fault is IdFault.CHECK:
            yield index, "id_number", "身份证号校验不通过，至少有一位写错。请对照证件逐位核对；这一行先按原样保留。"
