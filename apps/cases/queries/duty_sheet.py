"""双线十二人 as a sheet: every post at every place of a scope, with who holds it; fixed reads for a whole district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from apps.cases.models import Duty, Guarantor
from apps.cases.queries.places import Covers
from apps.cases.rules.duties import may_name
from apps.core.scope import Scope
from apps.schools.models import School, SchoolClass

HEADINGS = ("岗位", "地方代码", "地方", "班级", "村民小组", "姓名", "职务", "电话", "自")
Key = tuple[int, str, int, str]  # post, code of the place ('' the district's), class (0 none), group


@dataclass(frozen=True, slots=True)
class Spot:
    """A post at a place; ``code`` of a region or a school as the sheet has it."""

    duty: Duty
    code: str
    name: str
    school: School | None = None
    room: SchoolClass | None = None

    @property
    def key(self) -> Key:
        """As ``held`` names it; without a group."""
        return self.duty.pk, self.code, self.room.pk if self.room else 0, ""


def spots(scope: Scope, *, day: date) -> list[Spot]:
    """What a post at the scope names, the district first, then its townships with what lies in them."""
    covers = Covers(scope, day=day)
    mine = [duty for duty in covers.duties if may_name(duty.level, standing_at=scope.level) and duty.level != Duty.Level.CHILD]
    return [*of_regions(covers, mine), *of_schools(covers, mine)]


def of_regions(covers: Covers, mine: list[Duty]) -> Iterator[Spot]:
    """The posts of districts, townships, villages and their groups."""
    for region in sorted(covers.regions.values(), key=lambda one: one.pk):
        levels = {"district": ("district",), "township": ("township",), "village": ("village", "group")}[region.level]
        yield from (Spot(duty, region.pk, region.name) for duty in mine if duty.level in levels)


def of_schools(covers: Covers, mine: list[Duty]) -> Iterator[Spot]:
    """The posts of schools and of their classes."""
    for school in covers.schools:
        yield from (Spot(duty, school.pk, school.name, school) for duty in mine if duty.level == Duty.Level.SCHOOL)
        for room in covers.rooms[school.pk]:
            yield from (Spot(duty, school.pk, school.name, school, room) for duty in mine if duty.level == Duty.Level.CLASS)


def held(scope: Scope, *, day: date) -> dict[Key, Guarantor]:
    """Who holds what in the district, on a day or later."""
    rows = Guarantor.objects.within(scope).filter(case=None).exclude(last_day__lt=day)
    return {(row.duty_id, row.school_id or row.region_code or scope.district, row.school_class_id or 0, row.group): row for row in rows}


def lines(scope: Scope, *, day: date) -> list[tuple[str, ...]]:
    """The sheet to be filled in: who is named stands there, what is free stays empty; every group that has its head, and a line for a further one."""
    known = held(scope, day=day)
    told: list[tuple[str, ...]] = []
    for spot in spots(scope, day=day):
        groups = sorted(key[3] for key in known if key[:3] == spot.key[:3] and key[3]) if spot.duty.level == Duty.Level.GROUP else []
        told.extend(line(spot, group, known.get((*spot.key[:3], group))) for group in [*groups, ""])
    return told


def line(spot: Spot, group: str, holder: Guarantor | None) -> tuple[str, ...]:
    """One row of the sheet."""
    person = (holder.name, holder.job, holder.phone, holder.first_day.isoformat()) if holder else ("", "", "", "")
    return (spot.duty.label, spot.code, spot.name, str(spot.room or ""), group, *person)
