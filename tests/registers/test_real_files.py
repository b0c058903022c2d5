"""Files as they really arrive: workbooks of old Macs, merged and hidden rows, formulas nobody calculated, pages and text that call themselves .xls."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from apps.core.excel.marking import ERROR, HEADING, mark_problems
from apps.dashboards.management.demo import biff
from tests.registers.test_reading import HEADINGS, book, child, codes, number, read


def pupil(sequence: int, **changed: Any) -> list[Any]:
    """A sound row of a child of its own."""
    return child(**{"身份证号": number(sequence=sequence), "学籍号": "G" + number(sequence=sequence)} | changed)


def test_days_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    page = workbook.active
    bare = (date(2015, 9, 1) - date(1904, 1, 1)).days  # a day whose cell lost its format
    for row in (HEADINGS, pupil(18, 出生日期=date(2015, 9, 1)), pupil(20, 出生日期="2015-09-01", 班级=date(2026, 7, 2)), pupil(22, 出生日期="x")):
        page.append(row)
    page.cell(4, HEADINGS.index("出生日期") + 1).value = bare
    workbook.save(tmp_path / "a.xlsx")
    rows, _ = read(tmp_path / "a.xlsx")
    assert [row["birth_date"] for row in rows] == ["2015-09-01"] * 3
    assert [row["class_name"] for row in rows] == ["1", "2", "1"]
    assert not codes(rows[0]) | codes(rows[2])
    assert codes(rows[1]) == {"class_turned_date"}


def xls_1904(path: Path, rows: list[list[Any]]) -> Path:
    """An .xls that counts from 1904: dates stand as numbers with a date format, as Excel writes them."""
    biff.write_xls(path, "S", [["" if isinstance(cell, date) else str(cell) for cell in row] for row in rows])
    content = path.read_bytes()
    start = content.index(struct.pack("<HHHHII", 0x0600, biff.GLOBALS, 0x0DBB, 0x07CC, 0x41, 0x06)) - 4
    stream = content[start:].rstrip(b"\0")
    bof = 4 + 16
    mode = struct.pack("<HHH", 0x0022, 2, 1)
    dated = biff._record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 14, 1, 0x20, 0, 0, 0x04, 0, 0, 0x20C0))
    last_xf = stream.rindex(biff._xf(False)) + len(biff._xf(False))
    sheet = stream.index(struct.pack("<HH", 0x0085, 8 + 2))
    cells = b"".join(
        struct.pack("<HHHHHd", 0x0203, 14, down, across, biff.FIRST_CELL_XF + 1, (cell - date(1904, 1, 1)).days)
        for down, row in enumerate(rows)
        for across, cell in enumerate(row)
        if isinstance(cell, date)
    )
    added = len(mode) + len(dated)
    bound = struct.pack("<I", struct.unpack_from("<I", stream, sheet + 4)[0] + added)
    end = stream.rindex(struct.pack("<HHHIHHI", 0x023E, 18, 0x06B6, 0, 0, 0x40, 0)[:8])
    whole = stream[:bof] + mode + stream[bof:last_xf] + dated + stream[last_xf : sheet + 4] + bound + stream[sheet + 8 : end] + cells + stream[end:]
    path.write_bytes(biff._container(whole))
    return path


def test_an_xls_that_counts_from_1904(tmp_path: Path) -> None:
    rows, done = read(xls_1904(tmp_path / "a.xls", [HEADINGS, pupil(18, 出生日期=date(2015, 9, 1)), pupil(20, 班级=date(2026, 7, 2))]))
    assert done["container"] == "xls"
    assert [(row["birth_date"], row["class_name"]) for row in rows] == [("2015-09-01", "1"), ("2015-09-01", "2")]


def test_merged_cells_hidden_rows_and_sheets_totals_and_signatures(tmp_path: Path) -> None:
    blank = [""] * (len(HEADINGS) - 5)
    rows = [["某校七年级花名册"], HEADINGS, pupil(18, 姓名="张甲"), pupil(20, 姓名="张乙", 班级=None), pupil(22, 姓名="张丙")]
    rows += [["合计", "", "", "", "3人", *blank], ["填表人：", "", "", "", "王小红", *blank], [" 共 3 人"]]
    path = book(tmp_path / "a.xlsx", ("花名册", rows), ("旧", [HEADINGS, pupil(24, 姓名="张丁")]))
    workbook = openpyxl.load_workbook(path)
    page = workbook["花名册"]
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADINGS))
    page.merge_cells("C3:C4")
    page.row_dimensions[5].hidden = True
    workbook["旧"].sheet_state = "hidden"
    workbook.save(path)
    staged, done = read(path)
    assert [(row["name"], row["class_name"], row["status"]) for row in staged] == [(f"张{one}", "1", "accepted") for one in "甲乙丙丁"]
    assert [note for note in done["notes"] if "1 行是隐藏的" in note] and [note for note in done["notes"] if "“旧”是隐藏的" in note]


RARE = {
    "𠮷田𬭎": "𠮷田𬭎", "㐂一": "㐂一", "张\ue5e5": "张\ue5e5", "阿依古丽・买买提": "阿依古丽·买买提", "迪丽．热巴": "迪丽·热巴", "王\u200b小\u202e明": "王小明",
    "李 四": "李四", "e\u0301娜": "é娜",
}  # fmt: skip


def xlsx(path: Path, rows: list[list[Any]]) -> None:
    book(path, ("S", rows))


def xls(path: Path, rows: list[list[Any]]) -> None:
    biff.write_xls(path, "S", rows)


def page(path: Path, rows: list[list[Any]]) -> None:
    lines = "".join("<tr>" + "".join(f'<td style="mso-number-format:\\@">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    path.write_bytes(f'<html><head><meta charset="gb2312"></head><body><table>{lines}</table></body></html>'.encode("gb18030"))


def text(encoding: str, delimiter: str = ",") -> Callable[[Path, list[list[Any]]], None]:
    def write(path: Path, rows: list[list[Any]]) -> None:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(rows)
        path.write_bytes(out.getvalue().encode(encoding))

    return write


FORMS: dict[str, tuple[str, Callable[[Path, list[list[Any]]], None]]] = {
    "xlsx": ("a.xlsx", xlsx), "xls": ("a.xls", xls), "xlsx called csv": ("a.csv", xlsx), "page called xls": ("a.xls", page),
    "gb18030": ("a.csv", text("gb18030")), "gb18030 called xls": ("a.xls", text("gb18030")), "utf-8": ("a.csv", text("utf-8")),
    "utf-8 with mark": ("a.csv", text("utf-8-sig")), "utf-16": ("a.csv", text("utf-16")), "utf-16 with tabs": ("a.txt", text("utf-16", "\t")),
    "utf-16-le without mark": ("a.csv", text("utf-16-le")), "gb18030 with semicolons": ("a.csv", text("gb18030", ";")),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_names_and_numbers_come_whole_out_of_every_form(tmp_path: Path, form: str) -> None:
    name, write = FORMS[form]
    full_width = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    wrapped: list[Callable[[str], str]] = [
        str, lambda n: n + "42", lambda n: f"\u202a{n}\u202c", lambda n: n.translate(full_width), lambda n: f"'{n}", lambda n: f"{n[:6]} {n[6:14]} {n[14:]}",
        str.lower, lambda n: f"{n}\u200b",
    ]  # fmt: skip
    numbers = [number(sequence=2 * n + 2) for n in range(len(RARE))]
    rows = [pupil(2 * n + 2, 姓名=typed, 身份证号=wrapped[n](numbers[n])) for n, typed in enumerate(RARE)]
    write(tmp_path / name, [HEADINGS, *rows])
    staged, done = read(tmp_path / name)
    assert [row["name"] for row in staged] == list(RARE.values())
    assert [row["id_number"] for row in staged] == numbers
    assert {row["status"] for row in staged} <= {"accepted", "cleaned"} and done["rejected"] == 0
    assert staged[1]["disability"] == "肢体"
    hidden = [row["name"] for row in staged if "name_hidden_characters" in codes(row)]
    assert hidden == ["王小明"]


CODED = [  # DATA.md §1: heading, staged column, how it is written, what is stored
    ("性别", "sex", ("2", "女", "2-女", "2女"), "F"),
    ("民族", "ethnicity", ("07", "彝族", "07-彝族", "彝"), "彝族"),
    ("就读方式", "boarding", ("2", "住校", "2-住校"), "boarding"),
    ("是否留守儿童", "left_behind", ("2", "双亲留守", "2-双亲留守"), "2"),
    ("随迁子女", "migrant", ("1", "是", "1-是"), "Y"),
    ("是否孤儿", "orphan", ("0", "否", "0-否"), "N"),
    ("残疾类型", "disability", ("3", "言语", "3-言语残疾"), "言语"),
    ("健康状况", "disability", ("50", "残疾", "50-残疾", "50残疾"), "残疾"),
    *(
        ("学生状态", "state", (code, word, f"{code}-{word}", f"{code}{word}"), value)
        for code, word, value in (
            ("01", "在读", "studying"), ("02", "休学", "suspension"), ("03", "退学", "withdrawn"), ("04", "停学", "stopped"), ("05", "复学", "returned"),
            ("06", "流失", "drifted"), ("07", "毕业", "graduated"), ("08", "结业", "completed"), ("09", "肄业", "incomplete"),
            ("10", "转出", "transferred_out"), ("11", "死亡", "dead"), ("14", "开除", "expelled"), ("15", "下落不明", "missing"), ("99", "其他", "other"),
        )
    ),
]  # fmt: skip


def test_codes_names_and_both_at_once_say_the_same(tmp_path: Path) -> None:
    wanted: list[tuple[str, str]] = []
    sheets = []
    for place, (heading, column, written, value) in enumerate(CODED):
        head = HEADINGS if heading in HEADINGS else [*HEADINGS, heading]
        rows = [[word if name == heading else cell for name, cell in zip(head, [*pupil(18), ""], strict=False)] for word in written]
        sheets.append((f"S{place}", [head, *rows]))
        wanted += [(column, value)] * len(written)
    rows, _ = read(book(tmp_path / "a.xlsx", *sheets))
    assert [row[column] for row, (column, _) in zip(rows, wanted, strict=True)] == [value for _, value in wanted]


def test_a_disabled_child_is_known_where_nobody_says_how(tmp_path: Path) -> None:
    head = [*HEADINGS, "健康状况", "残疾类型"]
    said = [("50", ""), ("50", "听力"), ("50-残疾", "无"), ("10", ""), ("健康或良好", "视力"), ("甲", "")]
    rows, _ = read(book(tmp_path / "a.xlsx", ("S", [head, *([*pupil(18), *pair] for pair in said)])))
    assert [row["disability"] for row in rows] == ["残疾", "听力", "", "", "视力", ""]
    assert ["disability_kind_missing" in codes(row) for row in rows] == [True, False, True, False, False, False]
    assert [row["extra"]["健康状况"] for row in rows] == ["残疾", "残疾", "残疾", "健康或良好", "健康或良好", "甲"]
    assert "登记" in rows[0]["problems"][0]["message"] and "改成一致" in rows[2]["problems"][0]["message"]


@pytest.mark.parametrize("state", ["退学", "03", "停学", "04-停学", "开除", "14"])
def test_states_the_law_does_not_know_are_taken_in_and_told(tmp_path: Path, state: str) -> None:
    (row,), _ = read(book(tmp_path / "a.xlsx", ("S", [HEADINGS, pupil(18, 学生状态=state)])))
    assert (row["status"], codes(row)) == ("accepted", {"state_unlawful"})


def test_a_class_that_became_a_date_without_a_grade_to_read_it_by(tmp_path: Path) -> None:
    rows, _ = read(book(tmp_path / "a.xlsx", ("S", [HEADINGS, pupil(18, 班级=date(2026, 8, 3)), pupil(20, 班级=date(2026, 3, 7))])))
    assert [(row["grade"], row["class_name"], codes(row)) for row in rows] == [("7", "", {"class_turned_date"}), ("7", "3", {"class_turned_date"})]


def marked(path: Path, target: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Read a file and write its problem workbook as the page does."""
    rows, done = read(path)
    problems = [problem | {"sheet": row["sheet"], "sheet_row": row["sheet_row"]} for row in rows for problem in row["problems"]]
    columns = {heading["sheet"]: heading["columns"] for heading in done["headings"]}
    mark_problems(path, problems, target, columns=columns, heading_rows={heading["sheet"]: heading["last_row"] for heading in done["headings"]})
    return rows, done


@pytest.mark.parametrize("form", ["xlsx", "xls", "gb18030", "page called xls"])
def test_the_problem_workbook_of_every_form_prints_and_comes_back(tmp_path: Path, form: str) -> None:
    name, write = FORMS[form]
    bad = [pupil(18), pupil(20, 姓名="无"), pupil(22, 身份证号="530113201509010000", 性别="甲")]
    write(tmp_path / name, [["某校花名册", *[""] * (len(HEADINGS) - 1)], HEADINGS, *bad])
    rows, _ = marked(tmp_path / name, tmp_path / "p.xlsx")
    assert [row["status"] for row in rows] == ["accepted", "rejected", "rejected"]
    page = openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets[0]
    setup = (
        page.page_setup.orientation,
        page.page_setup.fitToWidth,
        page.sheet_properties.pageSetUpPr.fitToPage,
        page.freeze_panes,
        page.print_title_rows,
    )
    assert setup == ("landscape", 1, True, "A3", "$1:$2")
    why, number_column = len(HEADINGS) + 1, HEADINGS.index("身份证号") + 1
    assert (page.cell(2, why).value, page.cell(3, why).value) == (HEADING, None)
    assert page.cell(5, why).value.startswith("【错误】身份证号末三位是 000") and "【提示】性别" in page.cell(5, why).value
    assert page.cell(5, number_column).fill.fgColor.rgb == ERROR and page.cell(3, number_column).fill.fgColor.rgb != ERROR
    assert page.column_dimensions[page.cell(2, number_column).column_letter].width >= 20
    assert page.column_dimensions[page.cell(2, why).column_letter].width == 60 and page.row_dimensions[5].height >= 32
    for row, heading, value in ((4, "姓名", "李四"), (5, "身份证号", number(sequence=22)), (5, "性别", "女")):
        page.cell(row, HEADINGS.index(heading) + 1).value = value
    page.parent.save(tmp_path / "mended.xlsx")
    xls(tmp_path / "mended.xls", [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)])
    for again in ("mended.xlsx", "mended.xls"):
        staged, done = read(tmp_path / again)
        assert [(row["status"], row["extra"]) for row in staged] == [("accepted", {})] * 3, done


def test_a_title_merged_over_an_xls_stands_once_in_its_problem_workbook(tmp_path: Path) -> None:
    page(tmp_path / "a.xls", [["某校花名册"] * len(HEADINGS), HEADINGS, pupil(18, 姓名="无")])
    marked(tmp_path / "a.xls", tmp_path / "p.xlsx")
    first = next(openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets[0].iter_rows(max_row=1, values_only=True))
    assert [cell for cell in first if cell] == ["某校花名册"]
