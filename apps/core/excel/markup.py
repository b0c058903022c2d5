"""Tables of an HTML page that calls itself .xls, as many management systems export them."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from apps.core.errors import RefusedFile
from apps.core.excel.sheet_scan import MOST_COLUMNS, MOST_ROWS

MOST_SPAN = 2_000


class _Tables(HTMLParser):
    """Collects the cells' text of every table; spans repeat the text over the cells they cover."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.pending: dict[int, tuple[int, str]] = {}
        self.row: list[str] | None = None
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.mute += 1
        elif tag == "table":
            self._end_row()
            self.tables.append([])
            self.pending = {}
        elif tag == "tr":
            self._end_row()
            self.row = []
        elif tag in ("td", "th"):
            self._start_cell(dict(attrs))
        elif tag == "br" and self.text is not None:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.mute = max(0, self.mute - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.mute:
            self.text.append(data)

    def _start_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if self.row is None:
            self.row = []
        self.span = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))
        self.text = []

    def _end_cell(self) -> None:
        if self.text is None or self.row is None:
            return
        text, self.text = "".join(self.text).strip(), None
        self._take_pending(self.row)
        down, across = self.span
        for _ in range(across):
            if down > 1:
                self.pending[len(self.row)] = (down - 1, text)
            self.row.append(text)
        if len(self.row) > MOST_COLUMNS:
            raise RefusedFile(f"网页表格超过 {MOST_COLUMNS} 列，读不出来。请另存为 .xlsx 后上传。", code="grid")

    def _take_pending(self, row: list[str]) -> None:
        while len(row) in self.pending:
            column = len(row)
            left, text = self.pending.pop(column)
            if left > 1:
                self.pending[column] = (left - 1, text)
            row.append(text)

    def _end_row(self) -> None:
        self._end_cell()
        if self.row is None:
            return
        self._take_pending(self.row)
        if not self.tables:
            self.tables.append([])
        self.tables[-1].append(self.row)
        if len(self.tables[-1]) > MOST_ROWS:
            raise RefusedFile(f"网页表格超过 {MOST_ROWS} 行。请另存为 CSV 后上传。", code="grid")
        self.row = None


def _span(value: str | None) -> int:
    return min(MOST_SPAN, max(1, int(value))) if value and value.isdecimal() and value.isascii() else 1


def html_tables(path: Path, encoding: str) -> list[list[list[str]]]:
    """Rows of text of each table in the page. Raises RefusedFile for a page without a table or with too large a one."""
    parser = _Tables()
    with path.open(encoding=encoding) as file:
        while piece := file.read(1 << 18):
            parser.feed(piece)
    parser.close()
    parser._end_row()
    found = [rows for rows in parser.tables if rows]
    if not found:
        raise RefusedFile("这是网页文件，里面没有表格。请重新导出，或另存为 .xlsx 后上传。", code="not_a_table")
    return found
