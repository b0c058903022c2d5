"""The problem workbook: the uploaded file back, bad cells coloured, a last column saying why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.excel.container import Container
from apps.core.excel.guard import Facts, guard
from apps.core.excel.read import tables
from apps.core.excel.write import Target, page_setup, put, sheet_name
from apps.core.ids import hide_numbers

HEADING = "问题说明"
AUTHOR = "在学"
ERROR, WARNING = "FFF4B6B6", "FFFFF2B3"
FILLS = {"error": PatternFill("solid", fgColor=ERROR), "warning": PatternFill("solid", fgColor=WARNING)}
KEPT_BYTES = 4 << 20  # a larger .xlsx is written anew, without its decoration: openpyxl would need minutes and gigabytes
WRAPPED = Alignment(wrap_text=True, vertical="top")
WIDTH = 60.0
NARROWEST, WIDEST = 6, 40  # characters of a column whose width the file does not say
LINE = 16.0  # points of a line of text
LOOKED_AT = 200  # rows from the top that say how wide a column must be
# sheet -> row (1-based) -> [(0-based column or None, sentence, severity)]
Marks = dict[str, dict[int, list[tuple[int | None, str, str]]]]


def mark_problems(
    source: Path,
    problems: Iterable[Mapping[str, Any]],
    target: Target,
    *,
    columns: Mapping[str, Mapping[str, int]],
    heading_rows: Mapping[str, int],
) -> None:
    """Write ``source`` as .xlsx to ``target`` with its problems marked.

    ``problems``: {"sheet", "sheet_row" (1-based), "column" (field), "message", "severity"}; ``columns``: sheet → field → 0-based column;
    ``heading_rows``: sheet → last row (1-based) of its heading; both as the reading child's summary gives them in ``headings``.
    An .xlsx keeps its structure; .xls, CSV, HTML and very large files are written anew. The file is guarded again. Raises RefusedFile.
    """
    marks: Marks = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        sheet = str(problem["sheet"])
        column = columns.get(sheet, {}).get(str(problem["column"]))
        marks[sheet][int(problem["sheet_row"])].append((column, str(problem["message"]), str(problem["severity"])))
    facts = guard(source)
    if facts.wrapped.container is Container.XLSX and source.stat().st_size <= KEPT_BYTES:
        _in_place(source, marks, heading_rows, target)
    else:
        _anew(source, facts, marks, heading_rows, target)


def _in_place(source: Path, marks: Marks, heading_rows: Mapping[str, int], target: Target) -> None:
    with source.open("rb") as file:  # by content: a stored upload has no suffix
        book = load_workbook(file, keep_links=False)
    for page in book.worksheets:
        name = hide_numbers(page.title)  # as it was read
        if name in heading_rows:
            _mark_page(page, marks.get(name, {}), heading_rows[name])
    book.save(target)
    book.close()


def _mark_page(page: Worksheet, marks: Mapping[int, list[tuple[int | None, str, str]]], heading_row: int) -> None:
    last = _forget(page, heading_row)
    head = page.cell(heading_row, last)
    head.value, head.font = HEADING, Font(bold=True)
    if not page.column_dimensions:
        _set_widths(page, list(page.iter_rows(min_row=heading_row, max_row=heading_row + LOOKED_AT, max_col=last - 1, values_only=True)))
    page.column_dimensions[get_column_letter(last)].width = WIDTH
    page_setup(page, heading_row, freeze=page.freeze_panes is None)
    for row, found in marks.items():
        cell = page.cell(row, last)
        if isinstance(cell, Cell):
            put(cell, _sentences(found))
            cell.alignment = WRAPPED
            page.row_dimensions[row].height = max(_height(_sentences(found)), page.row_dimensions[row].height or LINE)
        for column, message, severity in found:
            if column is not None:
                _mark_cell(page.cell(row, column + 1), message, severity)


def _mark_cell(cell: Any, message: str, severity: str) -> None:
    if cell.fill.fgColor.rgb != ERROR:  # an error is not painted over by a warning
        cell.fill = FILLS[severity]
    if isinstance(cell, Cell):
        text = f"{cell.comment.text}\n{message}" if cell.comment and cell.comment.author == AUTHOR else message
        cell.comment = Comment(text, AUTHOR, width=320, height=120)


def _forget(page: Worksheet, heading_row: int) -> int:
    """The column for the sentences; marks of an earlier round are taken away."""
    for column in range(page.max_column, 0, -1):
        if page.cell(heading_row, column).value == HEADING:
            break
    else:
        return page.max_column + 1
    for row in range(heading_row + 1, page.max_row + 1):
        if page.cell(row, column).value is None:
            continue
        page.cell(row, column).value = None
        for cell in page[row]:
            if cell.fill.fgColor.rgb in (ERROR, WARNING):
                cell.fill = PatternFill()
            if isinstance(cell, Cell) and cell.comment and cell.comment.author == AUTHOR:
                cell.comment = None
    return column


def _set_widths(page: Any, rows: list[Any]) -> None:
    """As wide as what stands in the columns; a Chinese character takes two places."""
    for column, cells in enumerate(zip_longest(*rows), 1):
        longest = max((_across(str(cell).removesuffix(" 00:00:00")) for cell in cells if cell is not None), default=0)
        page.column_dimensions[get_column_letter(column)].width = float(min(max(longest + 2, NARROWEST), WIDEST))


def _across(text: str) -> int:
    return sum(1 + (character > "\u2e7f") for character in text)


def _height(text: str) -> float:
    """Points of a row in which the sentences can be read whole; not every program finds that out by itself."""
    return LINE * sum(-(-_across(line) // int(WIDTH - 2)) for line in text.splitlines())


def _sentences(found: Iterable[tuple[int | None, str, str]]) -> str:
    return "\n".join(("【错误】" if severity == "error" else "【提示】") + message for _, message, severity in found)


def _anew(source: Path, facts: Facts, marks: Marks, heading_rows: Mapping[str, int], target: Target) -> None:
    book = Workbook(write_only=True)
    for table in tables(source, facts.wrapped, lambda: facts):
        page = book.create_sheet(sheet_name(table.name))
        head = heading_rows.get(table.name, 0)
        top = list(islice(table.rows, head + LOOKED_AT))
        if head and head <= len(top):
            _marked_rows(page, top, table.rows, marks.get(table.name, {}), head)
        else:
            for row in chain(top, table.rows):
                page.append([_plain(page, value) for value in row])
    book.save(target)


def _marked_rows(page: Any, top: list[Any], rest: Iterable[Any], marks: Mapping[int, list[tuple[int | None, str, str]]], head: int) -> None:
    """Write the rows of a sheet; ``top`` are the first of them, the heading among them. Nothing of the layout can follow the first row."""
    place = _place_of_sentences(top[head - 1])
    _set_widths(page, top[head - 1 :])
    page.column_dimensions[get_column_letter(place + 1)].width = WIDTH
    page_setup(page, head, freeze=True)
    for number, row in enumerate(chain(top, rest), 1):
        cells = [_plain(page, value) for value in (_once(row) if number < head else row)]
        found = marks.get(number, [])
        for column, message, severity in found:
            if column is not None and column < len(cells):
                _mark_cell(cells[column], message, severity)
        if number >= head:
            _set(page, cells, place, HEADING if number == head else _sentences(found))
        if found:
            page.row_dimensions[number].height = _height(_sentences(found))
        page.append(cells)


def _place_of_sentences(row: Sequence[Any]) -> int:
    """The column that holds them from an earlier round, or the one behind the last."""
    return next((column for column, value in enumerate(row) if value == HEADING), len(row))


def _once(row: Sequence[Any]) -> Sequence[Any]:
    """A title that the reader filled into every cell it was merged over, in the first one alone."""
    texts = [value for value in row if value != ""]
    return [texts[0]] if len(texts) > 1 and len(set(map(str, texts))) == 1 else row


def _plain(page: Any, value: Any) -> Any:
    cell = WriteOnlyCell(page)
    put(cell, value if value != "" else None, text=isinstance(value, str) and value != "")
    return cell


def _set(page: Any, cells: list[Any], place: int, text: str) -> None:
    while len(cells) <= place:
        cells.append(WriteOnlyCell(page))
    put(cells[place], text or None)
    cells[place].alignment = WRAPPED
