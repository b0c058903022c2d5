"""姓名里有数字。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "name_with_digits"
SEVERITY = "warning"
ARTICLE = "居民身份证法 第三条：登记姓名"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A digit inside a name ('张三1', a number against namesakes)."""
    for index, name in enumerate(block.column("name")):
        if name and not name.isalpha() and any(c.isdecimal() for c in name):
            yield index, "name", "姓名里有数字。请按户口簿填写；为区分同名加的编号请写到备注里。"
