"""Dates as registers write them, to ISO text."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

EPOCH = date(1899, 12, 30)  # day 0 of an Excel serial number after its false leap day
FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050  # 1950-01-01 … 2099-12-31: what a serial number may mean here
BETWEEN_EPOCHS = 1_462  # days from that day 0 to 1 January 1904
EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
PARTED = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:\.0)?")
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def day(cell: Any) -> str:
    """'2015-09-01' for 20150901, '2015/9/1', '2015年9月1日', an Excel date or serial number; '' where no day can be read."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = unicodedata.normalize("NFKC", _number_text(cell)).strip()
    match = EIGHT.fullmatch(text) or PARTED.fullmatch(text)
    if match:
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if SERIAL.fullmatch(text):
        return _serial(int(float(text)))
    return ""


def month(cell: Any) -> str:
    """'202309' for 入学年月 written as 202309, '2023-09', '2023年9月', a full date or an Excel date; '' otherwise."""
    if whole := day(cell):
        return whole[:4] + whole[5:7]
    match = MONTH.fullmatch(unicodedata.normalize("NFKC", _number_text(cell)).strip())
    if match and 1950 <= int(match[1]) <= 2099 and 1 <= int(match[2]) <= 12:
        return f"{match[1]}{int(match[2]):02}"
    return ""


def from_1904(cell: Any) -> Any:
    """The day a bare serial number means in a workbook that counts from 1904; any other cell as it is."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and FIRST_SERIAL <= cell + BETWEEN_EPOCHS <= LAST_SERIAL:
        return EPOCH + timedelta(days=int(cell) + BETWEEN_EPOCHS)
    return cell


def _number_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _iso(year: int, number: int, of_month: int) -> str:
    try:
        return date(year, number, of_month).isoformat() if 1900 <= year <= 2099 else ""
    except ValueError:
        return ""


def _serial(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat() if FIRST_SERIAL <= number <= LAST_SERIAL else ""
