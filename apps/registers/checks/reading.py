"""A guarded file → blocks of data rows: headings located per sheet, rows that are no data left out, rows counted over the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from apps.core.errors import RefusedFile
from apps.core.excel.container import Wrapped
from apps.core.excel.guard import Facts
from apps.core.excel.read import Row, Table, blocks, tables
from apps.core.ids import hide_numbers
from apps.registers.layouts.block import Block, Options
from apps.registers.layouts.classes import cell_text, class_of
from apps.registers.layouts.days import from_1904
from apps.registers.layouts.headings import LOOKED_AT, Heading, locate, looks_like
from apps.registers.layouts.kinds import FIELD_TITLES, KINDS, Layout

SAMPLES = 3
MOST_UNKNOWN = 40
NOTES_SHEET = "填写说明"  # of our own templates
TOTALS = frozenset({"合计", "小计", "总计", "共计", "合计：", "总计：", "小计：", "合 计", "小 计", "总 计"})
FOOTERS = (
    "注：",
    "注:",
    "备注：",
    "说明：",
    "说明:",
    "填表说明",
    "填表人",
    "制表",
    "审核",
    "填报",
    "校长签",
    "单位（盖章",
    "单位(盖章",
    "负责人",
    "联系人：",
)
DAY_FIELDS = frozenset({"birth_date", "reported_on", "entered_on"})
KEY_FIELDS = ("name", "id_number", "student_number")

Unmade = Callable[[], Block]  # of two processes that walk the same rows each makes only its own blocks


@dataclass
class Reader:
    """Walks one file. ``on_event`` takes dictionaries for the person waiting: headings, rows read."""

    path: Path
    wrapped: Wrapped
    facts: Callable[[], Facts]
    layout: Layout
    options: Options
    on_event: Callable[[dict[str, Any]], None] = lambda event: None
    count: int = 0
    reached: int = 0  # the last sheet row that was read
    complete: int = 0
    headings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[tuple[str, Heading | None]] = field(default_factory=list)

    def blocks(self) -> Iterator[Unmade]:
        """Blocks in the file's order, each made when it is called. Raises RefusedFile when no sheet has the headings it must have, or no data."""
        for table in tables(self.path, self.wrapped, self.facts):
            yield from self._table(table)
        if self.count:
            for name, heading in (found for found in self.failed if found[0] != NOTES_SHEET):
                self.notes.append(f"工作表“{name}”没有读：{heading.missing_sentence() if heading else '找不到表头。'}")
            return
        raise self._nothing()

    def _nothing(self) -> RefusedFile:
        if self.complete:
            return RefusedFile("文件里只有表头，没有一行数据。请检查是否传错了文件。", code="no_rows")
        for name, heading in self.failed:
            if heading and heading.missing and name != NOTES_SHEET:
                return RefusedFile(heading.missing_sentence(), code="columns_missing")
        names = "、".join(FIELD_TITLES.get(group[0], group[0]) for group in self._open(self.layout.required))
        return RefusedFile(f"在前 {LOOKED_AT} 行里没有找到表头。表头里至少要有：{names}。请对照“{self.layout.title}”模板检查。", code="no_heading")

    def _table(self, table: Table) -> Iterator[Unmade]:
        head = list(islice(table.rows, LOOKED_AT))
        if not any(any(row) for row in head):
            return
        heading = locate(head, self.layout, self.options.learned)
        sheet_grade, sheet_class = class_of(table.name) if heading else ("", "")
        if heading is not None:
            heading = replace(heading, missing=self._open(heading.missing, sheet_grade))
        if heading is None or heading.missing:
            self._tell(table, heading, head)
            self.failed.append((table.name, heading))
            return
        self._tell(table, heading, head)
        self.complete += 1
        self._say_hidden(table)
        filled = (sheet_grade, sheet_class) if sheet_grade else ("", "")
        rows = chain(head[heading.last_row + 1 :], table.rows)
        start = heading.last_row + 2
        for rows_read in blocks(rows):
            numbers, kept = _data_rows(rows_read, heading, start)
            start += len(rows_read)
            if kept:
                made = partial(self._block, table, heading, kept, numbers, self.count + 1, filled)
                self.count, self.reached = self.count + len(kept), start - 1
                self.on_event({"phase": "checking", "read": self.count})
                yield made

    def _open(self, groups: Iterable[tuple[str, ...]], sheet_grade: str = "") -> list[tuple[str, ...]]:
        """The required groups that nothing fills in for: a sheet named '七年级1班' and an upload for one school do for a column."""
        given = {"grade", "class_name"} if sheet_grade else set()
        if self.options.school_code:
            given.add("school_code")
        return [group for group in groups if not given.intersection(group)]

    def _say_hidden(self, table: Table) -> None:
        if table.facts.hidden:
            self.notes.append(f"工作表“{table.name}”是隐藏的，也读了。不需要的话请删去它再上传。")
        if table.facts.hidden_rows:
            self.notes.append(f"工作表“{table.name}”里有 {table.facts.hidden_rows} 行是隐藏的，也读了。")

    def _tell(self, table: Table, heading: Heading | None, head: list[Row]) -> None:
        if heading is None:
            return
        sample_rows = head[heading.last_row + 1 :]
        other = None if heading.missing else looks_like(heading, self.layout)
        told = {
            "sheet": table.name,
            "row": heading.row + 1,
            "last_row": heading.last_row + 1,
            "columns": heading.columns,
            "unknown": [
                {"heading": title, "column": column, "samples": _samples(sample_rows, column)}
                for column, title in list(heading.unknown.items())[:MOST_UNKNOWN]
            ],
            "missing": [list(group) for group in heading.missing],
            "looks_like": other.kind.value if other else "",
        }
        self.headings.append(told)
        self.on_event({"heading": told})

    def _block(self, table: Table, heading: Heading, kept: list[Row], numbers: list[int], first: int, filled: tuple[str, str]) -> Block:
        width = max(max(heading.titles, default=0), max(heading.columns.values())) + 1
        columns = list(zip(*(row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in kept), strict=False))
        cells = {field: list(columns[column]) for field, column in heading.columns.items()}
        if self.facts().from_1904:
            for name in DAY_FIELDS.intersection(cells):
                cells[name] = [from_1904(cell) for cell in cells[name]]
        for field_name, value in zip(("grade", "class_name"), filled, strict=True):
            if value and field_name not in cells and "grade_class" not in cells:
                cells[field_name] = [value] * len(kept)
        titles = {field: heading.titles.get(column, field) for field, column in heading.columns.items()}
        block = Block(self.layout.kind.value, self.options, cell_text(table.name), first, numbers, cells, titles)
        block.extra = {title: list(columns[column]) for column, title in heading.unknown.items()}
        return block


def _samples(rows: list[Row], column: int) -> list[str]:
    texts = [hide_numbers(cell_text(row[column]).strip())[:40] for row in rows if column < len(row) and row[column] not in ("", None)]
    return texts[:SAMPLES]


def _data_rows(rows: list[Row], heading: Heading, start: int) -> tuple[list[int], list[Row]]:
    """Sheet row numbers and rows without ghosts, totals, notes and repeated headings."""
    keys = [heading.columns[name] for name in KEY_FIELDS if name in heading.columns]
    name_column = heading.columns.get("name", keys[0] if keys else 0)
    title = heading.titles.get(name_column, "")
    numbers: list[int] = []
    kept: list[Row] = []
    for number, row in enumerate(rows, start):
        name = row[name_column] if name_column < len(row) else ""
        # A row with an ordinary name is data; only the others, and those that begin like a total or a signature, are looked at closely.
        ordinary = isinstance(name, str) and 1 < len(name) < 5 and name.isalpha() and name not in TOTALS and name != title[-len(name) :]
        if not (ordinary and not _begins_a_footer(row[0])) and _no_data(row, heading, name, title):
            continue
        numbers.append(number)
        kept.append(row)
    return numbers, kept


def _begins_a_footer(cell: Any) -> bool:
    return isinstance(cell, str) and (cell in TOTALS or cell.startswith(FOOTERS))


def _no_data(row: Row, heading: Heading, name: Any, title: str) -> bool:
    texts = [text for cell in row if (text := cell_text(cell).strip())]
    if not texts or texts[0].replace(" ", "") in TOTALS or str(name).replace(" ", "") in TOTALS:
        return True
    if len(set(texts)) == 1 and (len(texts) > 1 or not str(name).strip()):
        return True  # one text merged across, or one lonely cell: a caption, a page number, a signature
    if texts[0].startswith(FOOTERS):
        return True
    if name and str(name).strip() == title.strip():
        return True
    own = [cell_text(row[column]).strip() for field, column in heading.columns.items() if column < len(row) and field != "number"]
    if not any(own):
        return True
    repeated = sum(1 for column, cell in enumerate(row) if cell and cell == heading.titles.get(column))
    return repeated >= max(2, len(texts) // 2)


def layout_of(kind: str) -> Layout:
    """The layout of a kind; a RefusedFile names the kinds there are."""
    found = KINDS.get(kind)
    if found is None:
        raise RefusedFile(f"没有“{kind}”这种名册。可用的有：{'、'.join(KINDS)}。", code="kind")
    return found
