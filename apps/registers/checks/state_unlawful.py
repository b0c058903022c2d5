"""义务教育阶段不允许的学籍状态。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.registers.layouts.codes import UNLAWFUL_STATES

CODE = "state_unlawful"
SEVERITY = "warning"
ARTICLE = "中华人民共和国义务教育法 第二十七条：不得开除学生"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """退学, 停学, 开除: taken in as they came, reported as data errors."""
    for index, state in enumerate(block.column("state")):
        if state in UNLAWFUL_STATES:
            yield (
                index,
                "state",
                f"学籍状态是“{UNLAWFUL_STATES[state]}”，义务教育阶段没有这种处理。请核实去向后改为实际状态（在读、休学、转出、辍学……）。",
            )
