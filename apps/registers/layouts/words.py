"""Stored values in the words people know: 'studying' → 在读. The code tables read backwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from apps.registers.layouts import codes

GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级")


def _words(*tables: dict[str, str]) -> dict[str, str]:
    """Value → the first Chinese word written for it."""
    found: dict[str, str] = {}
    for table in tables:
        for word, value in table.items():
            if value and not word.isascii():
                found.setdefault(value, word)
    return found


YES_NO = {"Y": "是", "N": "否"}
WORDS: dict[str, dict[str, str]] = {
    "sex": {"M": "男", "F": "女"},
    "state": _words(codes.STUDENT_STATE, codes.HOUSEHOLD_STATE, codes.SITUATION),
    "group_kind": _words(codes.HOUSEHOLD_KIND, codes.MONITORED_KIND),
    "boarding": {"day": "走读", "boarding": "住校"},
    "left_behind": {"0": "非留守", "1": "单亲留守", "2": "双亲留守"},
    "migrant": YES_NO, "orphan": YES_NO, "inclusive": YES_NO, "risk_cleared": YES_NO,
}  # fmt: skip
PHASES = {
    "guarding": "正在检查文件是否安全完整", "reading": "正在读取", "checking": "正在读取并逐行检查", "comparing": "正在与现有名册比对",
}  # fmt: skip
SITUATIONS = _words(codes.SITUATION)


def said(column: str, value: Any) -> str:
    """One stored value as a page shows it; '' for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if column == "grade":
        return GRADES[value - 1] if 1 <= value <= len(GRADES) else str(value)
    return WORDS.get(column, {}).get(str(value), str(value))


def counted(progress: Mapping[str, Any]) -> str:
    """How far a reading ({"phase", "read", "rows"}) has come; '' before its first row."""
    read, rows = progress.get("read", 0), progress.get("rows", 0)
    return f"已读 {read:,} 行，已检查 {rows:,} 行" if read else ""
