"""姓名太长。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.names import LONGEST
from apps.registers.layouts.block import Block

CODE = "name_too_long"
SEVERITY = "error"
ARTICLE = "居民身份证法 第三条：登记姓名；产品约定：不超过 50 个字符"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """More than 50 characters."""
    for index, name in enumerate(block.column("name")):
        if len(name) > LONGEST:
            yield index, "name", f"姓名有 {len(name)} 个字，超过 {LONGEST} 个。请检查是不是把别的内容粘进了这一格。"
