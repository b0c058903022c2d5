"""单元格是没有算过的公式。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.excel.read import Uncached
from apps.registers.layouts.block import Block

CODE = "formula_uncached"
SEVERITY = "error"
ARTICLE = "产品约定：公式只读取已算好的结果"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Formula cells without a calculated value, in any column that is used."""
    for column, cells in block.cells.items():
        if Uncached not in set(map(type, cells)):
            continue
        for index, cell in enumerate(cells):
            if type(cell) is Uncached:
                yield index, column, "这一格是公式，文件里没有算好的结果。请在 Excel 里打开、保存一次，或“复制→选择性粘贴→数值”后重新上传。"
