"""The attending list of one small school with everything a registrar does to a workbook: the file of the guided walk.

Title row, heading in two rows, a totals row, numbers saved as numbers (last digits lost), wrong check digits, classes that
became dates. Every spoilt cell is told with its right value, so that the walk can mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from apps.core.ids import CHECK_DIGITS, is_valid_resident
from apps.dashboards.management.demo.registers import Row

TOUR_TOWNSHIP = "530113201"  # 舍块乡: the smallest, so that the walk stays short
GROUPS = {"school_code": "学校与班级", "name": "学生信息", "address": "家庭信息", "arrived_on": "到校情况"}
NUMERIC, WRONG_CHECK, CLASS_DATES = 3, 2, 4
Cell = str | int | date


def write_tour_attending(path: Path, school_name: str, rows: Sequence[Row], headings: dict[str, tuple[str, ...]]) -> list[dict[str, object]]:
    """Write the spoilt list; returns one record a spoilt cell: data row, field, kind, right value."""
    fields = [field for field in headings if field != "student_number" or any(row.values[field] for row in rows)]
    cells: list[list[Cell]] = [[row.values[field] for field in fields] for row in rows]
    mends = _spoil(rows, fields, cells)
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "花名册"
    sheet.append([f"{school_name}在校学生花名册"])
    sheet.append([GROUPS.get(field, "") for field in fields])
    sheet.append([headings[field][0] for field in fields])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(fields))
    starts = [number for number, field in enumerate(fields, start=1) if field in GROUPS]
    for start, after in zip(starts, [*starts[1:], len(fields) + 1], strict=True):
        sheet.merge_cells(start_row=2, start_column=start, end_row=2, end_column=after - 1)
    for line in cells:
        sheet.append(line)
    total: list[Cell] = ["合计", "", "", f"{len(rows)}人"]
    sheet.append(total)
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            if isinstance(cell.value, str):
                cell.number_format = "@"
    book.save(path)
    return mends


def _spoil(rows: Sequence[Row], fields: list[str], cells: list[list[Cell]]) -> list[dict[str, object]]:
    clean = [number for number, row in enumerate(rows) if not row.dirt and is_valid_resident(row.values["id_number"])]
    mends: list[dict[str, object]] = []

    def write(number: int, field: str, kind: str, value: Cell, right: str) -> None:
        cells[number][fields.index(field)] = value
        mends.append({"row": number + 1, "field": field, "kind": kind, "right": right})

    step = max(1, len(clean) // (NUMERIC + WRONG_CHECK + CLASS_DATES))
    chosen = clean[::step]
    for number in chosen[:NUMERIC]:
        right = rows[number].values["id_number"]
        write(number, "id_number", "saved_as_number", int(right[:15] + "000"), right)
    for number in chosen[NUMERIC : NUMERIC + WRONG_CHECK]:
        right = rows[number].values["id_number"]
        wrong = CHECK_DIGITS[(CHECK_DIGITS.index(right[17]) + 3) % 11]
        write(number, "id_number", "check_digit", right[:17] + wrong, right)
    for number in chosen[NUMERIC + WRONG_CHECK : NUMERIC + WRONG_CHECK + CLASS_DATES]:
        values = rows[number].values
        day = date(2026, int(values["grade"]), int(values["class_name"]))  # '3-1' typed into Excel
        write(number, "class_name", "class_became_date", day, values["class_name"])
    return mends
