"""学校名称不在学校名录里。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "school_unknown"
SEVERITY = "warning"
ARTICLE = "产品约定：必填项"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """A name without a code that the district does not know; only where the list of schools was given."""
    if not block.options.schools:
        return
    names = block.column("school_name")
    for index, code in enumerate(block.column("school_code")):
        if not code and names[index]:
            yield index, "school_name", f"学校“{names[index][:20]}”不在本区学校名录里。请填学校标识码，或改成名录里的全称。"
