"""What an upload would change, row by row, as the preview shows it: nothing here writes, numbers leave masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from apps.registers.checks import ALL
from apps.registers.layouts.kinds import FIELD_TITLES
from apps.registers.layouts.staged import DETAILS
from apps.registers.layouts.words import said
from apps.registers.models import Entry, StagedRow, Upload
from apps.registers.queries.incoming import STAGED, incoming_sql, missing_sql, parameters

ARTICLES: dict[str, str] = {check.CODE: check.ARTICLE for check in ALL}
# Columns a page compares, with their titles; those of the second line stand in ``Entry.details``.
COLUMNS = (
    "name", "sex", "birth_date", "ethnicity", "grade", "class_name", "state", "guardian_name", "guardian_phone", "address", "household_number",
    "head_name", "residence_code", "village_name", "group_kind", "remark", "reported_on", "school_text", "situation_text",
)  # fmt: skip
HIDDEN_PART = "（遮住的几位不同）"


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of the file and the line it would replace (0: none)."""

    row: int
    entry: int
    document: int | None
    student_document: int | None


@dataclass(slots=True)
class Preview:
    """The rows of a file by what they would do, and the numbers of the lines that are not in the file."""

    new: list[Moved] = field(default_factory=list)
    changed: list[Moved] = field(default_factory=list)
    unchanged: list[Moved] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


def preview(upload: Upload) -> Preview:
    """The difference between a staged upload and the lines that stand now, in one query, in the order of the file."""
    found = Preview()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {STAGED}, incoming AS MATERIALIZED ({incoming_sql(upload.kind)})"
            " SELECT change, row, coalesce(old_id, 0), document, student_document FROM incoming"
            f" UNION ALL SELECT 'missing', 0, m.id, NULL, NULL FROM ({missing_sql(upload.kind)}) m ORDER BY 1, 2, 3",
            parameters(upload),
        )
        for change, row, entry, document, student_document in cursor.fetchall():
            if change == "missing":
                found.missing.append(entry)
            else:
                getattr(found, change).append(Moved(row, entry, document, student_document))
    return found


def staged_lines(upload: Upload, moved: Iterable[Moved]) -> list[dict[str, Any]]:
    """The rows of one page: where each stands in the file, its child, and, where it replaces a line, every difference."""
    wanted = {one.row: one for one in moved}
    rows = list(StagedRow.objects.filter(upload=upload, row__in=list(wanted)).order_by("row"))
    entries = Entry.objects.in_bulk([one.entry for one in wanted.values() if one.entry])
    lines = []
    for row in rows:
        entry = entries.get(wanted[row.row].entry)
        differences = row_differences(entry, row, wanted[row.row]) if entry else []
        lines.append(
            {
                "school": "" if upload.school_id else row.school_name,
                "row": row,
                "id": row.id_masked,
                "student": row.student_masked,
                "differences": differences,
            }
            | child_of(row)
        )
    return lines


def child_of(row: StagedRow | Entry) -> dict[str, str]:
    """What identifies a child to a person who reads a list."""
    grade, class_name = said("grade", row.grade), row.class_name
    return {
        "name": row.name,
        "sex": said("sex", row.sex),
        "birth": said("birth_date", row.birth_date),
        "place": class_words(grade, class_name) if grade else row.village_name or row.address,
        "state": said("state", row.state),
    }


def class_words(grade: str, class_name: str) -> str:
    """'四（1）班' as everywhere else; a class with a name of its own keeps it: '四年级 红星班'."""
    return f"{grade.removesuffix('年级')}（{class_name}）班" if class_name.isdigit() else f"{grade} {class_name}".strip()


def row_differences(entry: Entry, row: StagedRow, moved: Moved) -> list[dict[str, str]]:
    """Field by field what a changed row says that its line did not: [{label, before, after}]."""
    return _differences(
        entry, row, same_document=entry.document_id == moved.document, same_student=entry.student_document_id == moved.student_document
    )


def entry_differences(old: Entry, new: Entry) -> list[dict[str, str]]:
    """The same between two lines, after the commit."""
    return _differences(
        old, new, same_document=old.document_id == new.document_id, same_student=old.student_document_id == new.student_document_id
    )  # fmt: skip


def _differences(old: Entry, new: Entry | StagedRow, *, same_document: bool, same_student: bool) -> list[dict[str, str]]:
    found = [_pair(c, said(c, getattr(old, c)), said(c, getattr(new, c))) for c in COLUMNS]
    found += [_pair(c, said(c, old.details.get(c, "")), said(c, new.details.get(c, ""))) for c in DETAILS]
    found.append(_number("身份证件号", old.id_masked, new.id_masked, same_document))
    found.append(_number("学籍号", old.student_masked, new.student_masked, same_student))
    found.append(_number("监护人证件号", old.details.get("guardian_masked", ""), new.details.get("guardian_masked", ""), True))
    found += _others(old.details.get("extra", {}), new.details.get("extra", {}))
    return [one for one in found if one["before"] != one["after"]] or [{"label": "其他", "before": "原内容", "after": "写法有变"}]


def _pair(column: str, before: str, after: str) -> dict[str, str]:
    return {"label": FIELD_TITLES.get(column, column), "before": before, "after": after}


def _number(label: str, before: str, after: str, same: bool) -> dict[str, str]:
    """Two masked numbers; where only the hidden digits differ, that is said."""
    if before == after and not same:
        after += HIDDEN_PART
    return {"label": label, "before": before, "after": after}


def _others(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """Columns the system does not know, kept as they came."""
    return [{"label": title, "before": str(before.get(title, "")), "after": str(after.get(title, ""))} for title in dict.fromkeys([*before, *after])]


def remark_counts(upload: Upload) -> dict[str, int]:
    """How many rows were refused, were kept with a warning, were repaired."""
    counted: dict[str, int] = StagedRow.objects.filter(upload=upload).aggregate(
        rejected=Count("row", filter=Q(status="rejected")),
        kept=Count("row", filter=~Q(problems=[]) & ~Q(status="rejected")),
        cleaned=Count("row", filter=~Q(cleaned=[])),
    )
    return counted


def remarks(row: StagedRow) -> dict[str, Any]:
    """What was found wrong with a row and what was repaired, each with its column's title and its article."""
    problems = [
        p | {"label": FIELD_TITLES.get(p["column"], p["column"]), "article": ARTICLES.get(p["code"], "")}
        for p in sorted(row.problems, key=lambda p: p["severity"] != "error")
    ]
    repairs = [c | {"label": FIELD_TITLES.get(c["column"], c["column"])} for c in row.cleaned]
    return {"row": row, "problems": problems, "repairs": repairs}
