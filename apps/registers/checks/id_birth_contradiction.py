"""出生日期与身份证号不一致。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "id_birth_contradiction"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码：第 7–14 位为出生日期"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A sound number whose birth date is not the one in the row."""
    if "birth_date" not in block.cells:
        return
    for index, (number, fault, born) in enumerate(zip(block.column("id_number"), block.faults, block.column("birth_date"), strict=True)):
        if born and number and fault is None and number[6:14] != born.replace("-", ""):
            yield (
                index,
                "birth_date",
                f"出生日期是 {born}，身份证号里是 {number[6:10]}-{number[10:12]}-{number[12:14]}。请按户口簿核对，改正其中一个。",
            )
