"""On whom a post may act: a place in the tree district › township › village, school › class.

Every table with a child in it carries ``district_code``, ``township_code`` (household), ``village_code``, ``school_id``
(the school's code) and ``school_class_id``; a scope narrows any of them with one condition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeVar

from django.db.models import Model, Q, QuerySet

from apps.core.rights import Right

M = TypeVar("M", bound=Model)


class Level(StrEnum):
    """How far a scope reaches."""

    NOBODY = "nobody"
    CLASS = "class"
    SCHOOL = "school"
    VILLAGE = "village"
    TOWNSHIP = "township"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Scope:
    """The children a post may see. A township sees its children by household *or* by school (DOMAIN.md §1)."""

    level: Level = Level.NOBODY
    district: str = ""
    township: str = ""
    village: str = ""
    school: str = ""
    school_class: int = 0
    schools: frozenset[str] = field(default_factory=frozenset)  # of the township

    def q(self, prefix: str = "") -> Q:
        """The condition as a Django ``Q``; ``prefix`` leads to the row with the place columns ('child__')."""
        match self.level:
            case Level.DISTRICT:
                return Q(**{f"{prefix}district_code": self.district})
            case Level.TOWNSHIP:
                at_home = Q(**{f"{prefix}township_code": self.township})
                at_school = Q(**{f"{prefix}school_id__in": sorted(self.schools)})
                return Q(**{f"{prefix}district_code": self.district}) & (at_home | at_school)
            case Level.VILLAGE:
                return Q(**{f"{prefix}district_code": self.district, f"{prefix}village_code": self.village})
            case Level.SCHOOL:
                return Q(**{f"{prefix}district_code": self.district, f"{prefix}school_id": self.school})
            case Level.CLASS:
                return Q(**{f"{prefix}school_id": self.school, f"{prefix}school_class_id": self.school_class})
        return Q(pk__in=[])

    def sql(self, alias: str) -> tuple[str, dict[str, Any]]:
        """The same condition for hand-written SQL: text with named parameters, and the parameters."""
        values = {
            "scope_district": self.district,
            "scope_township": self.township,
            "scope_village": self.village,
            "scope_school": self.school,
            "scope_schools": sorted(self.schools),
            "scope_class": self.school_class,
        }
        text = {
            Level.DISTRICT: "{a}.district_code = %(scope_district)s",
            Level.TOWNSHIP: "{a}.district_code = %(scope_district)s"
            " AND ({a}.township_code = %(scope_township)s OR {a}.school_code = ANY(%(scope_schools)s))",
            Level.VILLAGE: "{a}.district_code = %(scope_district)s AND {a}.village_code = %(scope_village)s",
            Level.SCHOOL: "{a}.district_code = %(scope_district)s AND {a}.school_code = %(scope_school)s",
            Level.CLASS: "{a}.school_code = %(scope_school)s AND {a}.school_class_id = %(scope_class)s",
        }.get(self.level, "FALSE")
        return f"({text.format(a=alias)})", values


class ScopedQuerySet(QuerySet[M]):
    """A queryset over rows with a child in them; views start with ``.within(actor.scope)``."""

    def within(self, scope: Scope) -> Self:
        """Only what the scope may see."""
        return self.filter(scope.q())


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a person as the holder of one post."""

    user_id: int
    name: str
    post_id: int
    role: str
    title: str  # 学籍管理员 · 汤丹中心学校
    rights: frozenset[Right]
    scope: Scope
    uploads: frozenset[str] = field(default_factory=frozenset)  # kinds of register this post may upload

    def may(self, right: Right | str) -> bool:
        """Whether the post carries the right."""
        return right in self.rights


SYSTEM = Actor(user_id=0, name="系统", post_id=0, role="system", title="系统", rights=frozenset(Right), scope=Scope())
