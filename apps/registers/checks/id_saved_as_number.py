"""身份证号被表格软件存成了数字，末几位已经丢失。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "id_saved_as_number"
SEVERITY = "error"
ARTICLE = "GB 11643-1999 公民身份号码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Numeric cells, and texts like 5.30113E+17, under an ID heading."""
    for index, cell, _ in block.both("id_number"):
        if isinstance(cell, (int, float)) or (isinstance(cell, str) and "E+" in cell.upper() and SCIENTIFIC.fullmatch(cell.strip())):
            yield index, "id_number", SENTENCE


SENTENCE = "身份证号被存成了数字，后几位已变成 0，不能用。请把这一列设为“文本”格式，按证件重新填写 18 位号码。"
SCIENTIFIC = re.compile(r"[\d.]+[eE]\+\d{1,2}")
