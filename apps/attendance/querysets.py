"""Named filters over the school day."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.core.scope import Level, Scope, ScopedQuerySet
from apps.schools.querysets import OfSchoolQuerySet


class RollCallQuerySet(OfSchoolQuerySet[Any]):
    """Class-days that were taken."""

    def within(self, scope: Scope) -> RollCallQuerySet:
        """Those of the schools a post works with; of its class alone for a head teacher."""
        found: RollCallQuerySet = super().within(scope)
        return found.filter(school_class_id=scope.school_class) if scope.level == Level.CLASS else found

    def on(self, day: date) -> RollCallQuerySet:
        return self.filter(day=day)


class PupilRowQuerySet(ScopedQuerySet[Any]):
    """Rows about one pupil."""


class SeatQuerySet(PupilRowQuerySet):
    """Who belongs to which class on which day."""

    def on(self, day: date) -> SeatQuerySet:
        """Seats that hold on a day."""
        return self.filter(first_day__lte=day).exclude(last_day__lt=day)


class AbsenceRunQuerySet(PupilRowQuerySet):
    """Runs of absence."""

    def open(self) -> AbsenceRunQuerySet:
        """Still absent."""
        return self.filter(ended_on=None)

    def suspected(self) -> AbsenceRunQuerySet:
        """Long enough for a suspected dropout."""
        return self.filter(suspected_on__isnull=False)
