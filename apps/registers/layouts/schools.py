"""The list of schools (load_schools): rows of text with what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.core.errors import RefusedFile
from apps.core.excel.guard import guard
from apps.core.excel.read import tables
from apps.registers.layouts.cells import code, said
from apps.registers.layouts.codes import SCHOOL_TYPE, YES_NO, coded
from apps.registers.layouts.headings import Heading, locate
from apps.registers.layouts.kinds import SCHOOLS


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school: ``row`` counts data rows from 1, ``school_type`` primary, teaching_point, junior, nine_year, special or ''."""

    row: int
    sheet_row: int
    school_code: str
    school_name: str
    township_code: str
    school_type: str
    central: bool
    problems: tuple[tuple[str, str], ...]


def read_schools(path: Path, learned_aliases: Mapping[str, str] | None = None) -> list[SchoolRow]:
    """Every row of every sheet that is a list of schools. Raises RefusedFile for a file that is none."""
    found: list[SchoolRow] = []
    sentence = "没有找到表头。表头里要有：学校标识码、学校名称、乡镇代码、办学类型。"
    for table in tables(path, guard(path)):
        rows = list(table.rows)
        heading = locate(rows, SCHOOLS, learned_aliases)
        if heading is None or heading.missing:
            sentence = heading.missing_sentence() if heading else sentence
            continue
        found.extend(_rows(rows, heading, len(found)))
    if not found:
        raise RefusedFile(sentence, code="no_rows")
    return found


def _rows(rows: list[list[Any]], heading: Heading, counted: int) -> Iterator[SchoolRow]:
    for number, row in enumerate(rows[heading.last_row + 1 :], heading.last_row + 2):
        cells = {field: row[column] if column < len(row) else "" for field, column in heading.columns.items()}
        school_code, name = code(cells["school_code"]), said(cells["school_name"])
        if not school_code and not name:
            continue
        counted += 1
        kind = coded(said(cells["school_type"]), SCHOOL_TYPE) or ""
        central = coded(said(cells.get("central", "")), YES_NO) == "Y"
        township = code(cells["township_code"])
        yield SchoolRow(counted, number, school_code, name, township, kind, central, tuple(_problems(school_code, name, township, kind)))


def _problems(school_code: str, name: str, township: str, kind: str) -> Iterator[tuple[str, str]]:
    if not school_code:
        yield "school_code", "没有学校标识码，请补上。"
    if not name:
        yield "school_name", "没有学校名称，请补上。"
    if not township:
        yield "township_code", "没有乡镇代码（9 位），请补上。"
    if not kind:
        yield "school_type", "办学类型读不懂，请填：小学、教学点、初级中学、九年一贯制或特殊教育。"
