"""One inbox of a township or village: the children of whom a school reported, and those the bureau handed over, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.cases.models import Case, Duty, Guarantor
from apps.cases.queries.assigned import Charged, charged
from apps.cases.queries.duties import answering, local
from apps.core.scope import Scope
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.queries.places import Places


@dataclass(frozen=True, slots=True)
class Entry:
    """One child: its case, what the school reported (the newest report) or the bureau handed over, or both; by when what; who goes there."""

    case: Case
    row: board.Row | None
    charged: Charged | None
    what: str
    due: date | None
    today: date
    village: str
    map: str
    people: dict[Duty, Guarantor | None]

    @property
    def report(self) -> ThreeLineReport | None:
        """What the school reported."""
        return self.row.report if self.row else None

    @property
    def days(self) -> int | None:
        """Days of the calendar left; below 0 when over."""
        return (self.due - self.today).days if self.due else None

    @property
    def age(self) -> int | None:
        """Whole years."""
        born, today = self.case.child.birth_date, self.today
        return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def entries(scope: Scope, *, today: date) -> list[Entry]:
    """Everything in the inbox; a fixed number of reads."""
    reported = board.assigned(scope, today=today)
    given = {one.case.pk: one for one in charged(scope, today=today)}
    rows: dict[int, board.Row] = {}
    for row in sorted(reported, key=lambda row: row.report.begun_on):
        rows[row.report.case_id] = row  # of two absences the later one
    cases = {one.case.pk: one.case for one in given.values()} | {pk: row.report.case for pk, row in rows.items()}
    places = Places([*cases.values(), *(row.report for row in rows.values())])
    people = answering(list(cases.values()), day=today)
    made = [entry(case, rows.get(pk), given.get(pk), places, local(people[pk]), today) for pk, case in cases.items()]
    return sorted(made, key=lambda one: (one.due is None, one.due or today, one.case.pk))


def entry(case: Case, row: board.Row | None, given: Charged | None, places: Places, people: dict[Duty, Guarantor | None], today: date) -> Entry:
    """One child with the first of its deadlines."""
    waits: list[tuple[date, str]] = []
    if row and row.visit and row.visit.left is not None:
        waits.append((row.visit.due, "首次走访"))
    if given and given.due:
        waits.append((given.due, given.what))
    due, what = min(waits, default=(None, "继续劝返"))
    spot = row.report if row else case
    return Entry(case, row, given, what, due, today, places.village(spot), places.map_link(spot), people)
