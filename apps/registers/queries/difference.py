"""The preview: what an upload would change, row by row, with numbers masked on the way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from apps.core.ids import mask, masked_text
from apps.registers.layouts.kinds import FIELD_TITLES
from apps.registers.models import Entry, StagedRow, Upload
from apps.registers.queries.incoming import incoming_sql, missing_sql, parameters

CHANGES = ("new", "changed", "unchanged", "missing", "problem")
COUNTED = {"new": "inserted", "changed": "updated", "unchanged": "unchanged", "missing": "missing", "problem": "rejected"}
# Field of the staged row → field of the standing line, in the order a person reads them.
COMPARED = {
    "name": "name", "sex": "sex", "birth_date": "birth_date", "ethnicity": "ethnicity", "id_number": "id_masked", "student_number": "student_masked",
    "grade": "grade", "class_name": "class_name", "state": "state", "guardian_name": "guardian_name", "guardian_phone": "guardian_phone",
    "address": "address", "household_number": "household_number", "head_name": "head_name", "residence_code": "residence_code",
    "township_code": "township_code", "village_name": "village_name", "group_kind": "group_kind", "remark": "remark", "reported_on": "reported_on",
    "school_text": "school_text", "situation_text": "situation_text",
}  # fmt: skip
IN_DETAILS = (
    "provincial_number", "boarding", "guardian_relation", "phone", "member_number", "risk_cleared", "left_behind", "migrant", "orphan", "disability",
    "inclusive", "entered_on", "surveyor",
)  # fmt: skip
MASKED = frozenset({"id_number", "student_number", "provincial_number", "guardian_id_number"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; numbers masked."""

    field: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One row of the preview. ``entry_id`` is the standing line (changed, unchanged, missing), ``row`` the data row of the file."""

    change: str
    name: str
    id_masked: str
    school: str
    grade: int | None
    class_name: str
    row: int | None = None
    sheet: str = ""
    sheet_row: int | None = None
    entry_id: int | None = None
    answer: str = ""
    status: str = ""
    fields: list[FieldChange] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    cleaned: list[dict[str, str]] = field(default_factory=list)


def difference_counts(upload: Upload) -> dict[str, int]:
    """new, changed, unchanged, missing, problem, as counted when the file was read (or when a commit found them stale)."""
    return {change: int(upload.counts.get(key, 0)) for change, key in COUNTED.items()}


def difference_rows(upload: Upload, change: str, *, offset: int = 0, limit: int = 50) -> list[DifferenceRow]:
    """Rows of one change in the order of the file (missing: by school and name). A problem row is one with any remark."""
    if change not in CHANGES:
        return []
    if change == "problem":
        rows = StagedRow.objects.filter(upload=upload).exclude(problems=[]).order_by("row")[offset : offset + limit]
        return [_staged(row, "problem") for row in rows]
    if upload.state != Upload.State.STAGED:
        return []
    return _missing(upload, offset, limit) if change == "missing" else _incoming(upload, change, offset, limit)


def _incoming(upload: Upload, change: str, offset: int, limit: int) -> list[DifferenceRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row, old_id FROM ({incoming_sql(upload.kind)}) d WHERE change = %(change)s ORDER BY row OFFSET %(offset)s LIMIT %(limit)s",
            {**parameters(upload), "change": change, "offset": offset, "limit": limit},
        )
        found = cursor.fetchall()
    staged = {row.row: row for row in StagedRow.objects.filter(upload=upload, row__in=[row for row, _ in found])}
    old = Entry.objects.in_bulk([entry for _, entry in found if entry])
    return [_staged(staged[row], change, old.get(entry)) for row, entry in found]


def _missing(upload: Upload, offset: int, limit: int) -> list[DifferenceRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH incoming AS MATERIALIZED ({incoming_sql(upload.kind)})"
            f" SELECT e.id FROM ({missing_sql(upload.kind)}) m JOIN registers_entry e ON e.id = m.id"
            " ORDER BY e.unit, e.grade, e.class_name, e.name, e.id OFFSET %(offset)s LIMIT %(limit)s",
            {**parameters(upload), "offset": offset, "limit": limit},
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    lines = Entry.objects.select_related("school").in_bulk(ids)
    answers = upload.missing_answer
    return [
        DifferenceRow(
            change="missing", name=line.name, id_masked=line.id_masked, school=line.school.name if line.school else "", grade=line.grade,
            class_name=line.class_name, entry_id=pk, answer=answers.get(str(pk), answers.get("default", "")),
        )
        for pk, line in ((pk, lines[pk]) for pk in ids)
    ]  # fmt: skip


def _staged(row: StagedRow, change: str, old: Entry | None = None) -> DifferenceRow:
    return DifferenceRow(
        change=change, name=row.name, id_masked=mask(row.id_number), school=row.school_name or row.school_code, grade=row.grade,
        class_name=row.class_name, row=row.row, sheet=row.sheet, sheet_row=row.sheet_row, entry_id=old.pk if old else None, status=row.status,
        fields=_fields(row, old) if old and change == "changed" else [], problems=row.problems, cleaned=row.cleaned,
    )  # fmt: skip


def _fields(row: StagedRow, old: Entry) -> list[FieldChange]:
    """The fields in which the file and the standing line differ, both as text."""
    pairs = [(name, getattr(old, column), getattr(row, name)) for name, column in COMPARED.items()]
    pairs += [(name, old.details.get(name, ""), getattr(row, name)) for name in IN_DETAILS]
    pairs += [("guardian_id_number", old.details.get("guardian_masked", ""), row.guardian_id_number)]
    extra = old.details.get("extra", {})
    pairs += [(title, extra.get(title, ""), row.extra.get(title, "")) for title in [*extra, *(set(row.extra) - set(extra))]]
    changes = []
    for name, before, after in pairs:
        shown = [_shown(before), mask(_shown(after)) if name in MASKED else _shown(after)]
        if name == "provincial_number":
            shown[0] = mask(shown[0])
        if shown[0] != shown[1]:
            changes.append(FieldChange(name, FIELD_TITLES.get(name, name), *shown))
    if not changes and old.document_id is not None:
        changes.append(FieldChange("id_number", FIELD_TITLES["id_number"], old.id_masked, f"{mask(row.id_number)}（遮住的几位有变化）"))
    return changes


def _shown(value: Any) -> str:
    return "" if value is None else masked_text(str(value))
