"""A few thousand rows of one sheet, column by column: cells as they stood in the file and values as they will be stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apps.core.ids import IdFault
from apps.schools.policy import BY_KEY


@dataclass(frozen=True)
class Options:
    """What the uploader said with the file.

    ``school_code``/``township_code`` bind the file to one place; ``school_year`` is the year its autumn lies in; ``townships`` and
    ``schools`` are name → code of the district; ``learned`` heading → field; ``entry_age``, ``leaving_age`` and ``entry_cutoff`` the
    district's numbers (schools/policy.py).
    """

    school_code: str = ""
    school_name: str = ""
    township_code: str = ""
    school_year: int | None = None
    townships: dict[str, str] = field(default_factory=dict)
    schools: dict[str, str] = field(default_factory=dict)
    learned: dict[str, str] = field(default_factory=dict)
    entry_age: int = BY_KEY["entry_age"].default
    leaving_age: int = BY_KEY["leaving_age"].default
    entry_cutoff: int = BY_KEY["entry_cutoff"].default


@dataclass(slots=True)
class Block:
    """``cells`` by field as read (only fields the file has), ``values`` by staged column (every column a list of ``size`` texts),
    ``extra`` heading → cells of columns nobody knows, ``faults`` of the ID numbers, ``stated``
    birth dates and sexes before the ID number filled them in, ``repairs`` (index, column, before, after)."""

    kind: str
    options: Options
    sheet: str
    first_row: int
    sheet_rows: list[int]
    cells: dict[str, list[Any]]
    titles: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    extra: dict[str, list[str]] = field(default_factory=dict)
    faults: list[IdFault | None] = field(default_factory=list)
    stated: dict[str, list[str]] = field(default_factory=dict)
    repairs: list[tuple[int, str, str, str]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.sheet_rows)

    def column(self, name: str) -> list[str]:
        """The clean values of a staged column, empty texts where the file has none."""
        found = self.values.get(name)
        if found is None:
            found = self.values[name] = [""] * self.size
        return found

    def both(self, column: str, source: str = "") -> Iterator[tuple[int, Any, str]]:
        """(index, cell as read, clean value) of a column the file has; nothing where it has none."""
        cells = self.cells.get(source or column)
        return iter(()) if cells is None else zip(range(self.size), cells, self.column(column), strict=True)
