"""15 位旧身份证号已换成 18 位。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import OLD_RESIDENT_ID, clean_number
from apps.registers.layouts.block import Block

CODE = "id_upgraded"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：由 15 位升为 18 位"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Old numbers that were lengthened."""
    for index, cell, number in block.both("id_number"):
        if len(number) == 18 and cell != number and isinstance(cell, str) and OLD_RESIDENT_ID.fullmatch(clean_number(cell)):
            yield index, "id_number", "是 15 位旧身份证号，已按国标换成 18 位。请核对证件上的现用号码。"
