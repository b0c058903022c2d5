"""状态读不懂。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import hide_numbers
from apps.registers.layouts.block import Block
from apps.registers.layouts.codes import SITUATION, coded

CODE = "state_unknown"
SEVERITY = "warning"
ARTICLE = "全国中小学生学籍信息管理系统：学生当前状态代码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A state or situation cell with words that are in no code table."""
    source = "situation" if "situation" in block.cells else "state"
    for index, cell, state in block.both("state", source):
        text = str(cell).strip()
        if text and (not state or (state == "unknown" and coded(text, SITUATION) is None)):
            yield index, "state", f"“{hide_numbers(text)[:20]}”不在状态代码里。请改用模板下拉框中的说法；原文已保留。"
