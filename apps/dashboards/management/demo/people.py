"""Families and their school-age children: names, numbers, addresses, grades, classes."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from apps.core.ids import check_digit
from apps.dashboards.management.demo.names import Namer
from apps.dashboards.management.demo.places import DISTRICT, Places, School, Village

OTHER_AREAS = ("530111", "530112", "530124", "530129", "530326", "530381", "513425", "520527", "532130", "530627")
FAMILY_SIZES = ((1, 55), (2, 33), (3, 10), (4, 2))
TWIN_SHARE = 0.012
DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


@dataclass(slots=True)
class Family:
    """A household: people of one address. ``kind`` is the comparison-③ class of the whole household."""

    number: str
    surname: str
    ethnicity: str
    village: Village
    group: int
    father: str
    mother: str
    head: str
    guardian: str
    guardian_relation: str
    guardian_number: str
    phone: str
    other_phone: str
    kind: str
    children: list[Child] = field(default_factory=list)


@dataclass(slots=True)
class Child:
    """One child as it truly is; registers are written from this."""

    pid: str
    family: Family
    name: str
    sex: str  # M or F
    born: date
    number: str  # the resident number
    grade: int
    school: School  # where it is, or would be, enrolled
    student_number: str = ""
    other_school: School | None = None  # where it sits, or is enrolled a second time
    class_no: int = 1
    boarding: bool = False
    left_behind: str = "0"
    disability: str = "无"
    local: bool = True  # household in this district
    situation: str = "plain"
    variant: int = 0
    former_name: str = ""
    new_number: str = ""  # number after a re-issue; the student number keeps the old one
    contradiction: str = ""

    @property
    def stage(self) -> str:
        return "primary" if self.grade <= 6 else "junior"


@dataclass(slots=True)
class Numbers:
    """Issues resident numbers: unique, right birth, sex parity, check digit; sequences cluster as police stations issue them."""

    rng: Random
    used: set[str] = field(default_factory=set)

    def issue(self, area: str, born: date, sex: str, station: int) -> str:
        """A new number; ``station`` (0–8) says in which part of the 000–999 range the search begins."""
        head = f"{area}{born:%Y%m%d}"
        start = station * 110 + self.rng.randrange(110)
        start += (start + (sex == "M")) % 2
        for step in range(0, 1000, 2):
            found = self.take(head, (start + step) % 1000)
            if found:
                return found
        raise ValueError(f"no number left for {head}")

    def take(self, head: str, sequence: int) -> str:
        """The number with exactly this sequence, or '' when it is taken."""
        first = f"{head}{sequence:03d}"
        if first in self.used:
            return ""
        self.used.add(first)
        return first + check_digit(first)


def grade_of(born: date, school_year: int) -> int:
    """Grade by the 31 August rule: six full years on 31 August of the school year's first year is grade 1."""
    return school_year - 5 - (born.year + (born.month >= 9))


class Population:
    """Makes families until there are enough children, then places them in schools and classes."""

    def __init__(self, rng: Random, places: Places, school_year: int) -> None:
        self.rng, self.places, self.school_year = rng, places, school_year
        self.namer = Namer(rng)
        self.numbers = Numbers(rng)
        self.children: list[Child] = []
        self.families: list[Family] = []
        self.station = {township.code: number for number, township in enumerate(places.townships)}
        self.totals = list(accumulate(township.weight for township in places.townships))
        self.inside = {township.code: places.villages_of(township.code) for township in places.townships}
        # Villages are clans: three surnames fill half of the houses, so equal names are common.
        self.clans = {village.code: [self.namer.surname() for _ in range(3)] for village in places.villages}

    def build(self, count: int) -> list[Child]:
        """Families and children until ``count`` children exist."""
        while len(self.children) < count:
            self._family()
        del self.children[count:]
        alive = set(map(id, self.children))
        for family in self.families[-1:]:
            family.children[:] = [child for child in family.children if id(child) in alive]
        return self.children

    def _family(self) -> None:
        rng, namer = self.rng, self.namer
        township = self.places.townships[bisect(self.totals, rng.random() * self.totals[-1])].code
        village = rng.choice(self.inside[township])
        ethnicity = namer.ethnicity()
        surname = rng.choice(self.clans[village.code]) if ethnicity == "汉族" and rng.random() < 0.5 else namer.surname(ethnicity)
        father = surname + namer.given("M")
        mother = namer.surname(ethnicity) + namer.given("F")
        grandfather = surname + namer.given("M")
        relation = rng.choices(("父亲", "母亲", "祖父"), weights=(58, 30, 12))[0]
        guardian = {"父亲": father, "母亲": mother, "祖父": grandfather}[relation]
        adult = date(rng.randrange(1975, 1995) - (22 if relation == "祖父" else 0), rng.randrange(1, 13), rng.randrange(1, 28))
        family = Family(
            number=f"{village.code[6:]}{len(self.families) + 1:06d}", surname=surname, ethnicity=ethnicity, village=village,
            group=rng.randrange(1, 16), father=father, mother=mother, head=rng.choice((father, father, grandfather)),
            guardian=guardian, guardian_relation=relation,
            guardian_number=self.numbers.issue(DISTRICT, adult, "F" if relation == "母亲" else "M", self.station[township]),
            phone=namer.phone(), other_phone=namer.phone(),
            kind=rng.choices(("general", "lifted_out", "unstable", "marginal", "sudden_hardship"), weights=(790, 180, 12, 12, 6))[0],
        )  # fmt: skip
        self.families.append(family)
        size = rng.choices([n for n, _ in FAMILY_SIZES], weights=[w for _, w in FAMILY_SIZES])[0]
        self._births(family, size)

    def _births(self, family: Family, size: int) -> None:
        rng = self.rng
        first = date(self.school_year - 15, 9, 1)
        days = (date(self.school_year - 6, 8, 31) - first).days
        chosen: list[int] = []
        for _ in range(size):
            day = rng.randrange(days + 1)
            if all(abs(day - other) > 300 for other in chosen):
                chosen.append(day)
        for day in sorted(chosen):
            born = first + timedelta(days=day)
            child = self.add(family, born, rng.choice("MMMMMMMMMMMMMFFFFFFFFFFFF"))
            if rng.random() < TWIN_SHARE:
                self._twin(child)

    def _twin(self, child: Child) -> None:
        twin = self.add(child.family, child.born, child.sex)
        number = self.numbers.take(child.number[:14], (int(child.number[14:17]) + 2) % 1000)
        if number:
            twin.number = number
        if len(child.name) == 3 and "·" not in child.name:  # twins are often named alike: one character differs
            twin.name = child.name[:2] + self.namer.given(child.sex)[-1]

    def add(self, family: Family, born: date, sex: str) -> Child:
        """One child of a family, with name, number and grade; not yet at a school."""
        rng = self.rng
        name = self.namer.full(family.surname, sex, family.ethnicity)
        area = DISTRICT if rng.random() < 0.94 else rng.choice(OTHER_AREAS)
        number = self.numbers.issue(area, born, sex, self.station[family.village.township])
        grade = grade_of(born, self.school_year)
        if grade > 1 and rng.random() < 0.02:
            grade -= 1  # started late or repeated a year
        school = self.places.by_catchment[family.village.code, "primary" if grade <= 6 else "junior"][0]
        child = Child(f"P{len(self.children) + 1:06d}", family, name, sex, born, number, grade, school)
        self.children.append(child)
        family.children.append(child)
        return child

    def rename_as(self, child: Child, model: Child) -> None:
        """Make ``child`` a different child of the same name, birth date, sex and grade as ``model`` (the linking trap)."""
        child.name, child.born, child.sex, child.grade = model.name, model.born, model.sex, model.grade
        child.number = self.numbers.issue(model.number[:6], child.born, child.sex, self.station[child.family.village.township])

    def place(self) -> None:
        """Schools by catchment (one in twelve elsewhere), boarding, left-behind, student numbers, classes."""
        rng = self.rng
        town = {stage: [s for s in self.places.schools if s.township == "530113001" and stage in s.stages] for stage in ("primary", "junior")}
        for child in self.children:
            if child.school.kind != "特殊教育":
                near = self.places.by_catchment[child.family.village.code, child.stage]
                child.school = rng.choice([s for s in town[child.stage] if s.kind != "特殊教育"]) if rng.random() < 0.08 else rng.choice(near)
            rural = child.family.village.township[6] != "0"
            child.boarding = rng.random() < (0.75 if child.stage == "junior" else 0.3) * (1 if rural else 0.15)
            child.left_behind = rng.choices("012", weights=(80, 12, 8))[0]
            child.student_number = self.student_number(child)
        self._classes()

    def student_number(self, child: Child) -> str:
        """G + resident number for most; L for a temporary record; a re-issued resident number leaves it as it was."""
        dice = self.rng.random()
        if dice < 0.975:
            return "G" + child.number
        other = self.numbers.issue(child.number[:6], child.born, child.sex, 8)
        return ("L" if dice < 0.995 else "J") + other

    def _classes(self) -> None:
        groups: dict[tuple[str, int], list[Child]] = {}
        for child in self.children:
            groups.setdefault((child.school.code, child.grade), []).append(child)
        for members in groups.values():
            self.rng.shuffle(members)
            count = math.ceil(len(members) / 48)
            for position, child in enumerate(members):
                child.class_no = position % count + 1
