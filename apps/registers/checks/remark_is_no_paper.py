"""备注写着休学、送教，名册本身不是手续。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "remark_is_no_paper"
SEVERITY = "warning"
ARTICLE = "《义务教育法》第十一条：延缓入学、休学须申请并经批准；〔方案二（六）〕送教上门须有方案"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A class list alone: who is absent, or has an open case, stays on the roll calls until the paper is approved (attendance/queries/seats.py)."""
    if block.kind != "attending":
        return
    for index, remark in enumerate(block.column("remark")):
        word = next((word for word in ("休学", "送教") if word in remark), "")
        if word and not any(back in remark for back in ("已复学", "已返校", "已到校")):
            yield index, "remark", f"备注写着“{word}”。正在缺勤或有未结个案的学生不因备注离开点名：请办理手续，批准后生效。"
