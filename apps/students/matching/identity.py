"""Identity numbers compared segment by segment (GB 11643-1999: area 6, birth 8, sequence 3, check 1).

Two children born the same day in one county share 14 of the 18 digits, so likeness of the whole string says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from apps.core.ids import is_valid_resident

SHORTEST_NUMBER = 15  # shorter ones are remains of a number


class IdLikeness(StrEnum):
    """How two numbers relate; the values are codes of the weights table, or 'id_missing'."""

    MISSING = "id_missing"
    SAME = "id_same"
    DIGIT = "id_digit"
    SWAP = "id_swap"
    TWO = "id_two"
    AREA = "id_area"
    BIRTH = "id_birth"
    SEQUENCE = "id_sequence"
    MOVED = "id_moved"
    OTHER = "id_other"
    UNREADABLE = "id_unreadable"


@dataclass(frozen=True, slots=True)
class IdComparison:
    """The relation of two numbers and, segment by segment, what agrees; ``contradicts`` when both are valid and simply two numbers."""

    likeness: IdLikeness
    area: bool = False
    birth: bool = False
    sequence: bool = False
    check: bool = False

    @property
    def contradicts(self) -> bool:
        return self.likeness in (IdLikeness.SEQUENCE, IdLikeness.MOVED, IdLikeness.OTHER)

    @property
    def agrees(self) -> bool:
        return self.likeness in AGREEING


AGREEING = frozenset({IdLikeness.SAME, IdLikeness.DIGIT, IdLikeness.SWAP, IdLikeness.TWO, IdLikeness.AREA, IdLikeness.BIRTH})
_MISSING = IdComparison(IdLikeness.MISSING)


@lru_cache(maxsize=200_000)
def is_valid(number: str) -> bool:
    """``is_valid_resident``, remembered: a row meets many others."""
    return is_valid_resident(number)


def birth_in(number: str) -> str:
    """'YYYYMMDD' inside a valid number, '' otherwise."""
    return number[6:14] if is_valid(number) else ""


def compare_ids(a: str, b: str) -> IdComparison:
    """Compare two cleaned numbers; symmetric. One digit (or two neighbours exchanged) is forgiven only where a check digit fails."""
    if len(a) < SHORTEST_NUMBER or len(b) < SHORTEST_NUMBER:
        return _MISSING
    if a == b:
        return IdComparison(IdLikeness.SAME, area=True, birth=True, sequence=True, check=True)
    if len(a) != 18 or len(b) != 18:
        return IdComparison(IdLikeness.UNREADABLE)
    area, birth, sequence, check = a[:6] == b[:6], a[6:14] == b[6:14], a[14:17] == b[14:17], a[17] == b[17]
    if is_valid(a) and is_valid(b):
        return IdComparison(_both_valid(area, birth, sequence), area, birth, sequence, check)
    return IdComparison(_one_wrong(a, b), area, birth, sequence, check)


def _both_valid(area: bool, birth: bool, sequence: bool) -> IdLikeness:
    if birth and sequence:
        return IdLikeness.AREA
    if area and sequence:
        return IdLikeness.BIRTH
    if birth:
        return IdLikeness.SEQUENCE if area else IdLikeness.MOVED
    return IdLikeness.OTHER


def _one_wrong(a: str, b: str) -> IdLikeness:
    if a[14:] == "0000" or b[14:] == "0000" or a[15:] == "000" or b[15:] == "000":
        return IdLikeness.UNREADABLE  # fifteen digits of Excel: the rest is no evidence
    places = [i for i in range(18) if a[i] != b[i]]
    if len(places) == 1:
        return IdLikeness.DIGIT
    if len(places) != 2:
        return IdLikeness.UNREADABLE
    i, j = places
    if j == i + 1 and a[i] == b[j] and a[j] == b[i]:
        return IdLikeness.SWAP
    return IdLikeness.TWO
