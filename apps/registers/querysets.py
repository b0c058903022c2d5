"""Named filters over uploads and register entries."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db.models import Model, Q, QuerySet

from apps.core.scope import Level, Scope, ScopedQuerySet

M = TypeVar("M", bound=Model)


class UploadQuerySet(QuerySet[M]):
    """Uploads: a post sees those of its own place."""

    def within(self, scope: Scope) -> Self:
        """Uploads of the district, of the township (with its schools), of the village or of the school."""
        match scope.level:
            case Level.DISTRICT:
                return self.filter(district_code=scope.district)
            case Level.TOWNSHIP:
                return self.filter(Q(township_code=scope.township) | Q(school_id__in=sorted(scope.schools)), district_code=scope.district)
            case Level.VILLAGE:
                return self.filter(district_code=scope.district, village_code=scope.village)
            case Level.SCHOOL:
                return self.filter(district_code=scope.district, school_id=scope.school)
        return self.none()


class EntryQuerySet(ScopedQuerySet):
    """Lines of the registers as they were and as they stand."""

    def standing(self) -> EntryQuerySet:
        """Lines in force: not replaced by a later upload and not ended."""
        return self.filter(superseded_by=None, ended_by=None)
