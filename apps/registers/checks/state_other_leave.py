"""“其他离校”去向不明。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "state_other_leave"
SEVERITY = "warning"
ARTICLE = "教基厅函〔2024〕15号：核清每名学生去向"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """其他离校 and 下落不明, 流失: leavers nobody explained."""
    for index, state in enumerate(block.column("state")):
        if state in UNEXPLAINED:
            yield index, "state", f"状态是“{UNEXPLAINED[state]}”，看不出孩子去了哪里。请核实并写明去向。"


UNEXPLAINED = {"other_leave": "其他离校", "missing": "下落不明", "drifted": "流失"}
