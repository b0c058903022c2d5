"""Small registers as .xlsx for the admin: bounded reading, text cells out. The big registers have their own way in (apps/registers)."""

from __future__ import annotations

import io
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import tablib
from import_export.formats.base_formats import XLSX
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from apps.core.errors import Refused
from apps.core.excel.container import Container
from apps.core.excel.guard import Limits, guard

# Read within a web request, which takes a second at most: five thousand rows of twelve columns are 3 MB.
LIMITS = Limits(file_bytes=1 << 20, text_bytes=1 << 20, html_bytes=1 << 20, unpacked_bytes=4 << 20)
TOO_MUCH = "表格内容太多（超过 1 MB），未导入。请删去图片和空白的行、列，或分成几份。"
NO_TABLE = "这不是可读取的 .xlsx 文件，未导入。"
MOST_ROWS, MOST_COLUMNS = 20_000, 40


class SmallSheet(XLSX):
    """The only format the admin offers: first sheet, first row headings, every cell as text. ``again``: where a sheet is to be had."""

    CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, *args: Any, again: str = "请用“导出”得到的表格填写后再导入。", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.again = again

    def get_title(self) -> str:
        return "xlsx"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """Read a workbook; Refused with a sentence where it is none or too large."""
        try:
            looked_through(in_stream, again=self.again)
            book = openpyxl.load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
            return table([[text(value) for value in row] for row in rows])
        except Refused:
            raise
        except Exception as fault:  # a whole zip of nonsense: openpyxl stumbles over it in more ways than it names
            raise Refused(NO_TABLE + self.again) from fault

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        """A workbook with a frozen heading whose cells are all text: codes keep their zeros, nothing becomes a formula."""
        book = openpyxl.Workbook()
        sheet: Any = book.active
        sheet.freeze_panes = "A2"
        for number, row in enumerate([dataset.headers or [], *dataset], start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                cell.value, cell.number_format = text(value), "@"
                cell.data_type = "s"
                if number == 1:
                    cell.font = Font(bold=True)
                    sheet.column_dimensions[get_column_letter(column)].width = max(12, 2 * len(text(value)) + 4)
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


def looked_through(content: bytes, *, again: str) -> None:
    """The guard of the big registers looks first: passwords, bombs, macros, torn parts, each with its sentence; before it, the bare size."""
    if len(content) > LIMITS.file_bytes:
        raise Refused(TOO_MUCH)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        kept.write(content)
        kept.flush()
        if guard(Path(kept.name), LIMITS).wrapped.container is not Container.XLSX:
            raise Refused(NO_TABLE + again)


def table(rows: list[list[str]]) -> tablib.Dataset:
    """Headings and the rows that say anything."""
    if not rows or not any(rows[0]):
        raise Refused("表格第一行应为表头，未导入。")
    if len(rows) > MOST_ROWS + 1:
        raise Refused(f"超过 {MOST_ROWS} 行，未导入。请分成几份。")
    width = max(n for n, heading in enumerate(rows[0], start=1) if heading)
    return tablib.Dataset(*[row[:width] for row in rows[1:] if any(row[:width])], headers=rows[0][:width])


def text(value: object) -> str:
    """A cell as people read it: dates as 2026-09-01, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
