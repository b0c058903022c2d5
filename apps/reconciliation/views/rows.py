"""Lines of the registers beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.registers.layouts import words
from apps.registers.models import Entry, Kind

COLUMNS = (
    ("name", "姓名"), ("sex", "性别"), ("birth_date", "出生日期"), ("id_masked", "证件号"), ("student_masked", "学籍号"), ("school", "学校"), ("grade", "年级"),
    ("class_name", "班级"), ("guardian_name", "监护人"), ("guardian_phone", "监护人电话"), ("household_number", "户号"), ("head_name", "户主"),
    ("village_name", "村（社区）"), ("address", "住址"), ("group_kind", "户类型"), ("school_text", "就读学校"),
    ("schooling", "就读情况"), ("registered", "户口登记状态"), ("reported_on", "报到或摸排日期"),
    ("remark", "备注"),
)  # fmt: skip


def said(entry: Entry, column: str) -> str:
    """What a line says in one column, in words. The household register's state and a school's are two things and stand in two rows."""
    if column == "registered":
        return words.said("state", entry.state) if entry.kind == Kind.HOUSEHOLD else ""
    if column == "schooling":
        return schooling(entry)
    return words.said(column, getattr(entry, column))


def schooling(entry: Entry) -> str:
    """Where the child is at school, as the line words it; a code where it has no words of its own."""
    if entry.kind == Kind.HOUSEHOLD:
        return ""
    coded = words.said("state", entry.state)
    return coded or entry.situation_text if entry.kind in (Kind.ENROLLMENT, Kind.ATTENDING) else entry.situation_text or coded


def title(entry: Entry) -> str:
    """Where a line comes from: 国网学籍 · 第 87 行."""
    return f"{entry.get_kind_display()} · 第 {entry.sheet_row} 行"


def table(entries: Sequence[Entry]) -> dict[str, Any]:
    """All lines of one child: a column each, with a short name for a narrow screen; rows nobody filled are left out."""
    rows = [(label, [said(entry, column) for entry in entries]) for column, label in COLUMNS]
    heads = [{"title": title(entry), "file": entry.upload.file_name} for entry in entries]
    kinds = [entry.get_kind_display() for entry in entries]
    short = [kind if kinds.count(kind) == 1 else f"第 {entry.sheet_row} 行" for kind, entry in zip(kinds, entries, strict=True)]
    told = [{"label": label, "cells": list(zip(short, values, strict=True)), "differs": differs(values)} for label, values in rows if any(values)]
    return {"heads": heads, "rows": told}


def differs(values: Sequence[str]) -> bool:
    """Whether the lines that say anything say different things."""
    return len({value for value in values if value}) > 1


def pair(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """Two lines with their differences marked; None for any other number."""
    if len(entries) != 2:
        return None
    left, right = entries
    told = [{"label": label, "left": said(left, column), "right": said(right, column)} for column, label in COLUMNS]
    return {"left": title(left), "right": title(right), "rows": [row for row in told if row["left"] or row["right"]]}
