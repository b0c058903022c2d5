"""身份证号里有不该有的字符。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import IdFault
from apps.registers.layouts.block import Block

CODE = "id_characters"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """18 characters that are not seventeen digits and a digit or X."""
    for index, fault in enumerate(block.faults):
        if fault is IdFault.CHARACTERS:
            yield (
                index,
                "id_number",
                "身份证号里有不该有的字符（前 17 位应是数字，最后一位是数字或 X）。请按证件核对，注意数字 0 和字母 O、数字 1 和字母 l。",
            )
