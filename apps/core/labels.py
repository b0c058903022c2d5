"""Words for stored values."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A value that is stored and the label people read: ``ABSENT = "absent", "缺勤"``."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


def joined(*parts: str) -> str:
    """What people wrote into several fields as one sentence, 甲；乙。: whatever stop each of them ended with, it ends with one."""
    said = "；".join(text for part in parts if (text := part.strip().rstrip("。；;，,")))
    return said and f"{said}。"
