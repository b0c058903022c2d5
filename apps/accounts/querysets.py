"""Named filters over posts."""

from __future__ import annotations

from datetime import date

from django.db.models import Model, Q, QuerySet


class PostQuerySet(QuerySet[Model]):
    """Posts."""

    def held_on(self, day: date) -> PostQuerySet:
        """Posts in force on a day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def of(self, user_id: int) -> PostQuerySet:
        """The posts of one person, with their places."""
        return self.filter(user_id=user_id).select_related("school", "region", "school_class")
