"""没有户编号。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "household_number_missing"
SEVERITY = "warning"
ARTICLE = "防返贫监测信息系统：户编号、人编号"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Monitored register only."""
    if block.kind != "monitored":
        return
    for index, number in enumerate(block.column("household_number")):
        if not number:
            yield index, "household_number", "没有户编号，一户里的孩子连不起来。请从防返贫监测系统补上。"
