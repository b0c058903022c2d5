"""What comes next, whose it is, by when: written onto the case after every change, and for all open cases every night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from apps.cases.models import Case
from apps.cases.queries.facts import Book, book
from apps.cases.queries.idle import township_of
from apps.cases.queries.tasks import store_tasks
from apps.cases.rules import climbing
from apps.cases.workflow import idle_since

CHUNK = 2000  # cases brought up to date at once
COLUMNS = ("task", "owner_role", "owner_region", "due_on", "try_on", "is_unseen", "climbed")


def refresh(*, cases: Iterable[int], today: date) -> int:
    """Bring the next task of some cases up to date. A fixed number of reads and one write for each chunk, whose cases nobody changes meanwhile:
    what is written is what holds. Returns how many cases changed."""
    ids = sorted(set(cases))
    return sum(_chunk(ids[start : start + CHUNK], today=today) for start in range(0, len(ids), CHUNK))


@transaction.atomic
def _chunk(ids: Sequence[int], *, today: date) -> int:
    held = Case.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True)
    rows = list(held.select_related("child", "school", "school_class").order_by("pk"))
    return sum(_refresh([row for row in rows if row.district_code == district], today=today) for district in {row.district_code for row in rows})


def _refresh(rows: Sequence[Case], *, today: date) -> int:
    known = book([row for row in rows if row.is_open], today=today)
    stale = []
    for row in rows:
        before = [getattr(row, name) for name in COLUMNS]
        row.task, row.owner_role, row.owner_region, row.due_on = standing(row, known)
        row.try_on = next_try(row, known)
        row.is_unseen = row.is_open and known.facts[row.pk].is_unseen
        row.climbed = min(row.climbed, reached(row, known))
        if [getattr(row, name) for name in COLUMNS] != before:
            stale.append(row)
    store_tasks(stale)
    return len(stale)


def standing(case: Case, known: Book) -> tuple[str, str, str, date | None]:
    """(task, role, region, deadline) of a case; nothing for one that has ended. A child without a class is the principal's, one without a
    school the township's, one without a township the bureau's: no case is without a post."""
    if not case.is_open:
        return "", "", "", None
    task, due = known.task(case)
    role = task.role
    if role == "head_teacher" and case.school_class_id is None:
        role = "principal"
    if role == "principal" and case.school_id is None:
        role = "township"
    facts = known.facts[case.pk]
    region = facts.assigned_to or township_of(case) if role == "township" else ""
    return task.code, role if role != "township" or region else "bureau", region, due


def next_try(case: Case, known: Book) -> date | None:
    """By when the family is to be visited again; None where nobody goes there."""
    if not case.is_open or not known.task(case)[0].tries:
        return None
    facts = known.facts[case.pk]
    return climbing.next_try(facts.progress_on, pauses=facts.pauses, numbers=known.numbers)


def refresh_all(*, today: date) -> int:
    """Every open case of every district: the calendar, a policy or the roll calls may have changed since. Returns how many changed."""
    return refresh(cases=Case.objects.open().values_list("pk", flat=True), today=today)


def reached(case: Case, known: Book) -> int:
    """How far up the ladder the idle days of a case reach now; real progress brings it down at once, only ``actions.climbing`` takes it up."""
    if not case.is_open:
        return 0
    facts = known.facts[case.pk]
    since = idle_since(case.standing, task=case.task, progress_on=facts.progress_on, due_on=case.due_on)
    idle = climbing.idle_days(since, today=known.today, pauses=facts.pauses, most=known.numbers["pause_total_days"])
    level = climbing.climbed(idle, numbers=known.numbers)
    return climbing.rung(level, has_school=case.school_id is not None, has_township=bool(township_of(case)))
