"""Named filters over runs, links and findings."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core.scope import Scope, ScopedQuerySet
from apps.students.querysets import looked_for


class RunQuerySet(QuerySet[Any]):
    """Runs belong to a district."""

    def within(self, scope: Scope) -> RunQuerySet:
        return self.filter(district_code=scope.district)


class ChildRowQuerySet(ScopedQuerySet[Any]):
    """Rows about one child in one run."""

    def search(self, text: str, *, whole: bool = False) -> ChildRowQuerySet:
        """By name, pinyin initials, or the end (``whole``: or all) of the ID number."""
        return self.filter(looked_for(text, whole=whole, to="child__"))


class PairQuerySet(QuerySet[Any]):
    """Doubtful pairs: whoever may see one of the two rows may compare them."""

    def within(self, scope: Scope) -> PairQuerySet:
        return self.filter(scope.q("left__") | scope.q("right__"))
