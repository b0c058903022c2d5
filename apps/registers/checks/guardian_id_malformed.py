"""监护人证件号不对。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import is_valid_resident
from apps.registers.layouts.block import Block

CODE = "guardian_id_malformed"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A guardian's number saved as a number, or not a sound resident number."""
    for index, cell, number in block.both("guardian_id_number"):
        if isinstance(cell, (int, float)):
            yield index, "guardian_id_number", "监护人证件号被存成了数字，后几位已丢失。请把这一列设为“文本”格式重新填写。"
        elif number and len(number) == LENGTH and not is_valid_resident(number):
            yield index, "guardian_id_number", "监护人身份证号校验不通过。请按证件核对。"


LENGTH = 18
