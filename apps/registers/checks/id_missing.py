"""没有身份证号。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "id_missing"
SEVERITY = "warning"
ARTICLE = "方案二（二）：四查三比对，摸清底数"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Rows without an ID number in a file that has the column."""
    for index, _, number in block.both("id_number"):
        if not number:
            yield index, "id_number", "没有身份证号，只能靠姓名、出生日期和监护人比对，容易认错人。请向家长核对后补上；确实没有户口的，在备注里写明。"
