"""单元格是错误值。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "cell_error"
SEVERITY = "error"
ARTICLE = "产品约定：公式只读取已算好的结果"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """#N/A, #REF!, #VALUE! … left by a broken formula."""
    for column, cells in block.cells.items():
        if ERRORS.isdisjoint(cells):
            continue
        for index, cell in enumerate(cells):
            if cell in ERRORS:
                yield index, column, f"这一格是公式错误（{cell}）。请改成实际内容后重新上传。"


ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#DATA!"})
