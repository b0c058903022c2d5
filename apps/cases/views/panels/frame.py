"""What every section of the page of a case is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.cases.models import Case, CaseEntry
from apps.cases.queries.facts import Book
from apps.cases.rules.facts import Facts
from apps.core.medical import Reader, reader
from apps.core.scope import Actor
from apps.schools.policy import Policy


@dataclass(frozen=True, slots=True)
class Frame:
    """One case as one post looks at it on one day. ``bound``: forms that were refused, by name, to be shown again with their reasons."""

    case: Case
    actor: Actor
    today: date
    book: Book
    bound: dict[str, Any] = field(default_factory=dict)
    corrects: CaseEntry | None = None  # the line that somebody wants to correct
    duties_on: date | None = None  # a past day, whose people somebody asks for

    @property
    def facts(self) -> Facts:
        """What the rules look at."""
        return self.book.facts[self.case.pk]

    @property
    def reader(self) -> Reader:
        """Which medical facts the post may read."""
        return reader(self.actor.rights)

    @property
    def numbers(self) -> Policy:
        """The numbers in force."""
        return self.book.numbers
