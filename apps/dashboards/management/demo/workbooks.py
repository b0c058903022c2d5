"""The registers as real files: .xls (BIFF8), .xlsx, .csv in GB18030 and UTF-8, one source a file.

OUT/regions.json (villages, for load_regions) · OUT/schools.xlsx · OUT/enrollment/<school>.xls · OUT/enrollment.csv (the whole
district again) · OUT/attending/<school>.xlsx · OUT/household/<township>.csv · OUT/monitored.xlsx · OUT/survey/<township>.xlsx · OUT/truth.json
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from openpyxl import Workbook

from apps.dashboards.management.demo.biff import write_xls
from apps.dashboards.management.demo.district import District
from apps.dashboards.management.demo.headings import GRADES, HEADINGS, TITLES, coded, columns, dates, grade_and_class
from apps.dashboards.management.demo.registers import REGISTERS, Row
from apps.dashboards.management.demo.tour import TOUR_TOWNSHIP, write_tour_attending

Table = tuple[list[str], list[list[str]]]  # headings, cells
DATE_FIELDS = ("birth_date", "arrived_on", "surveyed_on")


def table(rows: Sequence[Row], register: str, habit: int = 0, *, without: frozenset[str] = frozenset()) -> Table:
    """Headings and cells of ``rows`` as one source with this habit writes them."""
    fields, headings = columns(register, habit, without=without)
    day = dates(habit)
    cells = []
    for row in rows:
        values = dict(row.values)
        for field in DATE_FIELDS:
            if field in values:
                values[field] = day(values[field])
        if "class_name" in values:
            values["grade"], values["class_name"] = grade_and_class(values["grade"], values["class_name"], habit if register == "attending" else 0)
        if register == "enrollment":
            for field in ("state", "sex", "attendance_mode"):
                values[field] = coded(field, values[field], habit)
        cells.append([values[field] for field in fields])
    return headings, cells


def write_register(path: Path, register: str, rows: Sequence[Row]) -> None:
    """One file of the whole register, the suffix deciding the form (.xlsx, .xls, .csv GB18030); data row n is rows[n - 1]."""
    headings, cells = table(rows, register, without=_unused(register, rows))
    _write(path, register, headings, cells)


def write_district(district: District, out: Path) -> dict[str, object]:
    """All files of a district below ``out``; sets ``file`` and ``number`` of every row; returns the counts and the tour's school."""
    for folder in ("enrollment", "attending", "household", "survey"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    villages = [{"code": v.code, "name": v.name, "level": "village", "parent": v.township} for v in district.places.villages]
    (out / "regions.json").write_text(json.dumps(villages, ensure_ascii=False))
    _schools(district, out / "schools.xlsx")
    tour = next(s for s in district.places.schools if s.township == TOUR_TOWNSHIP and s.central)
    files, mends = 1, list[dict[str, object]]()
    for register in REGISTERS:
        by_school = register in ("enrollment", "attending")
        sources = groupby(district.registers[register], key=_place)
        for habit, (place, group) in enumerate(sources):
            rows = list(group)
            file = _name(register, place)
            for number, row in enumerate(rows, start=1):
                row.file, row.number = file, number
            if register == "attending" and place == tour.code:
                mends = write_tour_attending(out / file, tour.name, rows, HEADINGS["attending"])
            else:
                _source(out / file, register, rows, habit, several_sheets=by_school and habit % 5 == 3)
            files += 1
    write_register(out / "enrollment.csv", "enrollment", district.registers["enrollment"])
    meta: dict[str, object] = {"seed": district.seed, "school_year": district.school_year, "tour_school": tour.code, "tour_mends": mends}
    (out / "truth.json").write_text(json.dumps(district.truth.as_json(district.registers, meta), ensure_ascii=False))
    return {"files": files + 3, "tour_school": tour.code, "tour_school_name": tour.name, "rows": district.truth.counts["rows"]}


def _place(row: Row) -> str:
    """Whose file the row stands in: a school's, a township's, or the district's ('')."""
    return "" if row.register == "monitored" else row.school or row.township


def _name(register: str, place: str) -> str:
    if register == "monitored":
        return "monitored.xlsx"
    suffix = {"enrollment": ".xls", "household": ".csv"}.get(register, ".xlsx")
    return f"{register}/{place}{suffix}"


def _unused(register: str, rows: Sequence[Row]) -> frozenset[str]:
    """Attending lists without student numbers have no such column."""
    if register == "attending" and not any(row.values["student_number"] for row in rows):
        return frozenset({"student_number"})
    return frozenset()


def _source(path: Path, register: str, rows: list[Row], habit: int, *, several_sheets: bool) -> None:
    headings, cells = table(rows, register, habit, without=_unused(register, rows))
    if path.suffix == ".xlsx" and several_sheets:
        _sheets(path, rows, headings, cells)
    else:
        _write(path, register, headings, cells, title=habit % 2 == 0, encoding="utf-8-sig" if habit % 4 == 3 else "gb18030")


def _write(path: Path, register: str, headings: list[str], cells: list[list[str]], *, title: bool = False, encoding: str = "gb18030") -> None:
    lines = [[TITLES[register]] + [""] * (len(headings) - 1)] if title and path.suffix != ".csv" else []
    lines += [headings, *cells]
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(lines)
    elif path.suffix == ".xls":
        write_xls(path, "学籍", lines)
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Sheet1")
        for line in lines:
            sheet.append(line)
        book.save(path)


def _sheets(path: Path, rows: list[Row], headings: list[str], cells: list[list[str]]) -> None:
    """One sheet a class, as many schools keep their rolls; the rows are already in the order of the classes."""
    book = Workbook(write_only=True)
    pairs = zip(rows, cells, strict=True)
    for (grade, number), group in groupby(pairs, key=lambda pair: (pair[0].values["grade"], pair[0].values["class_name"])):
        sheet = book.create_sheet(f"{GRADES[int(grade) - 1]}年级{number}班")
        sheet.append(headings)
        for _, line in group:
            sheet.append(line)
    book.save(path)


def _schools(district: District, path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("学校")
    sheet.append(["学校标识码", "学校名称", "乡镇代码", "办学类型", "是否中心学校", "片区村代码"])
    for school in district.places.schools:
        sheet.append([school.code, school.name, school.township, school.kind, "是" if school.central else "否", " ".join(school.catchment)])
    book.save(path)
