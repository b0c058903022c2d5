"""A block's cells → the values that are staged, column by column. Repairs lose nothing and are reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from itertools import repeat
from typing import Any

from apps.core.ids import JOINT, SHORTEST, birth_in_number, has_many_digits, hide_numbers, hide_residents, kind_of, resident_fault, sex_of
from apps.core.names import compare_key, readings
from apps.registers.layouts import cells as one
from apps.registers.layouts import codes
from apps.registers.layouts.block import Block, Options
from apps.registers.layouts.cells import Memo
from apps.registers.layouts.classes import cell_text, class_of, grade
from apps.registers.layouts.days import day, month
from apps.registers.layouts.keys import natural_keys
from apps.registers.layouts.kinds import Kind
from apps.registers.layouts.phones import phone

Cleaner = Callable[[Any], str]
# field = staged column -> how a cell becomes its value.
CLEANERS: dict[str, Cleaner] = {
    "name": one.name, "guardian_name": one.name, "head_name": one.name, "surveyor": one.name,
    "sex": one.from_codes(codes.SEX), "birth_date": day, "reported_on": day, "entered_on": month,
    "id_number": one.identity, "guardian_id_number": one.identity, "student_number": one.student_number, "provincial_number": one.provincial_number,
    "school_code": one.code, "school_name": one.said, "household_number": one.code, "member_number": one.code,
    "boarding": one.from_codes(codes.BOARDING), "guardian_phone": phone, "phone": phone, "guardian_relation": one.said,
    "address": one.said, "residence_code": one.code, "township_code": one.code, "township_name": one.said, "village_name": one.said,
    "risk_cleared": one.from_codes(codes.RISK), "left_behind": one.from_codes(codes.LEFT_BEHIND), "migrant": one.from_codes(codes.YES_NO),
    "orphan": one.from_codes(codes.YES_NO), "inclusive": one.from_codes(codes.YES_NO), "disability": one.disability,
    "remark": one.line, "school_text": one.said,
}  # fmt: skip
STATES = {
    Kind.HOUSEHOLD: codes.HOUSEHOLD_STATE,
    Kind.ENROLLMENT: codes.STUDENT_STATE,
    Kind.ATTENDING: codes.STUDENT_STATE,
}
# Columns that differ from row to row: remembering them would only cost.
UNIQUE = frozenset({"id_number", "guardian_id_number", "student_number", "provincial_number", "phone", "guardian_phone", "address"})
# The only columns whose cells may hold a whole number; in all others one is masked before anything is made of the cell.
IDENTITY = frozenset({"id_number", "guardian_id_number", "student_number", "provincial_number"})
CODED = frozenset({"household_number", "member_number"})  # longer than a resident number in some systems, and needed whole
CERTIFICATE = 20  # characters of a disability certificate's number
HIDDEN = "证件号已遮盖"
# Columns whose repairs a person is shown, before → after.
REPORTED = (
    "name", "guardian_name", "head_name", "id_number", "guardian_id_number", "student_number", "phone", "guardian_phone", "address",
)  # fmt: skip
# Fields that are used up here; every other recognised field goes to ``extra`` under its own heading.
USED = {
    *CLEANERS,
    "problem",
    "number",
    "ethnicity",
    "grade",
    "class_name",
    "grade_class",
    "state",
    "situation",
    "reason",
    "group_kind",
    "monitored_kind",
    "id_kind",
}


def _ethnicity(cell: Any) -> str:
    text = one.said(cell)
    found = codes.coded(text, codes.ETHNICITY) if text else ""
    return text if found is None else found


def _situation(cell: Any) -> str:
    text = one.line(cell)
    found = codes.coded(text, codes.SITUATION) if text else ""
    if found is None:
        return "enrolled_inside" if grade(text) else "unknown"
    return found


def _state_text(cell: Any) -> str:
    text = one.line(cell)
    return codes.STATE_NAMES.get(codes.coded(text, codes.STUDENT_STATE) or "", text) if text[:1].isdigit() else text


class Cleaning:
    """Cleans block after block of one file; remembers what it has seen."""

    def __init__(self, kind: str, options: Options) -> None:
        self.kind = kind
        self.options = options
        self.memos: dict[str, Memo] = {column: Memo(clean) for column, clean in CLEANERS.items() if column not in UNIQUE}
        year = options.school_year
        self.memos |= {
            "ethnicity": Memo(_ethnicity),
            "grade": Memo(lambda cell: grade(cell, year)),
            "class": Memo(lambda pair: class_of(_class_cell(pair[0]), pair[1], year)),
            "state": Memo(one.from_codes(STATES.get(Kind(kind), codes.STUDENT_STATE))),
            "situation": Memo(_situation),
            "household_kind": Memo(one.from_codes(codes.HOUSEHOLD_KIND)),
            "monitored_kind": Memo(one.from_codes(codes.MONITORED_KIND)),
            "line": Memo(one.line),
            "state_text": Memo(_state_text),
            "said": Memo(one.said),
            "health": Memo(one.health),
        }

    def clean(self, block: Block) -> None:
        """Fill ``values``, ``faults``, ``repairs`` and ``extra`` of the block."""
        self._hide(block)
        for column, found in block.cells.items():
            if column in UNIQUE:
                block.values[column] = list(map(CLEANERS[column], found))
            elif column in CLEANERS:
                memo = self.memos[column]
                block.values[column] = [memo[cell] for cell in found]
        self._places(block)
        self._classes(block)
        self._situations(block)
        self._identity(block)
        self._health(block)
        self._names(block)
        self._repairs(block)
        self._extra(block)
        block.values["key"] = natural_keys(block)

    def _hide(self, block: Block) -> None:
        """Mask the whole numbers in every column that is not for them, before anything is made of a cell. The uploaded file stays as it came.

        What was hidden in a known column is reported; unknown columns (a second guardian's number in every row) are masked without a word.
        """
        for column in block.cells.keys() - IDENTITY:
            kept, hidden = without_numbers(block.cells[column], hide_residents if column in CODED else hide_numbers)
            block.cells[column] = kept
            block.repairs += [(index, column, kept[index], HIDDEN) for index in hidden]
        block.extra = {title: without_numbers(found, hide_numbers)[0] for title, found in block.extra.items()}

    def _map(self, block: Block, source: str, memo: str) -> list[str]:
        found = block.cells.get(source)
        if found is None:
            return [""] * block.size
        cleaner = self.memos[memo]
        return [cleaner[cell] for cell in found]

    def _places(self, block: Block) -> None:
        values, options = block.values, self.options
        block.values["ethnicity"] = self._map(block, "ethnicity", "ethnicity")
        names = block.column("school_name")
        schools = [
            code or (name if name.isdecimal() and len(name) >= 8 else "") for code, name in zip(block.column("school_code"), names, strict=True)
        ]
        if options.schools:
            schools = [code or options.schools.get(name, "") for code, name in zip(schools, names, strict=True)]
        if options.school_code:
            schools = [
                code or ("" if name and name != options.school_name else options.school_code) for code, name in zip(schools, names, strict=True)
            ]
        values["school_code"] = schools
        named = block.column("township_name")
        residence = block.column("residence_code")
        values["township_code"] = [
            code or (name if name.isdecimal() else options.townships.get(name, "")) or (home[:9] if len(home) >= 9 and home.isdecimal() else "")
            for code, name, home in zip(block.column("township_code"), named, residence, strict=True)
        ]
        if options.township_code:
            values["township_code"] = [code or options.township_code for code in values["township_code"]]
        if block.kind == Kind.HOUSEHOLD:
            values["residence_code"] = [home or code for home, code in zip(residence, values["township_code"], strict=True)]

    def _classes(self, block: Block) -> None:
        grades = self._map(block, "grade", "grade")
        raw = block.cells.get("class_name") or block.cells.get("grade_class")
        if raw is None and "grade" not in block.cells:
            block.values["grade"] = grades
            return
        memo = self.memos["class"]
        pairs = [memo[pair] for pair in zip(raw or repeat(""), grades, strict=raw is not None)]
        told = self.memos["grade"]
        block.values["class_name"] = [number for _, number in pairs]
        block.values["grade"] = [known or stated for known, (stated, _) in zip(grades, pairs, strict=True)]
        if "class_name" not in block.cells and "grade_class" in block.cells:
            block.values["grade"] = [known or told[cell] for known, cell in zip(block.values["grade"], block.cells["grade_class"], strict=True)]

    def _situations(self, block: Block) -> None:
        values = block.values
        source = "situation" if "situation" in block.cells else "state"
        values["state"] = self._map(block, source, source)
        texts = self._map(block, source, "line" if source == "situation" else "state_text")
        if "reason" in block.cells:
            reasons = self._map(block, "reason", "said")
            texts = [f"{text}；{reason}" if text and reason else text or reason for text, reason in zip(texts, reasons, strict=True)]
        values["situation_text"] = texts
        if "group_kind" in block.cells or "monitored_kind" in block.cells:
            households = self._map(block, "group_kind", "household_kind")
            also = self._map(block, "group_kind", "monitored_kind")
            monitored = self._map(block, "monitored_kind", "monitored_kind")
            values["group_kind"] = [first or second or third for first, second, third in zip(monitored, households, also, strict=True)]

    def _identity(self, block: Block) -> None:
        numbers = block.column("id_number")
        block.faults = [resident_fault(number) if number else None for number in numbers]
        block.values["id_kind"] = [
            "" if not number else "resident" if fault is None else kind_of(number).value for number, fault in zip(numbers, block.faults, strict=True)
        ]
        self._from_number(block, numbers)
        cells = block.cells.get("id_number", [])
        if any(isinstance(cell, str) and len(cell) >= CERTIFICATE for cell in cells):
            told = [one.certificate_kind(cell) if isinstance(cell, str) and len(cell) >= CERTIFICATE else "" for cell in cells]
            block.values["disability"] = [known or kind for known, kind in zip(block.column("disability"), told, strict=True)]
            block.values["id_kind"] = ["disability" if kind else known for known, kind in zip(block.values["id_kind"], told, strict=True)]

    def _health(self, block: Block) -> None:
        """健康状况 50 tells that a child is disabled where nothing stands under 残疾类型."""
        if "health" not in block.cells:
            return
        told = block.values["health"] = self._map(block, "health", "health")
        stated = self._map(block, "disability", "line")
        kinds = zip(block.column("disability"), stated, told, strict=True)
        block.values["disability"] = [kind or (codes.DISABLED if word == codes.DISABLED and not cell else "") for kind, cell, word in kinds]

    def _from_number(self, block: Block, numbers: list[str]) -> None:
        """Birth date and sex, where the row leaves them out and a sound number tells them."""
        block.stated = {column: block.column(column) for column in ("birth_date", "sex") if column in block.cells}
        births, sexes = list(block.column("birth_date")), list(block.column("sex"))
        block.values["birth_date"], block.values["sex"] = births, sexes
        for index, (number, fault) in enumerate(zip(numbers, block.faults, strict=True)):
            if not number or fault is not None:
                continue
            if not births[index] and (born := birth_in_number(number[6:14])):
                births[index] = born.isoformat()
            if not sexes[index]:
                sexes[index] = sex_of(number)

    def _names(self, block: Block) -> None:
        read = zip(*map(readings, block.column("name")), strict=True)
        block.values |= zip(("name_key", "name_sound", "pinyin", "initials"), map(list, read), strict=True)
        if "guardian_name" in block.cells:
            block.values["guardian_key"] = [*map(compare_key, block.values["guardian_name"])]

    def _repairs(self, block: Block) -> None:
        for column in REPORTED:
            if column not in block.cells or block.cells[column] == block.column(column):
                continue  # nearly always
            for index, cell, value in block.both(column):
                if cell != value and value and type(cell) is str:
                    block.repairs.append((index, column, cell, value))
        for index, cell, value in block.both("class_name"):
            if isinstance(cell, (date, datetime)) and value:
                block.repairs.append((index, "class_name", one.line(cell), value))

    def _extra(self, block: Block) -> None:
        memo = self.memos["line"]
        for name in [name for name in block.cells if name not in USED]:
            block.extra[block.titles.get(name, name)] = block.values["health"] if name == "health" else block.cells[name]
        block.extra = {title: [memo[cell] for cell in found] for title, found in block.extra.items()}


def _class_cell(cell: Any) -> Any:
    return cell if isinstance(cell, date) else one.said(cell)


def without_numbers(cells: list[Any], hide: Callable[[str], str]) -> tuple[list[Any], list[int]]:
    """The cells with whole numbers masked, and where that was done. A column without one, nearly every column, is only looked at as a whole."""
    try:
        if max(map(len, cells)) < SHORTEST or not has_many_digits(JOINT.join(cells)):
            return cells, []
    except TypeError:  # dates and numbers among the texts
        if not has_many_digits(JOINT.join([str(cell) for cell in cells if type(cell) is str or type(cell) in (int, float) and cell >= LEAST])):
            return cells, []
    kept = [cell if (text := cell_text(cell)) == (hidden := hide(text)) else hidden for cell in cells]
    return kept, [index for index, cell in enumerate(kept) if cell is not cells[index]]


LEAST = 10 ** (SHORTEST - 1)
