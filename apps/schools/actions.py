"""Setting up places and times: regions, terms, the calendar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar import constants as national
from django.db import transaction

from apps.core.errors import Refused
from apps.schools.models import CalendarDay, CalendarYear, Region, Term, TermSpan
from apps.schools.rules import TermName, default_spans


@transaction.atomic
def load_regions(*, path: Path) -> int:
    """Put the places of a JSON file ([{code, name, level, parent}], parents first) into the tree; return how many are new or changed."""
    stored = {r.code: (r.name, r.level, r.parent_id) for r in Region.objects.all()}
    changed = [
        Region(code=row["code"], name=row["name"], level=row["level"], parent_id=row["parent"], order=order)
        for order, row in enumerate(json.loads(path.read_text(encoding="utf-8")))
        if stored.get(row["code"]) != (row["name"], row["level"], row["parent"])
    ]
    Region.objects.bulk_create(changed, update_conflicts=True, unique_fields=["code"], update_fields=["name", "level", "parent", "order"])
    return len(changed)


@transaction.atomic
def ensure_term(*, district: str, code: str) -> Term:
    """The district's term ``2026-2027-1``; one that nobody set up is made from the default days and stays to be confirmed.

    Refused with a sentence where the code is no term.
    """
    try:
        spans = default_spans(TermName.parse(code))
    except ValueError as fault:
        raise Refused(str(fault), code="term") from fault
    first, last = min(s[2] for s in spans), max(s[3] for s in spans)
    term, is_new = Term.objects.get_or_create(district_code=district, code=code, defaults={"first_day": first, "last_day": last})
    if is_new:
        TermSpan.objects.bulk_create(
            TermSpan(term=term, grade_from=low, grade_to=high, first_day=start, last_day=end) for low, high, start, end in spans
        )
    return term


@dataclass(frozen=True, slots=True)
class Seeded:
    """What ``seed_calendar`` did: the year's row and how many days were added."""

    year: CalendarYear
    days: int


@transaction.atomic
def seed_calendar(*, district: str, year: int) -> Seeded:
    """Fill a year from the national holiday arrangement (package chinese_calendar); what people entered is never overwritten.

    A year the package does not know stands on weekends alone and is to be confirmed; it is filled when the package learns it,
    unless somebody confirmed it by then. A year filled once is left alone.
    """
    row, is_new = CalendarYear.objects.select_for_update().get_or_create(
        district_code=district, year=year, defaults={"origin": CalendarDay.Origin.WEEKDAY, "is_confirmed": False}
    )
    days = national_days(year=year)
    if not days or not (is_new or (row.origin == CalendarDay.Origin.WEEKDAY and not row.is_confirmed)):
        return Seeded(row, 0)
    added = CalendarDay.objects.bulk_create(
        [CalendarDay(district_code=district, day=day, is_school_day=works, note=note, origin=CalendarDay.Origin.SEED) for day, works, note in days],
        ignore_conflicts=True,
    )
    row.origin, row.is_confirmed = CalendarDay.Origin.SEED, True
    row.save(update_fields=["origin", "is_confirmed"])
    return Seeded(row, len(added))


def national_days(*, year: int) -> list[tuple[date, bool, str]]:
    """(day, is a working day, words) of a year's national holidays and make-up work days; empty for a year the package does not know."""
    chinese = {holiday.value: holiday.chinese for holiday in national.Holiday}
    off = [(day, False, chinese.get(name, name)) for day, name in national.holidays.items() if day.year == year]
    on = [(day, True, f"{chinese.get(name, name)}调休上课") for day, name in national.workdays.items() if day.year == year]
    return sorted(off + on)


def around(*, day: date) -> list[int]:
    """The calendar years that the school years around a day touch."""
    return sorted({(day - timedelta(366)).year, day.year, (day + timedelta(366)).year})
