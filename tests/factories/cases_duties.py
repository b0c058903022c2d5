"""People who answer: the twelve posts, their holders at every place of a cast, assignments, the nightly clock."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from apps.cases.actions import climbing, clocks
from apps.cases.actions.duties import ensure_duties
from apps.cases.models import Case, Duty, Guarantor
from apps.core.scope import SYSTEM
from tests.cast import HOME, NOW, Cast, Place

ZONE = ZoneInfo("Asia/Shanghai")
BEGUN = date(2026, 9, 1)


def duty(code: str, *, district: str = HOME) -> Duty:
    """One of the twelve, made with its district's where it is not there yet."""
    ensure_duties(district=district)
    return Duty.objects.get(district_code=district, code=code)


def named(code: str, name: str, *, district: str = HOME, first_day: date = BEGUN, **place: Any) -> Guarantor:
    """Somebody holds a post: ``place`` is region_code, school, school_class, group or case."""
    made: Guarantor = Guarantor.objects.create(
        duty=duty(code, district=district), district_code=district, name=name, first_day=first_day, named_at=NOW, by_name="甲", by_title="乙", **place
    )
    return made


def twelve(cast: Cast, *, place: Place | None = None) -> None:
    """Every post of the first school's and the first village's children is held."""
    at = place or cast.home
    district, town, village, school = at.district, at.townships[0].code, at.villages[0].code, at.schools[0]
    where: dict[str, dict[str, Any]] = {
        "gov_leader": {}, "gov_township_head": {"region_code": town}, "gov_township_deputy": {"region_code": town},
        "gov_township_cadre": {"region_code": village}, "gov_village": {"region_code": village}, "gov_group": {"region_code": village},
        "edu_leader": {}, "edu_officer": {}, "edu_central": {"region_code": town}, "edu_principal": {"school": school},
        "edu_head_teacher": {"school": school}, "edu_teacher": {"school": school},
    }  # fmt: skip
    for number, (code, spot) in enumerate(where.items()):
        named(code, f"责测{number}", district=district, **spot)


def moment(day: date, hour: int = 9) -> datetime:
    """An hour of a day in the district."""
    return datetime.combine(day, time(hour), ZONE)


def night(day: date, *, district: str = HOME) -> int:
    """What the timetable does at 01:30 of a day; how many levels were told."""
    clocks.refresh_all(today=day)
    return climbing.climb(district=district, by=SYSTEM, today=day, now=moment(day, 1))


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    return Case.objects.select_related("child", "school", "school_class").get(pk=case.pk)
