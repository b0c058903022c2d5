"""Grades and classes in the many ways schools write them, to plain numbers as text."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
GRADE = re.compile(rf"(?:小学|初中|义务教育)?({NUMBER})(?:年级|年|级)?")
JUNIOR = re.compile(r"(?:初中?)([一二三四1234])(?:年级)?")
SENIOR = re.compile(r"高中?([一二三123])(?:年级)?")
PRIMARY = re.compile(r"小学?([一二三四五六1-6])(?:年级)?")
COHORT = re.compile(r"(小学|初中|小|初)?(20\d\d)[级届]?(小学|初中)?")
BEFORE_SCHOOL = re.compile(r"学前.*|幼儿.*|大班|中班|小班")
IN_CLASS = re.compile(
    rf"(?P<grade>(?:小学|初中?|高中?)?[一二三四五六七八九]{{1}}(?:年级|年|级)?|\d{{1,2}}(?:年级|年|级)|(?:初|高|小)\d(?:年级)?|20\d\d[级届])?"
    rf"\s*[(\[（]?\s*(?P<number>{NUMBER})\s*[)\]）]?\s*班?(?P<rest>\D*)"
)
PAIR = re.compile(r"0?([1-9])[.\-/、_ (](\d{1,2})\)?班?")
RUN = re.compile(r"0?([1-9])(0[1-9]|[1-9]\d)班?")


def number_of(text: str) -> int | None:
    """'十二' → 12, '7' → 7, None where it is no number up to 99."""
    if text.isdecimal():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        if (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
            return None
        return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    return DIGITS.get(text)


def grade(cell: Any, school_year: int | None = None) -> str:
    """'1' … '9' (10–12 senior, 0 before school) for '七年级', '初一', 7, '2023级初中'; '' where it cannot be read.

    ``school_year`` (the year its autumn lies in) turns a cohort into a grade where primary or junior is said with it.
    """
    text = unicodedata.normalize("NFKC", cell_text(cell)).replace(" ", "").replace("(", "").replace(")", "")
    if BEFORE_SCHOOL.fullmatch(text):
        return "0"
    for pattern, offset in ((JUNIOR, 6), (SENIOR, 9), (PRIMARY, 0), (GRADE, 0)):
        if (match := pattern.fullmatch(text)) and (number := number_of(match[1])) is not None and 1 <= number + offset <= 12:
            return str(number + offset)
    match = COHORT.fullmatch(text)
    if match and school_year and (stage := match[1] or match[3]):
        number = school_year - int(match[2]) + (7 if stage.startswith("初") else 1)
        return str(number) if (7 if stage.startswith("初") else 1) <= number <= 9 else ""
    return ""


def cell_text(cell: Any) -> str:
    """A cell's text; whole floats without '.0', dates in ISO form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def class_of(cell: Any, known_grade: str = "", school_year: int | None = None) -> tuple[str, str]:
    """(grade the class name tells or '', plain class text): '七年级(1)班' → ('7', '1'), '7.1' → ('7', '1'), '一班' → ('', '1').

    A cell that Excel turned into a date ('7-1' → 1 July) is read back where month or day is the known grade, or where none is known
    as month-day; ('', '') where it stays doubtful. A name without a number ('启明班') is kept without 班.
    """
    if isinstance(cell, date):
        return _from_date(cell, known_grade)
    text = unicodedata.normalize("NFKC", cell_text(cell)).replace(" ", "").strip()
    if not text:
        return "", ""
    for pattern in (PAIR, RUN):
        if (match := pattern.fullmatch(text)) and (pattern is PAIR or not known_grade or match[1] == known_grade):
            return match[1], str(int(match[2]))
    if text.endswith(".0") and text[:-2].isdecimal():
        return "", str(int(text[:-2]))
    match = IN_CLASS.fullmatch(text)
    if match and (number := number_of(match["number"])) is not None and not any(c.isdecimal() for c in match["rest"]):
        return _stated(match["grade"] or "", school_year), str(number)
    return "", text.removesuffix("班")[:20]


def _stated(text: str, school_year: int | None) -> str:
    return grade(text, school_year) if text else ""


def _from_date(cell: date, known_grade: str) -> tuple[str, str]:
    first, second = str(cell.month), str(cell.day)
    if known_grade:
        if first == known_grade:
            return first, second
        if second == known_grade:
            return second, first
        return "", ""
    return (first, second) if cell.month <= 9 else ("", "")
