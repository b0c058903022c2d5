"""The cast of all tests: one district with its people, and its neighbours at every distance.

Two districts (530113, and 530199 which does not exist), in each two townships, in each of these two schools, two classes a
school, one child a class with a word of its own in every text field, and one person with one post a role.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Post, User
from apps.accounts.roles import ROLES
from apps.core.scope import Actor, Level
from apps.schools.models import Region, School, SchoolClass
from apps.students.models import Child, IdDocument
from tests.factories import children, people
from tests.factories.children import child as make_child

TODAY = date(2026, 11, 23)
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 7, 0, tzinfo=UTC)  # 15:00 in Dongchuan
HOME, NEIGHBOUR = "530113", "530199"
TOWNSHIPS = {HOME: (("530113102", "汤丹镇"), ("530113103", "因民镇")), NEIGHBOUR: (("530199101", "甲测镇"), ("530199102", "乙测镇"))}


TABLES = (Region, School, SchoolClass, IdDocument, Child, User, Post)  # the rows of a cast, those that others point at first
kept: list[bytes] = []  # the first cast of this process, and its rows


@dataclass(slots=True)
class Place:
    """A district with all that stands in it; lists are in the order of the codes."""

    district: str
    townships: list[Region] = field(default_factory=list)
    villages: list[Region] = field(default_factory=list)  # two a township
    schools: list[School] = field(default_factory=list)  # two a township, the first one central
    classes: list[SchoolClass] = field(default_factory=list)  # two a school
    children: list[Child] = field(default_factory=list)  # one a class
    posts: dict[str, Post] = field(default_factory=dict)  # role -> post at the first place of its kind


@dataclass(slots=True)
class Cast:
    """``home`` is where the posts of ``client(role)`` stand: first township, village, school and class."""

    home: Place
    neighbour: Place

    def post(self, role: str) -> Post:
        """The home post of a role."""
        return self.home.posts[role]

    def actor(self, role: str) -> Actor:
        """Who acts in a role at home."""
        return people.actor(self.home.posts[role])

    def client(self, role: str) -> Client:
        """A browser logged in in a role at home."""
        return people.client(self.home.posts[role])

    @property
    def child(self) -> Child:
        """The child every home post may see (those that see children at all)."""
        return self.home.children[0]

    @property
    def strangers(self) -> dict[str, Child]:
        """A child of another class, school, township, district."""
        c = self.home.children
        return {"class": c[1], "school": c[2], "township": c[4], "district": self.neighbour.children[0]}


def build(district: str, name: str) -> Place:
    """One district with its places, children and people."""
    top, _ = Region.objects.get_or_create(code=district[:2], defaults={"name": "云南省", "level": "province"})
    middle, _ = Region.objects.get_or_create(code=district[:4], defaults={"name": "昆明市", "level": "prefecture", "parent": top})
    root = Region.objects.create(code=district, name=name, level="district", parent=middle)
    place = Place(district)
    for code, label in TOWNSHIPS[district]:
        township = Region.objects.create(code=code, name=label, level="township", parent=root)
        place.townships.append(township)
        place.villages += [Region.objects.create(code=f"{code}20{n}", name=f"{label[:2]}{n}村", level="village", parent=township) for n in (1, 2)]
        build_schools(place, township)
    for number, school_class in enumerate(place.classes):
        village = place.villages[0 if number < 4 else 2]
        place.children.append(make_child(school_class=school_class, village=village.code, district=district))
    for role in ROLES:
        place.posts[role.code] = people.post(role.code, district=district, **where(role.level, place))
    return place


def build_schools(place: Place, township: Region) -> None:
    """A central primary school and a nine-year school, two classes each."""
    for n, (kind, label) in enumerate((("primary", "中心学校"), ("nine_year", "九年一贯制学校"))):
        code = f"3153{place.district[-2:]}{township.code[-3:]}{n}"
        school = School.objects.create(
            code=code, name=f"{township.name}{label}", kind=kind, district_code=place.district, township=township, is_central=n == 0
        )
        place.schools.append(school)
        place.classes += [SchoolClass.objects.create(school=school, school_year=2026, grade=6 + n, name=str(m)) for m in (1, 2)]


def where(level: Level, place: Place) -> dict[str, Any]:
    """The first place of a kind, as the fields of a post."""
    return {
        Level.CLASS: {"school": place.schools[0], "school_class": place.classes[0]},
        Level.SCHOOL: {"school": place.schools[0]},
        Level.VILLAGE: {"region": place.villages[0]},
        Level.TOWNSHIP: {"region": place.townships[0]},
        Level.DISTRICT: {},
    }[level]


def build_cast() -> Cast:
    """Both districts. Made row by row and checked once a process; later tests are given the same rows, keys and all, in a few statements."""
    if not kept:
        assert not any(model._default_manager.exists() for model in TABLES), "the cast comes before all other rows"
        children.numbers, people.numbers = count(1), count(1)
        made = Cast(build(HOME, "东川区"), build(NEIGHBOUR, "测邻区"))
        kept.append(pickle.dumps((made, [list(model._default_manager.all()) for model in TABLES])))
    else:
        made, tables = pickle.loads(kept[0])  # noqa: S301  # made above
        for model, rows in zip(TABLES, tables, strict=True):
            model._default_manager.bulk_create(rows)
        children.numbers, people.numbers = count(len(tables[TABLES.index(Child)]) + 1), count(len(tables[TABLES.index(User)]) + 1)
    return made


@pytest.fixture
def cast(db: None, settings: Any) -> Cast:
    """The cast, on Monday 23 November 2026."""
    settings.PINNED_TODAY = TODAY
    return build_cast()
