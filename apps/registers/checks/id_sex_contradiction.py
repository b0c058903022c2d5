"""性别与身份证号不一致。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "id_sex_contradiction"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：第 17 位奇数为男、偶数为女"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A sound number whose seventeenth digit says the other sex."""
    if "sex" not in block.cells:
        return
    for index, (number, fault, sex) in enumerate(zip(block.column("id_number"), block.faults, block.column("sex"), strict=True)):
        if sex and number and fault is None and sex != ("M" if number[16] in ODD else "F"):
            yield index, "sex", "性别与身份证号第 17 位不一致（单数为男，双数为女）。请按户口簿核对：可能性别填错，也可能用了别人的号码。"


ODD = "13579"
