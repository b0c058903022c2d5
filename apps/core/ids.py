"""Identity numbers: cleaning, checking and masking (公民身份号码 GB 11643-1999, 学籍号).

Everything here is plain text in, plain text out; nothing is looked up and nothing is stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import mul

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
RESIDENT_ID = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
OLD_RESIDENT_ID = re.compile(r"[1-9]\d{14}", re.ASCII)
STUDENT_NUMBER = re.compile(r"[GLJ]([1-9]\d{16}[\dX])", re.ASCII)
DISABILITY_CERTIFICATE = re.compile(r"[1-9]\d{16}[\dX][1-7][1-4]", re.ASCII)
# Invisible and decorative characters people and systems leave around a number.
NOISE = dict.fromkeys([*range(32), *(ord(c) for c in " \t\r\n\u00a0\u3000'`‘’\"“”-－—_.．=")], None)


class IdKind(StrEnum):
    """What sort of paper a number belongs to."""

    RESIDENT = "resident"  # 居民身份证
    DISABILITY = "disability"  # 残疾人证：前 18 位为身份证号
    STUDENT = "student"  # 学籍号 G/L/J + 18
    OTHER = "other"  # 护照、港澳台通行证、出生医学证明等


class IdFault(StrEnum):
    """Why a resident number cannot be right."""

    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH = "birth"
    CHECK = "check"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A resident number cut into its segments (GB 11643-1999 §3)."""

    number: str

    @property
    def area(self) -> str:
        return self.number[:6]

    @property
    def birth(self) -> str:
        return self.number[6:14]

    @property
    def sequence(self) -> str:
        return self.number[14:17]

    @property
    def check(self) -> str:
        return self.number[17]


def clean_number(text: str) -> str:
    """Take away what is not the number: spaces, apostrophes, invisible signs, full width; x becomes X."""
    if text.isascii() and text.isalnum():
        return text.upper()  # nearly every row
    text = unicodedata.normalize("NFKC", text).translate(NOISE)
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Mn"))
    return text.upper()


def check_digit(first17: str) -> str:
    """The 18th character for seventeen digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return CHECK_DIGITS[(_weight(first17[:6], 0) + _weight(first17[6:14], 6) + _weight(first17[14:], 14)) % 11]


@lru_cache(maxsize=50_000)
def _weight(digits: str, place: int) -> int:
    """What some digits of a number, from ``place`` on, add to its sum: areas, birth dates and sequences come back again and again."""
    return sum(map(mul, WEIGHTS[place:], map(int, digits)))


@lru_cache(maxsize=20_000)
def birth_in_number(eight: str) -> date | None:
    """The date written in positions 7–14, or None when no such day exists."""
    try:
        born = date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None
    return born if born.year >= 1900 else None


def upgrade_15(number: str) -> str:
    """A first-generation 15-digit number as its 18-digit form (born 19xx)."""
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_digit(first17)


def resident_fault(number: str) -> IdFault | None:
    """What is wrong with a cleaned 18-character resident number, or None."""
    if len(number) != 18:
        return IdFault.LENGTH
    if not RESIDENT_ID.fullmatch(number):
        return IdFault.CHARACTERS
    if birth_in_number(number[6:14]) is None:
        return IdFault.BIRTH
    if number.endswith("000"):
        # Excel keeps 15 digits of a number and pads with zeros; 8 % of such ruins pass the check digit, a true number ends so once in
        # a thousand: the paper decides (registers/checks/id_truncated.py).
        return IdFault.TRUNCATED
    return None if check_digit(number[:17]) == number[17] else IdFault.CHECK


def is_valid_resident(number: str) -> bool:
    """Whether the number could have been issued: form, birth date and check digit (one that ends in 000 could, too)."""
    return bool(RESIDENT_ID.fullmatch(number)) and birth_in_number(number[6:14]) is not None and check_digit(number[:17]) == number[17]


def birth_of(number: str) -> date | None:
    """Birth date of a resident number, None where it holds none."""
    return birth_in_number(number[6:14]) if RESIDENT_ID.fullmatch(number) else None


def sex_of(number: str) -> str:
    """'M' or 'F' after the 17th digit (odd is male), '' where the number is not a resident one."""
    if not RESIDENT_ID.fullmatch(number):
        return ""
    return "M" if int(number[16]) % 2 else "F"


def hide_numbers(text: str) -> str:
    """Free text in which no whole number can be read: every run of 15 or more digits is masked, and every resident number in groups.

    Full-width digits count; so do numbers with signs, spaces or invisible characters between their digits, where a birth date stands in the
    right place (two telephones in one cell stay). A text without such a number comes back as it is.
    """
    if len(text) < SHORTEST or not has_many_digits(text):
        return text
    plain = text.translate(NARROW)
    hidden = LONG_NUMBER.sub(lambda found: mask(found[0]), hide_residents(plain))  # a long run may be the head of a number in groups
    return text if hidden == plain else hidden


def hide_residents(text: str) -> str:
    """A code (of a household) in which no resident number can be read; other codes may be as long as they are."""
    return GROUPED_NUMBER.sub(lambda found: mask("".join(filter(str.isalnum, found[0]))), text.translate(NARROW))


def has_many_digits(text: str) -> bool:
    """Whether there are as many digits as a number has, letters a–z apart: the quick look at a whole column, its cells joined by ``JOINT``."""
    digits = text.encode("utf-8", "replace").translate(ZEROS, NOT_LOOKED_AT)
    return b"0" * SHORTEST in digits or any(digit in text for digit in WIDE_DIGITS)


SHORTEST = 15  # characters of a first-generation resident number
JOINT = "x"
LOOKED_AT = b"0123456789abcdefghijklmnopqrstuvwxyz"
ZEROS = bytes.maketrans(b"123456789", b"000000000")
NOT_LOOKED_AT = bytes(set(range(256)) - set(LOOKED_AT))
WIDE_DIGITS = "０１２３４５６７８９"
NARROW = dict(zip(map(ord, WIDE_DIGITS + "ＸｘＧＬＪｇｌｊ"), "0123456789XxGLJglj", strict=True))
LONG_NUMBER = re.compile(r"[GLJglj]?\d{15,}[Xx]?")
# Area, birth date, sequence (GB 11643-1999 §3), each character its own class; in the first generation the year has two digits.
AREA, CENTURY, BIRTH, SEQUENCE = ["[1-8]", *[r"\d"] * 5], ["[12]", "[09]"], [r"\d", r"\d", "[01]", r"\d", "[0-3]", r"\d"], [r"\d"] * 3
BETWEEN = r"[\W_]{0,9}"  # anything but letters and digits; invisible signs vanish when a cell is cleaned
GROUPED_NUMBER = re.compile(
    rf"(?<!\d)[GLJglj]?(?:{BETWEEN.join([*AREA, *CENTURY, *BIRTH, *SEQUENCE, '[0-9Xx]'])}|{BETWEEN.join([*AREA, *BIRTH, *SEQUENCE])})(?!\d)"
)


def kind_of(number: str) -> IdKind:
    """The kind a cleaned number has by its own form."""
    if RESIDENT_ID.fullmatch(number):
        return IdKind.RESIDENT
    if DISABILITY_CERTIFICATE.fullmatch(number):
        return IdKind.DISABILITY
    if STUDENT_NUMBER.fullmatch(number):
        return IdKind.STUDENT
    return IdKind.OTHER


def mask(number: str) -> str:
    """The form that pages may show: 530113********1234, G530113********1234; short ones keep two at each end."""
    if len(number) == 18:  # nearly every number
        return f"{number[:6]}********{number[14:]}"
    head = 7 if len(number) == 19 and number[0] in "GLJ" else 6
    if len(number) >= head + 8:
        return f"{number[:head]}{'*' * (len(number) - head - 4)}{number[-4:]}"
    keep = min(2, len(number) // 3)
    return f"{number[:keep]}{'*' * (len(number) - 2 * keep)}{number[len(number) - keep :]}"
