"""Workbooks out: tables ready to print, upload templates, CSV. Text that looks like a formula is always written as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

CSV_ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}  # what a person asks for -> the codec; UTF-8 always with its mark, for Excel
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNWRITABLE = re.compile(ILLEGAL_CHARACTERS_RE.pattern + r"|[\ud800-\udfff\ufffe\uffff]")  # XML has no such characters, no encoding has surrogates
NUMBER = re.compile(r"[+-]?\d{1,11}(\.\d+)?")
NOTES_SHEET = "填写说明"
TEMPLATE_ROWS = 5_000
DEFAULT_WIDTH = 14.0
NORMAL_SIZE = 11  # points: widths are counted in digits of this size
HEAD_FILL = PatternFill("solid", fgColor="E8EEF5")
REQUIRED_FILL = PatternFill("solid", fgColor="FCE8D5")
THIN = Side(style="thin", color="999999")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
WRAP = Alignment(vertical="center", wrap_text=True)
Target = str | Path | IO[bytes]


def put(cell: Any, value: Any, *, text: bool = False) -> None:
    """Write a value; ``text`` cells and texts that could be a formula keep their characters and stay text when edited."""
    if isinstance(value, str):
        value = writable(value)
    if text and value is not None and not isinstance(value, str):
        value = str(value)
    cell.value = value
    if not isinstance(value, str):
        return
    cell.data_type = "s"  # openpyxl takes "=…" for a formula
    if text:
        cell.number_format = "@"
    if value.startswith(FORMULA_STARTS):
        cell.number_format = "@"
        cell.quotePrefix = True


def writable(text: str) -> str:
    """A text without the characters that make a workbook unreadable or stop an encoder."""
    return UNWRITABLE.sub("", text)


def write_table(
    target: Target,
    *,
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[float] = (),
    notes: Sequence[str] = (),
    footer: Sequence[str] = (),
    text_columns: Collection[int] = (),
    freeze: bool = True,
    sheet: str = "Sheet1",
    size: float = 0,
) -> None:
    """One sheet, A4 landscape: merged title, ``notes`` lines, the heading (frozen, repeated on each page), the rows, ``footer`` lines.

    ``text_columns`` are 0-based columns written as text (numbers of papers, phones); ``widths`` in characters, by column. ``size``: of the letters
    in heading and rows, in points; each row is then as high as its longest text needs, which not every program works out by itself.
    """
    book = Workbook()
    page: Any = book.active
    page.title = sheet_name(sheet)
    across = max(len(headings), 1)
    head = _line(page, 1, title, across, font=Font(size=16, bold=True), alignment=CENTRE)
    page.row_dimensions[1].height = 30
    for note in notes:
        head = _line(page, head, note, across, font=Font(size=10), alignment=WRAP)
    _headings(page, head, headings, widths)
    for row, values in enumerate(rows, head + 1):
        for column, value in enumerate(values):
            cell = page.cell(row, column + 1)
            put(cell, value, text=column in text_columns)
            cell.border = BOX
            cell.alignment = WRAP
    if size:
        _letters(page, head, size)
    for line in footer:
        _line(page, page.max_row + 1, line, across, font=Font(size=11), alignment=WRAP)
    page_setup(page, head, freeze=freeze)
    book.save(target)


def write_csv(target: Target, *, headings: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig") -> None:
    """The same as CSV, ``encoding`` 'gb18030' or 'utf-8-sig'; cells that a spreadsheet would take for a formula get an apostrophe."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([_csv_cell(heading) for heading in headings])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    content = lines.getvalue().encode(encoding)
    if isinstance(target, str | Path):
        Path(target).write_bytes(content)
    else:
        target.write(content)


def template(
    target: Target,
    *,
    title: str,
    headings: Sequence[str],
    required: Collection[str] = (),
    notes: Sequence[str] = (),
    text_columns: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    widths: Mapping[str, float] | None = None,
) -> None:
    """An upload template: title, headings (required ones coloured), text-formatted columns, drop-downs, and a sheet 填写说明.

    ``required``, ``text_columns``, ``choices`` and ``widths`` name headings. Drop-downs warn and let other text pass.
    """
    book = Workbook()
    page: Any = book.active
    page.title = "数据"
    explained = book.create_sheet(NOTES_SHEET)
    _line(page, 1, title, len(headings), font=Font(size=14, bold=True), alignment=CENTRE)
    _headings(page, 2, headings, [(widths or {}).get(heading, DEFAULT_WIDTH) for heading in headings])
    for column, heading in enumerate(headings, 1):
        if heading in required:
            page.cell(2, column).fill = REQUIRED_FILL
        if heading in text_columns:
            page.column_dimensions[get_column_letter(column)].number_format = "@"
            for row in range(3, 203):  # some programs look at cells only
                page.cell(row, column).number_format = "@"
    for number, note in enumerate(notes, 1):
        put(explained.cell(number, 1), note)
    explained.column_dimensions["A"].width = 100
    _drop_downs(page, explained, headings, choices or {})
    page_setup(page, 2, freeze=True)
    book.save(target)


def sheet_name(text: str) -> str:
    """A name Excel accepts: at most 31 characters, none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\]", " ", writable(text))[:31].strip("' ") or "Sheet1"


def _line(page: Any, row: int, text: str, across: int, *, font: Font, alignment: Alignment) -> int:
    cell = page.cell(row, 1)
    put(cell, text)
    cell.font, cell.alignment = font, alignment
    if across > 1:
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=across)
    return row + 1


def _headings(page: Any, row: int, headings: Sequence[str], widths: Sequence[float]) -> None:
    for column, heading in enumerate(headings, 1):
        cell = page.cell(row, column)
        put(cell, heading)
        cell.font, cell.alignment, cell.border, cell.fill = Font(bold=True), CENTRE, BOX, HEAD_FILL
        page.column_dimensions[get_column_letter(column)].width = widths[column - 1] if column <= len(widths) else DEFAULT_WIDTH


def _letters(page: Any, head: int, size: float) -> None:
    """Heading and rows in one size, each as high as its longest cell."""
    plain, bold = Font(size=size), Font(size=size, bold=True)
    widths = [page.column_dimensions[get_column_letter(column)].width for column in range(1, page.max_column + 1)]
    for row in page.iter_rows(min_row=head):
        for cell in row:
            cell.font = bold if cell.row == head else plain
        lines = max(lines_of(str(cell.value or ""), width * NORMAL_SIZE / size) for cell, width in zip(row, widths, strict=True))
        page.row_dimensions[row[0].row].height = lines * size * 1.45 + 4


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell so many digits of the normal size wide: a Chinese character is two digits, the edges take one."""
    room = max(int(width - 1), 2)
    return sum(max(1, -(-sum(2 if character > "\u2e7f" else 1 for character in line) // (room - room % 2))) for line in text.split("\n"))


def page_setup(page: Any, head: int, *, freeze: bool) -> None:
    """A4 landscape, as wide as one page, the rows down to ``head`` repeated on each and (``freeze``) kept in sight."""
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"1:{head}"
    page.oddFooter.center.text = "第 &P 页 共 &N 页"
    page.page_margins.left = page.page_margins.right = 0.5
    if freeze:
        page.freeze_panes = f"A{head + 1}"


def _drop_downs(page: Any, explained: Any, headings: Sequence[str], choices: Mapping[str, Sequence[str]]) -> None:
    """Lists stand on the notes sheet: a list inside a validation may hold only 255 characters."""
    for place, (heading, words) in enumerate(choices.items(), 3):
        letter = get_column_letter(place)
        put(explained.cell(1, place), heading)
        for number, word in enumerate(words, 2):
            put(explained.cell(number, place), word)
        if heading not in headings:
            continue
        rule = DataValidation(type="list", formula1=f"'{NOTES_SHEET}'!${letter}$2:${letter}${len(words) + 1}", allow_blank=True)
        rule.errorStyle, rule.error, rule.errorTitle = "warning", "请从下拉框里选；确实没有合适的再保留自己填的。", "不在选项里"
        rule.showErrorMessage = True
        column = get_column_letter(headings.index(heading) + 1)
        rule.add(f"{column}3:{column}{TEMPLATE_ROWS}")
        page.add_data_validation(rule)


def _csv_cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = writable(value)
    return "'" + text if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text) else text
