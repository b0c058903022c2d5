"""A checked block as lines of PostgreSQL's COPY text format, in the order of STAGED_COLUMNS."""

from __future__ import annotations

import json
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from itertools import repeat
from typing import Any

from apps.core.ids import hide_numbers, mask
from apps.registers.checks import ROW_CHECKS
from apps.registers.layouts.block import Block
from apps.registers.layouts.staged import ABOUT, CONTENT, DETAILS, LONGEST, NULL_COLUMNS

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
    empty = [""] * block.size
    columns: dict[str, Iterable[str]] = {name: _fitting(values, LONGEST.get(name)) for name, values in block.values.items()}
    columns |= {name: _or_null(block.values.get(name), block.size) for name in NULL_COLUMNS}
    columns |= {
        "row": map(str, range(block.first_row, block.first_row + block.size)),
        "sheet": repeat(block.sheet, block.size),
        "sheet_row": map(str, block.sheet_rows),
        "status": status,
        "id_masked": map(mask, columns.get("id_number", empty)),
        "student_masked": map(mask, columns.get("student_number", empty)),
        "cleaned": _texts(block.size, repairs, "[]"),
        "problems": _texts(block.size, problems, "[]"),
        "details": _details(block),
    }
    content = list(map("\t".join, zip(*(columns.get(name, empty) for name in CONTENT), strict=True)))
    columns["fingerprint"] = map(str, _hashes(content))
    text = "\n".join(map("\t".join, zip(*(columns.get(name, empty) for name in ABOUT), content, strict=True)))
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace(NULL, "\\N") + "\n"


def _hashes(texts: list[str]) -> tuple[int, ...]:
    """64 bits of each text, as signed numbers."""
    return struct.unpack(f">{len(texts)}q", b"".join([blake2b(text.encode(), digest_size=8).digest() for text in texts]))


def _fitting(values: list[str], longest: int | None) -> list[str]:
    """The texts cut to what the database holds; nearly always they are short enough."""
    return values if longest is None or max(map(len, values)) <= longest else [value[:longest] for value in values]


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


def _details(block: Block) -> list[str]:
    """What has no column of its own, as JSON: the columns of DETAILS, the guardian's masked number, unknown columns under ``extra``."""
    named = {name: block.values[name] for name in DETAILS if any(block.values.get(name, ()))}
    if any(guardians := block.values.get("guardian_id_number", [])):
        named["guardian_masked"] = list(map(mask, guardians))
    if not named and not block.extra:
        return ["{}"] * block.size
    rows: Iterable[tuple[Any, ...]] = zip(*named.values(), _extras(block), strict=True)
    told = ({name: value for name, value in zip((*named, "extra"), row, strict=True) if value} for row in rows)
    return [json.dumps(one, ensure_ascii=False) if one else "{}" for one in told]


def _extras(block: Block) -> Iterable[dict[str, str]]:
    """Heading → cell of the columns nobody knows, for each row."""
    if not block.extra:
        return repeat({}, block.size)
    titles = sorted(block.extra)
    rows = zip(*(block.extra[title] for title in titles), strict=True)
    return ({title: cell for title, cell in zip(titles, row, strict=True) if cell} for row in rows)
