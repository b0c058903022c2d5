"""A file of attendance (DATA.md §3): its headings, its codes, and one row as it is staged. Plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from apps.core.errors import RefusedFile
from apps.core.ids import IdKind, kind_of
from apps.registers.layouts import cells as one
from apps.registers.layouts.cells import Memo, line
from apps.registers.layouts.classes import class_of, grade
from apps.registers.layouts.days import day
from apps.registers.layouts.headings import plain
from apps.schools.rules import term_of

HEADINGS = {
    "school_code": ("school_code", "学校标识码", "学校代码"),
    "class": ("class", "class_name", "班级", "班级名称"),
    "grade": ("grade", "年级"),
    "date": ("date", "day", "日期", "考勤日期"),
    "student_number": ("student_number", "学籍号", "全国学籍号"),
    "id_number": ("id_number", "身份证号", "身份证件号", "身份证号码", "证件号码"),
    "code": ("code", "考勤", "情况", "考勤情况"),
}
FIELDS = {plain(name): field for field, names in HEADINGS.items() for name in names}
REQUIRED = (("school_code",), ("class",), ("date",), ("student_number", "id_number"), ("code",))
ALL_PRESENT = "all_present"
# What a file writes -> (mark, reason). 病假、事假 are leave that was decided on paper.
CODES = {
    "absent": ("absent", ""), "缺勤": ("absent", ""), "旷课": ("absent", "unexcused"), "leave": ("leave", "personal"), "请假": ("leave", "personal"),
    "事假": ("leave", "personal"), "sick": ("leave", "sick"), "病假": ("leave", "sick"), "late": ("late", ""), "迟到": ("late", ""),
    "early": ("early", ""), "早退": ("early", ""), "half": ("half", ""), "半天": ("half", ""), ALL_PRESENT: (ALL_PRESENT, ""), "全勤": (ALL_PRESENT, ""),
}  # fmt: skip


class Staged(NamedTuple):
    """One data row as the database judges it. ``fault``: what is wrong with the row by itself; ``said``: the cell it is about."""

    row: int
    sheet_row: int
    school_code: str
    grade: int | None
    class_name: str
    school_year: int | None
    day: date | None
    student: str  # 'student:G…', '' where none
    resident: str  # 'resident:…' or 'other:…', '' where none
    code: str
    reason: str
    fault: str
    said: str


class Columns:
    """Where each field stands in this file. Raises RefusedFile that names every missing column."""

    def __init__(self, heading: Sequence[Any]) -> None:
        self.at = {FIELDS[name]: place for place, cell in reversed([*enumerate(heading)]) if (name := plain(line(cell))) in FIELDS}
        missing = ["或".join(HEADINGS[field][0] for field in group) for group in REQUIRED if not any(field in self.at for field in group)]
        if missing:
            raise RefusedFile(f"文件第一行应为表头，缺少这些列：{'、'.join(missing)}。请补上后重新装入。", code="columns_missing")

    def cells(self, row: Sequence[Any]) -> dict[str, str]:
        """Field -> text of its cell, '' where the row is shorter."""
        return {field: line(row[place]) if place < len(row) else "" for field, place in self.at.items()}


def staged_rows(rows: Iterator[Sequence[Any]]) -> Iterator[Staged]:
    """Every data row, read; rows count from 1 after the heading, empty rows are passed over."""
    columns = Columns(next(rows, ()))
    days, rooms = Memo(read_day), Memo(read_room)
    number = 0
    for sheet_row, row in enumerate(rows, 2):
        cells = columns.cells(row)
        if any(cells.values()):
            number += 1
            yield staged(number, sheet_row, cells, days, rooms)


def staged(number: int, sheet_row: int, cells: dict[str, str], days: Memo, rooms: Memo) -> Staged:
    """One row, with the first thing that is wrong with it by itself."""
    when: date | None = days[cells["date"]]
    year = term_of(when).year if when else None
    grade_number, class_name = rooms[cells.get("grade", ""), cells["class"], year]
    student, resident = one.student_number(cells.get("student_number", "")), one.identity(cells.get("id_number", ""))
    code, reason = CODES.get(cells["code"].lower(), ("", ""))
    fault, said = "", ""
    if when is None:
        fault, said = "date_unreadable", cells["date"]
    elif grade_number is None or not class_name:
        fault, said = "class_unreadable", cells["class"]
    elif not code:
        fault, said = "code_unknown", cells["code"]
    elif code != ALL_PRESENT:
        fault = number_fault(student, resident)
    return Staged(
        number, sheet_row, one.code(cells["school_code"]), grade_number, class_name, year, when, f"student:{student}" if student else "",
        key(resident), code, reason, fault, said[:40],
    )  # fmt: skip


def number_fault(student: str, resident: str) -> str:
    """Why no pupil can be looked up by these numbers, '' where one can."""
    given = [number for number in (student, resident) if number]
    if not given:
        return "number_missing"
    return "number_lost" if all("E+" in number for number in given) else ""


def key(number: str) -> str:
    """The words a number's document is hashed from (students.models.IdDocument), '' for none."""
    if not number:
        return ""
    return f"resident:{number}" if kind_of(number) == IdKind.RESIDENT else f"other:{number}"


def read_day(cell: str) -> date | None:
    """The day a cell tells, None where it cannot be read."""
    text = day(cell)
    return date.fromisoformat(text) if text else None


def read_room(cell: tuple[str, str, int | None]) -> tuple[int | None, str]:
    """(grade, plain class name) of the two cells as a roster writes them, in a school year."""
    known, text, year = cell
    known = grade(known, year)
    told, name = class_of(text, known, year)
    found = known or told
    return (int(found) if found else None), name
