"""The list of the district's schools from a file: the one register whose rows are places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.audit.actions import record
from apps.core.errors import RefusedFile
from apps.core.excel.child import run_child
from apps.core.scope import Actor
from apps.registers.layouts import KINDS, STAGED_COLUMNS
from apps.registers.layouts.headings import field_of
from apps.schools.actions import load_regions
from apps.schools.models import Region, School

UNESCAPED = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
YES = frozenset({"是", "1", "Y", "y", "yes", "true", "TRUE", "√", "✓", "中心学校"})
KIND_WORDS = {label: value for value, label in School.Kind.choices} | {
    "完全小学": "primary", "村完小": "primary", "完小": "primary", "初中": "junior", "中学": "junior", "九年制": "nine_year", "特殊教育学校": "special",
}  # fmt: skip


@dataclass
class SchoolsLoaded:
    """What ``load_schools`` did; problems are {row, column, code, message}."""

    rows: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def load_schools(*, path: Path, by: Actor, district: str) -> SchoolsLoaded:
    """Schools of a district from .xlsx, .xls or CSV (学校标识码, 学校名称, 乡镇代码, 办学类型, 是否中心学校). Raises RefusedFile.

    Rows that cannot be placed are told in ``problems`` and left out; the same file again changes nothing.
    """
    rows = _rows(path, district)
    with transaction.atomic():
        if not Region.objects.filter(parent_id=district).exists():
            load_regions(path=Path(settings.ROOT) / "fixtures" / "regions.json")
        result = SchoolsLoaded(rows=len(rows))
        if not rows:
            raise RefusedFile("文件里没有一所学校。请检查是否传错了文件。", code="no_rows")
        townships = dict(Region.objects.filter(parent_id=district).values_list("code", "name"))
        wanted: dict[str, dict[str, Any]] = {}
        for row in rows:
            _judge(row, townships, wanted, result)
        _store(wanted, district, result)
        sentence = f"导入学校名录：新增 {result.inserted}，更新 {result.updated}"
        record("load_schools", sentence, by=by, object_kind="school", inserted=result.inserted, updated=result.updated)
    return result


def _rows(path: Path, district: str) -> list[dict[str, Any]]:
    lines = bytearray()
    townships = dict(Region.objects.filter(parent_id=district).values_list("name", "code"))
    options = json.dumps({"townships": townships}, ensure_ascii=False)
    run_child(["schools", str(path), "--options", options], on_progress=lambda event: None, copy_write=lines.extend)
    return list(_parsed(lines.decode()))


def _parsed(text: str) -> Iterator[dict[str, Any]]:
    """Lines of COPY's text format as dictionaries, columns nobody stages under their field names."""
    for line in text.splitlines():
        cells = [_plain(cell) for cell in line.split("\t")]
        row: dict[str, Any] = dict(zip(STAGED_COLUMNS, cells, strict=True))
        for title, value in json.loads(row["details"]).get("extra", {}).items():
            row[field_of(title, KINDS["schools"], {}) or title] = value.strip()
        yield row


def _plain(cell: str) -> str:
    if "\\" not in cell:
        return cell
    out, skip = [], False
    for place, char in enumerate(cell):
        if skip:
            skip = False
        elif char == "\\":
            out.append(UNESCAPED.get(cell[place : place + 2], ""))
            skip = True
        else:
            out.append(char)
    return "".join(out)


def _judge(row: dict[str, Any], townships: dict[str, str], wanted: dict[str, dict[str, Any]], result: SchoolsLoaded) -> None:
    """Take the row over into ``wanted`` or say what is wrong with it."""
    code, name, kind = row["school_code"], row["school_name"], KIND_WORDS.get(row.get("school_type", ""), row.get("school_type", ""))
    fault: tuple[str, str, str] | None = None
    if not (code.isascii() and code.isdecimal() and 8 <= len(code) <= 12):
        fault = ("school_code", "school_code_malformed", f"学校标识码“{code[:20]}”应为 8—12 位数字，请按教育部学校代码填写。")
    elif code in wanted:
        fault = ("school_code", "school_twice", f"学校标识码 {code} 在文件中出现两次，只收第一次。")
    elif not name or len(name) > 60:
        fault = ("school_name", "school_name_missing", "学校名称为空或超过 60 字，请填学校全称。")
    elif kind not in School.Kind.values:
        words = "、".join(School.Kind.labels)
        fault = ("school_type", "school_type_unknown", f"办学类型“{kind[:20]}”认不出，请填：{words}。")
    elif row["township_code"] not in townships:
        fault = ("township_code", "township_unknown", f"乡镇代码“{row['township_code'][:20]}”不属于本区，请填 9 位乡镇代码。")
    if fault:
        result.problems.append({"row": int(row["row"]), "column": fault[0], "code": fault[1], "message": fault[2]})
        return
    wanted[code] = {"name": name, "kind": kind, "township_id": row["township_code"], "is_central": row.get("central", "") in YES, "is_open": True}


def _store(wanted: dict[str, dict[str, Any]], district: str, result: SchoolsLoaded) -> None:
    """Insert and update what differs; the old central school of a township gives way first."""
    stored = {school.pk: school for school in School.objects.filter(pk__in=wanted)}
    changed = {code: facts for code, facts in wanted.items() if code in stored and any(getattr(stored[code], k) != v for k, v in facts.items())}
    central = {facts["township_id"]: code for code, facts in wanted.items() if facts["is_central"]}
    School.objects.filter(township_id__in=central, is_central=True).exclude(pk__in=set(central.values()) - set(changed)).update(is_central=False)
    School.objects.filter(pk__in=changed).update(is_central=False)
    for code, facts in changed.items():
        School.objects.filter(pk=code).update(**facts, district_code=district)
    School.objects.bulk_create(School(pk=code, district_code=district, **facts) for code, facts in wanted.items() if code not in stored)
    result.inserted, result.updated = len(wanted) - len(stored), len(changed)
    result.unchanged = len(stored) - len(changed)
