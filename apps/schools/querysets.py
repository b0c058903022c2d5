"""Named filters over places."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db.models import Model, Q, QuerySet

from apps.core.scope import Level, Scope

M = TypeVar("M", bound=Model)


class RegionQuerySet(QuerySet[M]):
    """Places of the administrative tree: a code begins with its district's."""

    def within(self, scope: Scope) -> Self:
        """The district of a post and what lies in it; the township or village alone for posts that stand there."""
        if not scope.district:
            return self.none()
        return self.filter(code__startswith=scope.village or scope.township or scope.district)


class SchoolQuerySet(QuerySet[M]):
    """Schools."""

    def within(self, scope: Scope) -> Self:
        """The schools a post works with."""
        match scope.level:
            case Level.DISTRICT:
                return self.filter(district_code=scope.district)
            case Level.TOWNSHIP | Level.VILLAGE:
                return self.filter(township_id=scope.township)
            case Level.SCHOOL | Level.CLASS:
                return self.filter(pk=scope.school)
        return self.none()


class OfSchoolQuerySet(QuerySet[M]):
    """Rows that belong to a school: classes, catchments, closures."""

    def within(self, scope: Scope) -> Self:
        """Those of the schools a post works with."""
        place = {
            Level.DISTRICT: Q(school__district_code=scope.district),
            Level.TOWNSHIP: Q(school__township_id=scope.township),
            Level.VILLAGE: Q(school__township_id=scope.township),
            Level.SCHOOL: Q(school_id=scope.school),
            Level.CLASS: Q(school_id=scope.school),
        }
        return self.filter(place.get(scope.level, Q(pk__in=[])))


class DistrictQuerySet(QuerySet[M]):
    """Rows that hold for a whole district: calendar, policy numbers."""

    def within(self, scope: Scope) -> Self:
        """Those of the post's district, whatever the post's own place."""
        return self.filter(district_code=scope.district) if scope.district else self.none()


class TermQuerySet(DistrictQuerySet[M]):
    """Terms of a district."""

    def of(self, district: str) -> Self:
        return self.filter(district_code=district)

    def current(self, day: date) -> Self:
        """Terms begun by that day, the latest first."""
        return self.filter(first_day__lte=day).order_by("-first_day")
