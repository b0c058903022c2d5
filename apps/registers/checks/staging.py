"""A checked block as lines of PostgreSQL's COPY text format, in the order of STAGED_COLUMNS after the upload's number."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import repeat

from apps.core.ids import hide_numbers, mask
from apps.registers.checks import ROW_CHECKS
from apps.registers.layouts.block import Block
from apps.registers.layouts.staged import NULL_COLUMNS, STAGED_COLUMNS

NUMBERED = ("id_number", "guardian_id_number", "student_number")
NULL = "\0"
Problem = dict[str, str]


def problems_of(block: Block) -> dict[int, list[Problem]]:
    """Index → problems of the row, from every row check."""
    found: dict[int, list[Problem]] = defaultdict(list)
    for check in ROW_CHECKS:
        for index, column, message in check.look(block):
            found[index].append({"column": column, "code": check.CODE, "message": hide_numbers(message), "severity": check.SEVERITY})
    return {index: leading(problems) for index, problems in found.items()}


def leading(problems: list[Problem]) -> list[Problem]:
    """Errors first; where a cell is wrong, what only follows from it is not told a second time."""
    wrong = {p["column"] for p in problems if p["severity"] == "error"}
    if not wrong:
        return problems
    kept = [p for p in problems if p["severity"] == "error" or not wrong & {p["column"], FOLLOWS.get(p["code"])}]
    return sorted(kept, key=lambda p: p["severity"] != "error")


# A check that compares its cell with another one: while that one is wrong, it says nothing new.
FOLLOWS = {"student_number_unlike_id": "id_number", "id_birth_contradiction": "id_number", "id_sex_contradiction": "id_number"}


def repairs_of(block: Block) -> dict[int, list[dict[str, str]]]:
    """Index → what was repaired in the row; numbers are masked."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for index, column, before, after in block.repairs:
        if column in NUMBERED:
            before, after = mask(before.strip()), mask(after)
        found[index].append({"column": column, "before": hide_numbers(before), "after": hide_numbers(after)})
    return found


def copy_lines(block: Block, counts: Counter[str]) -> str:
    """The block's lines, each ended by a newline; ``counts`` takes rows, accepted, cleaned and rejected."""
    problems, repairs = problems_of(block), repairs_of(block)
    status = _statuses(block, problems, repairs)
    counts.update(status)
    counts["rows"] += block.size
    columns: dict[str, Iterable[str]] = {
        "row": map(str, range(block.first_row, block.first_row + block.size)),
        "sheet": repeat(block.sheet, block.size),
        "sheet_row": map(str, block.sheet_rows),
        "status": status,
        "extra": _extras(block),
        "cleaned": _texts(block.size, repairs, "[]"),
        "problems": _texts(block.size, problems, "[]"),
    }
    for column in NULL_COLUMNS:
        columns[column] = _or_null(block.values.get(column), block.size)
    ordered: list[Iterable[str]] = [repeat(str(block.options.upload), block.size)]
    ordered += [columns.get(column) or block.values.get(column) or repeat("", block.size) for column in STAGED_COLUMNS]
    text = "\n".join(map("\t".join, zip(*ordered, strict=True)))
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace(NULL, "\\N") + "\n"


def _or_null(values: list[str] | None, size: int) -> list[str]:
    """Texts of a column with a mark where there is none: no clean value holds NUL."""
    return [NULL] * size if values is None else [value or NULL for value in values]


def _statuses(block: Block, problems: dict[int, list[Problem]], repairs: dict[int, list[dict[str, str]]]) -> list[str]:
    status = ["accepted"] * block.size
    for index in repairs:
        status[index] = "cleaned"
    for index, found in problems.items():
        if any(problem["severity"] == "error" for problem in found):
            status[index] = "rejected"
    return status


def _texts(size: int, found: dict[int, list[dict[str, str]]], empty: str) -> list[str]:
    texts = [empty] * size
    for index, entries in found.items():
        texts[index] = json.dumps(entries, ensure_ascii=False)
    return texts


def _extras(block: Block) -> list[str]:
    if not block.extra:
        return ["{}"] * block.size
    titles = list(block.extra)
    return [
        json.dumps({title: cell for title, cell in zip(titles, row, strict=True) if cell}, ensure_ascii=False)
        for row in zip(*block.extra.values(), strict=True)
    ]
