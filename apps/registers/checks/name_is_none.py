"""姓名栏里不是姓名。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import hide_numbers
from apps.registers.layouts.block import Block

CODE = "name_is_none"
SEVERITY = "error"
ARTICLE = "居民身份证法 第三条：登记姓名"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Words like 无, null, / and numbers where a name should stand."""
    for index, cell, name in block.both("name"):
        if (not name and str(cell).strip()) or (name and not any(c.isalpha() or c > "\ue000" for c in name)):
            yield index, "name", f"“{hide_numbers(str(cell).strip())[:20]}”不是姓名。请填写学生本人的姓名。"
