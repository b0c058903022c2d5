"""What leaves as a file opens everywhere and runs nowhere."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from apps.core.excel.guard import guard
from apps.core.excel.marking import mark_problems
from apps.core.excel.write import write_csv, write_table

STRANGE = "甲\ufffe乙\uffff丙\ud800丁\x0b戊"


def test_no_character_breaks_an_export(tmp_path: Path) -> None:
    write_table(tmp_path / "a.xlsx", title=STRANGE, headings=[STRANGE], rows=[[STRANGE]], sheet=STRANGE)
    guard(tmp_path / "a.xlsx")
    page = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert {page.title, *(cell.value for row in page.iter_rows() for cell in row)} == {"甲乙丙丁戊"}
    for encoding in ("utf-8-sig", "gb18030"):
        lines = io.BytesIO()
        write_csv(lines, headings=["列"], rows=[[STRANGE], ["\ud800=1"]], encoding=encoding)
        assert lines.getvalue().decode(encoding).splitlines() == ["列", "甲乙丙丁戊", "'=1"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_character_breaks_the_problem_workbook(tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / f"a.{suffix}", tmp_path / "b.xlsx"
    if suffix == "csv":
        source.write_text("姓名,备注\n张\ufffe三,见\uffff\n", encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        book.active.append(["姓名", "备注"])
        book.active.append(["张三", "见"])
        book.save(source)
    sheet = "" if suffix == "csv" else "Sheet"
    problems = [{"sheet": sheet, "sheet_row": 2, "column": "name", "message": "“张\ufffe三”不是姓名。", "severity": "error"}]
    mark_problems(source, problems, target, columns={sheet: {"name": 0}}, heading_rows={sheet: 1})
    guard(target)
    page = openpyxl.load_workbook(target).active
    assert [cell.value for cell in page[2]] == ["张三", "见", "【错误】“张三”不是姓名。"]
    assert page.cell(2, 1).comment.text == "“张三”不是姓名。"


def test_the_problem_workbook_holds_no_formula(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["姓名", "链接", "和", "组"], ["张三", '=HYPERLINK("http://evil.example","点我")', "=1+1", ""]):
        page.append(row)
    page["D2"] = ArrayFormula("D2:D2", "=SUM(A1:A2)")
    book.create_sheet("别的")["A1"] = '=WEBSERVICE("http://evil.example")'
    book.save(tmp_path / "a.xlsx")
    _calculated(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    mark_problems(tmp_path / "b.xlsx", [], tmp_path / "c.xlsx", columns={"Sheet": {"name": 0}}, heading_rows={"Sheet": 1})
    with ZipFile(tmp_path / "c.xlsx") as parts:
        assert not any(re.search(rb"<f[ >/]", parts.read(name)) for name in parts.namelist() if name.startswith("xl/worksheets/sheet"))
    marked = openpyxl.load_workbook(tmp_path / "c.xlsx")
    cells = marked["Sheet"][2]
    assert [cell.value for cell in cells[:4]] == ["张三", '=HYPERLINK("http://evil.example","点我")', 2, "=SUM(A1:A2)"]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in (cells[1], cells[3], marked["别的"]["A1"]))


def _calculated(source: Path, target: Path) -> None:
    """The workbook as Excel leaves it: one of the formulas with the value it last showed."""
    with ZipFile(source) as parts, ZipFile(target, "w") as written:
        for name in parts.namelist():
            content = parts.read(name)
            shown = content.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
            assert name != "xl/worksheets/sheet1.xml" or shown != content
            written.writestr(name, shown)
