"""性别与身份证号不一致。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import sex_of
from apps.registers.layouts.block import Block

CODE = "id_sex_contradiction"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：第 17 位奇数为男、偶数为女"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A sound number whose seventeenth digit says the other sex."""
    numbers, faults = block.column("id_number"), block.faults
    for index, _, sex in block.both("sex"):
        if sex and numbers[index] and faults[index] is None and sex_of(numbers[index]) != sex:
            yield index, "sex", "性别与身份证号第 17 位不一致（单数为男，双数为女）。请按户口簿核对：可能性别填错，也可能用了别人的号码。"
