"""Named filters over places."""

from __future__ import annotations

from datetime import date

from django.db.models import Model, QuerySet

from apps.core.scope import Level, Scope


class SchoolQuerySet(QuerySet[Model]):
    """Schools."""

    def within(self, scope: Scope) -> SchoolQuerySet:
        """The schools a post works with."""
        match scope.level:
            case Level.DISTRICT:
                return self.filter(district_code=scope.district)
            case Level.TOWNSHIP | Level.VILLAGE:
                return self.filter(township_id=scope.township)
            case Level.SCHOOL | Level.CLASS:
                return self.filter(pk=scope.school)
        return self.none()


class TermQuerySet(QuerySet[Model]):
    """Terms of a district."""

    def of(self, district: str) -> TermQuerySet:
        return self.filter(district_code=district)

    def current(self, day: date) -> TermQuerySet:
        """Terms begun by that day, the latest first."""
        return self.filter(first_day__lte=day).order_by("-first_day")
