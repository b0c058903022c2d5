"""The registers as files: readable, complete, told apart by row; the tour's file spoilt as promised."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from apps.dashboards.management.demo.biff import write_xls
from apps.dashboards.management.demo.district import District, generate
from apps.dashboards.management.demo.workbooks import write_district, write_register


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[District, Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("demo")
    district = generate(800, 5)
    return district, out, write_district(district, out)


def read(path: Path) -> list[list[object]]:
    book = CalamineWorkbook.from_path(str(path))
    return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def test_every_row_stands_in_its_file(written: tuple[District, Path, dict[str, object]]) -> None:
    district, out, counts = written
    for kind in ("enrollment", "attending", "survey", "monitored"):
        for file, rows in Counter(row.file for row in district.registers[kind]).items():
            names = {row.values["name"] for row in district.registers[kind] if row.file == file}
            cells = {str(cell) for line in read(out / file) for cell in line}
            assert rows <= len(read(out / file))
            assert {name.strip() for name in names} <= {cell.strip() for cell in cells}
    assert counts["files"] == sum(path.is_file() for path in out.rglob("*"))


def test_household_files_are_csv_of_townships(written: tuple[District, Path, dict[str, object]]) -> None:
    district, out, _ = written
    lines = 0
    for path in sorted((out / "household").iterdir()):
        data = path.read_bytes()
        text = data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "gb18030")
        lines += len(list(csv.reader(text.splitlines()))) - 1
    assert lines == len(district.registers["household"])


def test_truth_names_file_and_row(written: tuple[District, Path, dict[str, object]]) -> None:
    district, out, _ = written
    truth = json.loads((out / "truth.json").read_text())
    pid, file, number, expected, dirt = truth["rows"]["enrollment"][0]
    row = district.registers["enrollment"][0]
    assert [pid, file, number, expected, dirt] == [row.pid, row.file, 1, row.expected, list(row.dirt)]
    heading = next(i for i, line in enumerate(read(out / file)) if "姓名" in line or "学生姓名" in line)
    assert row.values["name"] in read(out / file)[heading + number]
    assert truth["persons"][pid]["c2"] == district.truth.persons[pid].c2


def test_tour_file_is_spoilt_and_can_be_mended(written: tuple[District, Path, dict[str, object]]) -> None:
    district, out, counts = written
    truth = json.loads((out / "truth.json").read_text())
    lines = read(out / f"attending/{counts['tour_school']}.xlsx")
    assert lines[-1][0] == "合计"
    column = lines[2].index("身份证号")
    kinds = Counter(mend["kind"] for mend in truth["meta"]["tour_mends"])
    assert kinds == {"saved_as_number": 3, "check_digit": 2, "class_became_date": 4}
    for mend in truth["meta"]["tour_mends"]:
        if mend["kind"] == "saved_as_number":
            cell = lines[2 + mend["row"]][column]
            assert isinstance(cell, float)
            assert f"{cell:.14e}".replace(".", "")[:15] == mend["right"][:15]


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_one_file_of_a_whole_register(tmp_path: Path, suffix: str) -> None:
    rows = generate(600, 1).registers["attending"]
    write_register(tmp_path / f"all{suffix}", "attending", rows)
    lines = read(tmp_path / f"all{suffix}")
    assert len(lines) == len(rows) + 1
    assert [line[4] for line in lines[1:]] == [row.values["name"] for row in rows]


def test_xls_keeps_rare_characters_and_refuses_too_much(tmp_path: Path) -> None:
    write_xls(tmp_path / "rare.xls", "学籍", [["姓名"], ["𠮷㼆龑"], ["阿牛·木呷"]])
    assert read(tmp_path / "rare.xls") == [["姓名"], ["𠮷㼆龑"], ["阿牛·木呷"]]
    with pytest.raises(ValueError, match="rows"):
        write_xls(tmp_path / "long.xls", "学籍", [["1"]] * 65_537)
    with pytest.raises(ValueError, match="too much"):
        write_xls(tmp_path / "wide.xls", "学籍", [["长" * 4000]] * 1000)
