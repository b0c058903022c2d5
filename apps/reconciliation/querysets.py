"""Named filters over runs, links and findings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from apps.core.names import initials
from apps.core.scope import Scope, ScopedQuerySet


class RunQuerySet(QuerySet[Any]):
    """Runs belong to a district."""

    def within(self, scope: Scope) -> RunQuerySet:
        return self.filter(district_code=scope.district)


class ChildRowQuerySet(ScopedQuerySet[Any]):
    """Rows about one child in one run."""

    def search(self, text: str) -> ChildRowQuerySet:
        """By name, pinyin initials, or the last four of the ID number."""
        text = text.strip()
        if not text:
            return self
        if text.isascii() and text.isalpha():
            return self.filter(child__initials__startswith=text.lower())
        if len(text) >= 4 and text[:-1].isdigit():
            return self.filter(child__document__number=text.upper()) if len(text) >= 15 else self.filter(child__id_masked__endswith=text[-4:].upper())
        return self.filter(Q(child__name__contains=text) | Q(child__initials=initials(text), child__name__startswith=text[:1]))


class PairQuerySet(QuerySet[Any]):
    """Doubtful pairs: whoever may see one of the two rows may compare them."""

    def within(self, scope: Scope) -> PairQuerySet:
        return self.filter(scope.q("left__") | scope.q("right__"))
