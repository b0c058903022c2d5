"""Where a case can stand."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a case stands; the value is stored, the label shown."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str, tone: str) -> State:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.tone = label, tone
        return member

    SUSPECTED = "suspected", "疑似辍学", "bad"
    CLEARED = "cleared", "已排除", "off"
    CONFIRMED = "confirmed", "已认定", "bad"
    PERSUADING = "persuading", "劝返中", "info"
    RETURNED = "returned", "已复学", "ok"
    PLACED = "placed", "已安置", "ok"
    EXEMPT = "exempt", "缓学、休学或不具备学习条件", "info"
    TRANSFERRED = "transferred", "移交户籍地", "info"
    MONITORING = "monitoring", "跟踪巩固", "ok"
    CLOSED = "closed", "已销号", "off"
    REOPENED = "reopened", "再次辍学", "bad"
    MERGED = "merged", "已并案", "off"
