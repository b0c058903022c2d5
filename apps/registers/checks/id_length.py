"""身份证号位数不对。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.ids import IdFault
from apps.registers.layouts.block import Block

CODE = "id_length"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999 公民身份号码"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Numbers that are neither 18 (15 are lengthened) nor of another paper."""
    kinds = block.cells.get("id_kind")
    for index, fault in enumerate(block.faults):
        number = block.values["id_number"][index] if fault is IdFault.LENGTH else ""
        if number and not (kinds and says_other_paper(kinds[index])):
            yield index, "id_number", f"身份证号有 {len(number)} 位，应为 18 位。请按证件核对；若是护照等其他证件，请填“身份证件类型”。"


def says_other_paper(cell: object) -> bool:
    """Whether 身份证件类型 names something else than the resident ID card or household book."""
    text = str(cell).strip()
    return bool(text) and not any(word in text for word in ("身份证", "户口")) and text not in ("1", "01", "1.0")
