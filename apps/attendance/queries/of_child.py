"""What the school day says of one child: for its card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from apps.attendance.models import AbsenceRun, Contact, Leave, Mark, RollCall, Seat
from apps.attendance.queries.leaving import standing
from apps.attendance.queries.readable import readable
from apps.attendance.rules import MARKS_OF_ABSENCE, Code
from apps.core.medical import Reader
from apps.core.scope import Level, Scope

SHOWN = 60  # marks and contacts at most: a term has about a hundred school days

AT_SCHOOL = (Level.CLASS, Level.SCHOOL)


@dataclass(slots=True)
class OfChild:
    """This term of one child: class-days that were taken while it sat there, its marks, leaves, contacts and runs of absence."""

    taken: int = 0
    counts: list[tuple[str, int]] = field(default_factory=list)  # 缺勤 3, 迟到 1 …
    marks: list[Mark] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    runs: list[AbsenceRun] = field(default_factory=list)

    @property
    def present(self) -> int:
        """Class-days on which nothing says that the child was away."""
        return self.taken - sum(mark.code in MARKS_OF_ABSENCE for mark in self.marks)


def of_child(family: list[int], scope: Scope, reader: Reader, *, since: date, today: date) -> OfChild:
    """The school day of a child (and of those merged into it) since the first day of the term, as far as the scope may see and the post
    may read.

    〔方案二（三）2〕第 3 日起才是乡镇和区教体局的事：更早的只由学校掌握。"""
    found = OfChild()
    seats = Q(pk__in=[])
    for room, first, last in Seat.objects.within(scope).filter(child__in=family, away="").values_list("school_class_id", "first_day", "last_day"):
        seats |= Q(school_class_id=room, day__range=(max(first, since), min(last or today, today)))
    found.taken = RollCall.objects.filter(seats).count()
    found.marks = readable(Mark.objects.within(scope).filter(child__in=family, day__range=(since, today)).order_by("-day"), reader)
    counted = Counter(mark.code for mark in found.marks)
    found.counts = [(code.label, counted[code]) for code in Code if counted[code]]
    found.leaves = standing(Leave.objects.within(scope).filter(child__in=family, last_day__gte=since), today=today)
    found.contacts = readable(Contact.objects.within(scope).filter(child__in=family, day__gte=since)[:SHOWN], reader)
    runs = AbsenceRun.objects.within(scope).filter(child__in=family, last_day__gte=since).order_by("-first_day")
    found.runs = list(runs if scope.level in AT_SCHOOL else runs.suspected())
    return found
