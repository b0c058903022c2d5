"""One cell → one clean value; every function here is pure and remembered by ``Memo``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from apps.core.ids import DISABILITY_CERTIFICATE, OLD_RESIDENT_ID, birth_in_number, clean_number, mask, upgrade_15
from apps.core.names import NOT_A_NAME, clean_name
from apps.registers.layouts.classes import cell_text
from apps.registers.layouts.codes import DISABILITY, HEALTH, coded

DISABILITY_KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")  # 第 19 位，残疾人证编号规则
EXCEL_TEXT = re.compile(r'="(.*)"')
NOTHING = frozenset({"无", "/", "-", "--", "null", "none", "nan", "n/a", "#n/a", "空"})


class Memo(dict[Any, Any]):
    """Answers of ``make`` by its argument, forgotten when too many: registers repeat themselves."""

    def __init__(self, make: Callable[[Any], Any], most: int = 30_000) -> None:
        super().__init__()
        self.make = make
        self.most = most

    def __missing__(self, cell: Any) -> Any:
        if len(self) >= self.most:
            self.clear()
        value = self[cell] = self.make(cell)
        return value


def line(cell: Any) -> str:
    """A cell as one line of text: NFC, no control, bidi or zero-width characters, no outer spaces, ="…" unwrapped."""
    text = cell if type(cell) is str else cell_text(cell)
    if text.isprintable() and text[:1] != "=" and text == text.strip(" "):
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    wrapped = EXCEL_TEXT.fullmatch(text.strip())
    return re.sub(r" {2,}", " ", wrapped[1] if wrapped else text).strip()


def said(cell: Any) -> str:
    """Like ``line``; words that say nothing ('无', '/', 'null') become ''."""
    text = line(cell)
    return "" if text.lower() in NOTHING else text


def name(cell: Any) -> str:
    """A person's name as it is stored."""
    if type(cell) is str and 1 < len(cell) < 5 and cell.isalpha() and not cell.isascii() and cell not in NOT_A_NAME:
        return unicodedata.normalize("NFC", cell)  # nearly every row
    return clean_name(line(cell))


def identity(cell: Any) -> str:
    """An identity number: cleaned, 15 digits made 18, a disability certificate cut to its ID; '' where the cell holds no digit."""
    if type(cell) is str and len(cell) == 18 and cell.isascii() and cell[:17].isdigit() and cell[17] in "0123456789X":
        return cell  # nearly every row
    number = clean_number(line(cell))
    if not any(c.isdecimal() for c in number):
        return ""
    if OLD_RESIDENT_ID.fullmatch(number) and birth_in_number(f"19{number[6:12]}"):
        return upgrade_15(number)
    return number[:18] if DISABILITY_CERTIFICATE.fullmatch(number) else number


def student_number(cell: Any) -> str:
    """A student number, upper case without spaces."""
    if type(cell) is str and len(cell) == 19 and cell.isascii() and cell[0] in "GLJ" and cell[1:18].isdigit() and cell[18] in "0123456789X":
        return cell  # nearly every row
    number = clean_number(line(cell))
    return number if any(c.isdecimal() for c in number) else ""


def provincial_number(cell: Any) -> str:
    """A provincial number (学籍辅号), masked: nothing is found by it, so the whole of it is kept nowhere but in the uploaded file."""
    return mask(student_number(cell))


def code(cell: Any) -> str:
    """A code of digits and letters (school, township, household)."""
    return clean_number(said(cell))


def disability(cell: Any) -> str:
    """Kind of disability in Chinese, '' for none; unknown text stays."""
    text = said(cell)
    found = coded(text, DISABILITY) if text else ""
    return text if found is None else found


def health(cell: Any) -> str:
    """健康状况 in the words of its code; unknown text stays."""
    text = said(cell)
    return (coded(text, HEALTH) if text else "") or text


def certificate_kind(cell: Any) -> str:
    """The kind of disability a 20-digit certificate number tells, '' for other numbers."""
    number = clean_number(line(cell))
    return DISABILITY_KINDS[int(number[18]) - 1] if DISABILITY_CERTIFICATE.fullmatch(number) else ""


def from_codes(codes: dict[str, str], unknown: str = "") -> Callable[[Any], str]:
    """A cleaner for a code table."""

    def clean(cell: Any) -> str:
        text = line(cell)
        if not text:
            return ""
        found = coded(text, codes)
        return unknown if found is None else found

    return clean
