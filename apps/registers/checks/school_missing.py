"""没有学校。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "school_missing"
SEVERITY = "error"
ARTICLE = "产品约定：必填项"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """School registers only: neither code nor name, and the upload is for no single school."""
    if block.kind not in ("enrollment", "attending"):
        return
    names = block.column("school_name")
    for index, code in enumerate(block.column("school_code")):
        if not code and not names[index]:
            yield index, "school_code", "没有学校标识码，也没有学校名称。请补上其中一项。"
