"""Named filters over notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.core.scope import Actor, Level


class NoticeQuerySet(QuerySet[Any]):
    """Notices; begin with ``.to(actor)``."""

    def to(self, actor: Actor) -> NoticeQuerySet:
        """Those addressed to the role and the place of the acting post, to nobody else."""
        scope = actor.scope
        place = {
            Level.CLASS: {"school_id": scope.school, "school_class_id": scope.school_class},
            Level.SCHOOL: {"school_id": scope.school},
            Level.TOWNSHIP: {"region_code": scope.township},
            Level.VILLAGE: {"region_code": scope.village},
            Level.DISTRICT: {},
        }.get(scope.level)
        if place is None:
            return self.none()
        return self.filter(role=actor.role, district_code=scope.district, **place)

    def standing(self) -> NoticeQuerySet:
        """Not settled: the matter still stands."""
        return self.filter(settled_at=None)

    def unseen_by(self, user_id: int) -> NoticeQuerySet:
        """Not yet marked as seen by this person."""
        return self.exclude(seen_by__user_id=user_id)

    def since(self, moment: datetime) -> NoticeQuerySet:
        """Told at this moment or later."""
        return self.filter(told_at__gte=moment)
