"""Marks, leaves and contacts as a reader may read them: what a pupil is ill of is for those who may see the proofs of leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from apps.attendance.models import Contact, Leave, Mark
from apps.attendance.rules import Reason
from apps.core.medical import Reader, shown

R = TypeVar("R", Leave, Mark, Contact)
SAYS: dict[type[object], tuple[str, ...]] = {Leave: ("facts", "decision"), Mark: ("note",), Contact: ("text", "whereabouts")}


def readable(rows: Iterable[R], reader: Reader) -> list[R]:
    """The same rows, not to be stored: of those about an illness the words are left out where the reader may not read them."""
    told = list(rows)
    for row in told:
        if (row.kind if isinstance(row, Leave) else row.reason) == Reason.SICK:
            for name in SAYS[type(row)]:
                setattr(row, name, shown(getattr(row, name), may=reader.leaves))
    return told
