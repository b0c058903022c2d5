"""Named filters over posts."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db.models import Model, Q, QuerySet

from apps.core.scope import Scope

M = TypeVar("M", bound=Model)


class UserQuerySet(QuerySet[M]):
    """People."""

    def within(self, scope: Scope) -> Self:
        """The people a district looks after."""
        return self.filter(district_code=scope.district) if scope.district else self.none()


class PostQuerySet(QuerySet[M]):
    """Posts."""

    def within(self, scope: Scope) -> Self:
        """The posts of the district."""
        return self.filter(district_code=scope.district) if scope.district else self.none()

    def held_on(self, day: date) -> Self:
        """Posts in force on a day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def of(self, user_id: int) -> Self:
        """The posts of one person, with their places."""
        return self.filter(user_id=user_id).select_related("school", "region", "school_class")
