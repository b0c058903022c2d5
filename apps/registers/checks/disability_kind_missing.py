"""健康状况是残疾，残疾类型没有写清。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.registers.layouts.codes import DISABLED

CODE = "disability_kind_missing"
SEVERITY = "warning"
ARTICLE = "残疾人教育条例（2017）：入学前登记，掌握残疾儿童的数量和残疾情况"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """健康状况 50 beside an empty 残疾类型, or beside one that says 无."""
    if "health" not in block.cells:
        return
    kinds = block.column("disability")
    for index, health in enumerate(block.column("health")):
        if health == DISABLED and kinds[index] == DISABLED:
            yield (
                index,
                "health",
                "健康状况是“残疾”，没有填残疾类型。已按残疾登记；请按残疾人证补上类型（视力、听力、言语、肢体、智力、精神、多重）。",
            )
        elif health == DISABLED and not kinds[index]:
            yield index, "health", "健康状况是“残疾”，残疾类型却是“无”。请核对后改成一致。"
