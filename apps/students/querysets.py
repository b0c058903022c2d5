"""Named filters over children."""

from __future__ import annotations

from django.db.models import Q

from apps.core.names import initials
from apps.core.scope import ScopedQuerySet


class ChildQuerySet(ScopedQuerySet):
    """Children; always begin with ``.within(scope)``."""

    def standing_for(self, number: int) -> ChildQuerySet:
        """The child of this number, or the one it was merged into."""
        into = self.model._default_manager.filter(pk=number).values("merged_into_id")
        return self.filter(Q(pk=number) | Q(pk__in=into), merged_into=None)

    def family(self, number: int) -> ChildQuerySet:
        """The child of this number with all that were merged into it, or into the same one as it: their past is one child's past."""
        into = self.model._default_manager.filter(pk=number).values("merged_into_id")
        return self.filter(Q(pk=number) | Q(merged_into=number) | Q(pk__in=into) | Q(merged_into__in=into))

    def search(self, text: str) -> ChildQuerySet:
        """By name, by pinyin initials, or by the last four (or all) characters of the ID number."""
        text = text.strip()
        if not text:
            return self
        if text.isascii() and text.isalpha():
            return self.filter(initials__startswith=text.lower())
        if len(text) >= 4 and text[:-1].isdigit():
            return self.filter(
                Q(document__number=text.upper()) | Q(id_masked__endswith=text[-4:].upper()) if len(text) < 15 else Q(document__number=text.upper())
            )
        return self.filter(Q(name__contains=text) | Q(initials=initials(text), name__startswith=text[:1]))
