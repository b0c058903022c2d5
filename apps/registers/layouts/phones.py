"""Telephone numbers as people type them, to digits."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from apps.registers.layouts.classes import cell_text

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(?:-\d{1,5})?|\d{7,8}")
SIGNS = re.compile(r"[^\d+\-、,;/]")
AREA = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})")


def phone(cell: Any) -> str:
    """'13800000000' or '0871-62120000'; the first of several; what cannot be a number stays as typed, trimmed."""
    if type(cell) is str and len(cell) == 11 and cell.isascii() and cell.isdigit() and cell[0] == "1":
        return cell  # nearly every row
    typed = unicodedata.normalize("NFKC", cell_text(cell)).strip()
    for part in re.split(r"[、,;/或]|\s{2,}", typed):
        digits = SIGNS.sub("", part)
        bare = re.sub(r"^(?:\+|00)?86-?(?=1|0?[2-9]\d)", "", digits) if not digits.startswith("0871") else digits
        joined = bare.replace("-", "").lstrip("+")
        if MOBILE.fullmatch(joined):
            return joined
        if LANDLINE.fullmatch(bare) or LANDLINE.fullmatch(joined):
            match = AREA.fullmatch(joined)
            return f"{match[1]}-{match[2]}" if match else bare
    return "" if typed in ("无", "/", "-", "没有", "0") else typed[:40]


def is_phone(text: str) -> bool:
    """Whether the cleaned text is a mobile or landline number."""
    return bool(MOBILE.fullmatch(text) or LANDLINE.fullmatch(text))
