"""Named filters over children."""

from __future__ import annotations

from django.db.models import Q

from apps.core.names import initials
from apps.core.scope import ScopedQuerySet


class ChildQuerySet(ScopedQuerySet):
    """Children; always begin with ``.within(scope)``."""

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
