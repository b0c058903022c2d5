"""Who answers on a day: the holders of the twelve posts, by class, group, school, village, township, district, or for a child alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from apps.cases.models import Case, Duty, Guarantor
from apps.cases.rules.duties import is_asked
from apps.schools.models import Catchment

DIGITS = str.maketrans("一二三四五六七八九", "123456789")
NO_POSTS = ("双线十二人",)
GROUP_WORDS = re.compile(r"村民小组|村民组|小组|组|社")


class Holders:
    """Who holds the posts of a district on a day, ready to be asked for any child: the nearest place wins, the child's own first of all. Of two
    who were named for one place the later one counts. Two reads, and one more where children have no school; what a place answers is looked up
    once, however many children are of it."""

    def __init__(self, district: str, *, day: date, cases: Sequence[Case] = ()) -> None:
        self.duties = list(Duty.objects.filter(district_code=district, is_active=True))
        self.at: dict[tuple[int, str], Guarantor] = {}
        self.groups: dict[tuple[int, str], list[Guarantor]] = defaultdict(list)
        for one in Guarantor.objects.in_force(day).filter(district_code=district).order_by("first_day", "pk"):
            if one.group and one.case_id is None:
                self.groups[one.duty_id, one.region_code].append(one)
            else:
                self.at[one.duty_id, place_of(one)] = one
        homeless = {case.village_code for case in cases if case.school_id is None and case.village_code}
        taken_in = Catchment.objects.filter(region__in=homeless).values_list("region_id", "stage", "school_id") if homeless else []
        self.catchment = {(village, stage): school for village, stage, school in taken_in}
        self.places: dict[tuple[Any, ...], dict[int, Guarantor | None]] = {}  # class, school, village, township -> what they answer

    def of(self, case: Case) -> dict[Duty, Guarantor | None]:
        """Each post in order -> who holds it for this child; None where nobody is named for any of its places. Without the posts of a village
        that a child of another district's household has not."""
        key = (case.school_class_id, case.school_id, case.village_code, case.township_code, case.stage)
        if key not in self.places:
            self.places[key] = {duty.pk: self._of_places(duty, case) for duty in self.duties}
        there = self.places[key]
        found = {
            duty: self.at.get((duty.pk, f"case:{case.pk}")) or self._of_group(duty, case) or there[duty.pk]
            for duty in self.duties if is_asked(duty.level, home=case.village_code or case.township_code, district=case.district_code)
        }  # fmt: skip
        return found if case.school_class_id is not None else self._without_class(found)

    def _without_class(self, found: dict[Duty, Guarantor | None]) -> dict[Duty, Guarantor | None]:
        """A child without a class is the principal's: its line's first holder at a school answers where nobody is named for the class."""
        heads = {duty.line: holder for duty, holder in reversed(found.items()) if duty.level == Duty.Level.SCHOOL and holder}
        return {duty: holder or (heads.get(duty.line) if duty.level == Duty.Level.CLASS else None) for duty, holder in found.items()}

    def _of_group(self, duty: Duty, case: Case) -> Guarantor | None:
        """The head of the child's group, where its address names the group, or where the village has only the one."""
        heads = self.groups.get((duty.pk, case.village_code), []) if case.village_code else []
        named = [one for one in heads if names_group(case.child.address, group_key(one.group))]
        if named:
            return named[-1]
        return heads[-1] if len({one.group for one in heads}) == 1 else None

    def _of_places(self, duty: Duty, case: Case) -> Guarantor | None:
        return next((found for place in self._places(duty, case) if (found := self.at.get((duty.pk, place)))), None)

    def _places(self, duty: Duty, case: Case) -> Iterator[str]:
        """The child's places, the nearest first; the government's line goes by the household, the education's by the school."""
        school = case.school_id or self.catchment.get((case.village_code, case.stage)) or self.catchment.get((case.village_code, "primary"))
        if case.school_class_id:
            yield f"class:{case.school_class_id}"
        if school:
            yield f"school:{school}"
        if case.village_code:
            yield f"region:{case.village_code}"
        towns = [case.township_code, case.school.township_id if case.school else ""]
        for town in reversed(towns) if duty.line == Duty.Line.EDUCATION else towns:
            if town:
                yield f"region:{town}"
        yield "region:"


def place_of(one: Guarantor) -> str:
    """For what a person is named, as a key: a child, a class, a school, a village, a township, '' the district."""
    if one.case_id is not None:
        return f"case:{one.case_id}"
    if one.school_class_id is not None:
        return f"class:{one.school_class_id}"
    return f"school:{one.school_id}" if one.school_id is not None else f"region:{one.region_code}"


def group_key(name: str) -> str:
    """A group's name without what all of them share: 第三村民小组, 三组 and 3社 are 3."""
    return GROUP_WORDS.sub("", name.translate(DIGITS)).removeprefix("第").strip()


def names_group(address: str, key: str) -> bool:
    """Whether an address names a group."""
    said = GROUP_WORDS.sub("组", address.translate(DIGITS))
    return bool(key) and _named(key).search(said) is not None


@lru_cache(maxsize=4096)
def _named(key: str) -> re.Pattern[str]:
    """A group's name in an address."""
    return re.compile(rf"(?<![\d十]){re.escape(key)}组")


def answering(cases: Sequence[Case], *, day: date) -> dict[int, dict[Duty, Guarantor | None]]:
    """Case -> each active post of its district in order -> who holds it for this child. A fixed number of reads, however many cases of one
    district (``child`` and ``school`` read with them)."""
    if not cases:
        return {}
    held = Holders(cases[0].district_code, day=day, cases=cases)
    return {case.pk: held.of(case) for case in cases}


def unheld(cases: Sequence[Case], *, day: date) -> dict[int, list[Duty]]:
    """Case -> the posts that nobody holds for its child; only cases that lack one. A district without posts: none to name, and all lacking."""
    told = answering(cases, day=day)
    return {pk: [duty for duty, holder in held.items() if holder is None] for pk, held in told.items() if None in held.values() or not held}


def missing_duties(cases: Sequence[Case], *, day: date) -> dict[int, tuple[str, ...]]:
    """The same in words. A district without posts lacks them all in one word."""
    return {pk: tuple(duty.label for duty in duties) or NO_POSTS for pk, duties in unheld(cases, day=day).items()}


def local(held: dict[Duty, Guarantor | None]) -> dict[Duty, Guarantor | None]:
    """Of the posts of a child those of the government's line in its village: who goes to the door."""
    return {duty: holder for duty, holder in held.items() if duty.line == Duty.Line.GOVERNMENT and duty.level == Duty.Level.VILLAGE}


PLACED = ("district_code", "school_class_id", "school_id", "village_code", "township_code", "stage", "child__address", "school__township_id")


def answered_for_by(rows: Any, name: str, *, district: str, day: date) -> QuerySet[Case]:
    """Of some cases of a district those for whose child somebody of this name answers on a day, as ``answering`` says. A fixed number of reads:
    the places of the name narrow the cases, then the nearest holder of each decides."""
    held = list(Guarantor.objects.in_force(day).filter(district_code=district, name=name))
    near = list(rows.filter(reached_from(held)).select_related("child", "school").only(*PLACED))
    told = answering(near, day=day)
    found: QuerySet[Case] = rows.filter(
        pk__in=[pk for pk, posts in told.items() if any(one is not None and one.name == name for one in posts.values())]
    )
    return found


def reached_from(held: Sequence[Guarantor]) -> Q:
    """The cases that the places of some holders may reach at all: a place of the whole district reaches every one."""
    if any(place_of(one) == "region:" for one in held if one.case_id is None):
        return Q()
    schools = [one.school_id for one in held if one.school_id and not one.school_class_id]
    regions = [one.region_code for one in held if one.region_code]
    taken_in = Catchment.objects.filter(school__in=schools).values("region_id")
    return (
        Q(pk__in=[one.case_id for one in held if one.case_id])
        | Q(school_class__in=[one.school_class_id for one in held if one.school_class_id])
        | Q(school__in=schools) | Q(school=None, village_code__in=taken_in)
        | Q(village_code__in=regions) | Q(township_code__in=regions) | Q(school__township__in=regions)
    )  # fmt: skip
