"""Rows of cells out of a guarded file, in blocks, from every sheet.

A cell is what the file holds: ``str``, ``float`` or ``int`` (a numeric cell, to be told from text), ``bool``, ``date``,
``datetime``, ``time`` or ``""``. Formulas give the value Excel last calculated; one without such a value gives ``UNCACHED``.
Hidden sheets and rows are read like the others. Nothing here knows what a heading is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import python_calamine

from apps.core.errors import RefusedFile
from apps.core.excel.container import RESAVE, Container, Wrapped
from apps.core.excel.guard import Facts
from apps.core.excel.markup import html_tables
from apps.core.excel.sheet_scan import MOST_COLUMNS, SheetFacts
from apps.core.excel.zipped import rotten
from apps.core.ids import hide_numbers

BLOCK_ROWS = 5_000
MOST_TEXT_ROWS = 2_000_000
LONGEST_FIELD = 32_768  # characters, what an Excel cell holds
MOST_FILLED = 200_000  # cells written for merged areas


class Uncached(str):
    """Text of a formula cell that nobody calculated: reads as empty, is told apart by its type."""

    __slots__ = ()


UNCACHED: Final = Uncached("")
Row = list[Any]


@dataclass(slots=True)
class Table:
    """One sheet. ``rows`` can be walked once; the first row is sheet row 1, empty rows included. A whole number in ``name`` is masked."""

    name: str
    rows: Iterator[Row]
    facts: SheetFacts = field(default_factory=lambda: SheetFacts(""))


def tables(path: Path, wrapped: Wrapped, facts: Callable[[], Facts]) -> Iterator[Table]:
    """Every sheet in order; ``facts`` is called before the first row leaves. Raises RefusedFile where the content cannot be read."""
    container = wrapped.container
    if container in (Container.TEXT, Container.HTML):
        facts()
    if container is Container.TEXT:
        yield Table("", _text_rows(path, wrapped))
    elif container is Container.HTML:
        for number, rows in enumerate(html_tables(path, wrapped.encoding), 1):
            yield Table(f"表格{number}", iter(rows))
    else:
        yield from _workbook(path, wrapped, facts)


def blocks(rows: Iterator[Row], size: int = BLOCK_ROWS) -> Iterator[list[Row]]:
    """The rows in lists of at most ``size``."""
    while block := list(islice(rows, size)):
        yield block


def _workbook(path: Path, wrapped: Wrapped, facts: Callable[[], Facts]) -> Iterator[Table]:
    try:
        # From memory: a process forked from this one would share the place in an open file.
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except python_calamine.PasswordError as error:
        raise RefusedFile("文件设了密码，读不出来。请在 Excel 或 WPS 里取消密码后重新上传。", code="password") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise rotten("工作簿读不出来") from error
    for meta in book.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = book.get_sheet_by_name(meta.name)
        except (python_calamine.CalamineError, ValueError) as error:
            raise rotten(f"工作表“{hide_numbers(meta.name)}”读不出来") from error
        known = facts().sheets.get(meta.name) or SheetFacts(meta.name, meta.visible != python_calamine.SheetVisibleEnum.Visible)
        if sheet.width > MOST_COLUMNS:
            raise RefusedFile(f"工作表“{hide_numbers(meta.name)}”有 {sheet.width} 列，超过 {MOST_COLUMNS} 列。请删去右边多余的列。", code="grid")
        if wrapped.container is Container.XLS:
            known.merges = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or []]
        yield Table(hide_numbers(meta.name), _filled(_trimmed(sheet), known), known)


def _trimmed(sheet: python_calamine.CalamineSheet) -> Iterator[Row]:
    """Rows counted from sheet row 1 and column A."""
    if sheet.start is None:
        return iter(())
    return iter(sheet.iter_rows())


def _filled(rows: Iterator[Row], facts: SheetFacts) -> Iterator[Row]:
    """The rows with merged areas filled from their first cell and uncalculated formulas and error cells marked."""
    areas = _areas(facts.merges)
    marks: dict[int, list[tuple[int, str]]] = {}
    for (row, column), value in [*((place, UNCACHED) for place in facts.uncached), *facts.errors.items()]:
        marks.setdefault(row, []).append((column, value))
    if not areas and not marks:
        return rows
    return _repaired(rows, areas, marks)


def _areas(merges: Iterable[tuple[int, int, int, int]]) -> dict[int, list[tuple[int, int, int]]]:
    """Row -> (top row, first column, last column) of the merged areas that touch it."""
    areas: dict[int, list[tuple[int, int, int]]] = {}
    filled = 0
    for top, left, bottom, right in merges:
        filled += (bottom - top + 1) * (right - left + 1)
        if filled > MOST_FILLED or right >= MOST_COLUMNS:
            break
        for row in range(top, bottom + 1):
            areas.setdefault(row, []).append((top, left, right))
    return areas


def _repaired(rows: Iterator[Row], areas: dict[int, list[tuple[int, int, int]]], marks: dict[int, list[tuple[int, str]]]) -> Iterator[Row]:
    anchors: dict[tuple[int, int], Any] = {}
    for number, row in enumerate(rows):
        for top, left, right in areas.get(number, ()):
            if number == top:
                anchors[top, left] = row[left] if left < len(row) else ""
            value = anchors.get((top, left), "")
            for column in range(left, min(right + 1, len(row))):
                if row[column] == "":
                    row[column] = value
        for column, value in marks.get(number, ()):
            if column < len(row) and row[column] == "":
                row[column] = value
        yield row


def _text_rows(path: Path, wrapped: Wrapped) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    number = 0
    with path.open(encoding=wrapped.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=wrapped.delimiter)
        try:
            for number, row in enumerate(reader, 1):
                if len(row) > MOST_COLUMNS or number > MOST_TEXT_ROWS:
                    raise RefusedFile(f"文本表格太大（第 {number} 行，{len(row)} 列）。请按学校或乡镇拆开上传。", code="grid")
                yield row
        except csv.Error as error:
            raise RefusedFile(f"文本表格在第 {number + 1} 行附近引号不成对，后面的内容读不出来。" + RESAVE, code="csv") from error
