"""What the linking rule sees of one row of a register, and how common values are.

Everything is text in its compare form, '' where the register does not say. Nothing here knows Django or a database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import log2
from typing import NamedTuple, Self


class Row(NamedTuple):
    """One entry of a register; ``Row._make(tuple)`` builds it from a database tuple in the order below.

    ``birth`` is 'YYYYMMDD' *as the register's own column says it*, never filled in from the identity number: an equal number is
    believed only where name or birth date agrees too, and a date copied from the number would make that circular.
    ``id_number`` is cleaned (``core.ids.clean_number``) but may be wrong; ``name_key`` and ``guardian_key`` are ``core.names.compare_key``;
    ``name_sound`` is ``core.names.sound_key``; ``village`` is the village's code or the address without the township's name.
    """

    id: int
    name_key: str = ""
    name_sound: str = ""
    sex: str = ""  # 'M', 'F', ''
    birth: str = ""
    id_number: str = ""
    student_number: str = ""
    guardian_key: str = ""
    phone: str = ""
    township: str = ""
    village: str = ""
    school: str = ""
    grade: int | None = None
    class_name: str = ""
    household: str = ""
    other_phone: str = ""  # a second telephone of the family: 联系电话 beside the guardian's own
    head: str = ""  # compare key of the head of the household (户主), where that is another than the guardian

    @property
    def phones(self) -> tuple[str, ...]:
        """Every telephone the row gives."""
        return tuple(filter(None, (self.phone, self.other_phone)))

    @property
    def adults(self) -> tuple[str, ...]:
        """Compare keys of the grown-ups the row names: one list has the father, another the mother."""
        return tuple(filter(None, (self.guardian_key, self.head)))


class Decision(StrEnum):
    """What the rule, or a person, says about a pair."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why an exact pass believes two rows to be one child: a stable code and a sentence for people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule's answer for a pair: log2 odds of being one child, the decision, the reasons in words, the kind of basis."""

    score: float
    decision: Decision
    reasons: tuple[str, ...]
    basis_code: str


@dataclass(frozen=True, slots=True)
class Link:
    """One pair of rows with the reason for believing (or doubting) it."""

    left: int
    right: int
    score: float
    decision: Decision
    basis_code: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often names, villages and schools occur among ``total`` rows (both registers together): rare agreement says more."""

    total: int
    names: Mapping[str, int] = field(default_factory=dict)
    villages: Mapping[str, int] = field(default_factory=dict)
    schools: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, *registers: Iterable[Row]) -> Self:
        """Count over the *whole* registers, not only over what the exact passes left."""
        names: Counter[str] = Counter()
        villages: Counter[str] = Counter()
        schools: Counter[str] = Counter()
        total = 0
        for rows in registers:
            rows = list(rows)
            total += len(rows)
            names.update([row.name_key for row in rows])
            villages.update([row.village for row in rows])
            schools.update([row.school for row in rows])
        return cls(total, names, villages, schools)

    def rarity(self, counts: Mapping[str, int], one: str, other: str, *, usual: float, least: float, most: float) -> float:
        """log2 of 'one row in how many', by the commoner of two values, held between ``least`` and ``most``; ``usual`` where uncounted."""
        count = max(counts.get(one, 0), counts.get(other, 0))
        if not count or self.total < SMALLEST_COUNTED:
            return usual
        return min(most, max(least, log2(self.total / count)))


# Below this many rows counts say nothing about how common a name is in the district.
SMALLEST_COUNTED = 2_000
UNKNOWN_FREQUENCY = Frequency(0)
