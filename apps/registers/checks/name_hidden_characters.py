"""姓名里有看不见的字符，已去掉。"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "name_hidden_characters"
SEVERITY = "warning"
ARTICLE = "GB 18030-2022"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Zero-width, bidi and control characters in the cell."""
    for index, cell, name in block.both("name"):
        if name and cell != name and isinstance(cell, str) and any(unicodedata.category(c) in ("Cf", "Cc") for c in cell.strip()):
            yield index, "name", "姓名里有看不见的控制字符，已去掉。请核对姓名是否完整。"
