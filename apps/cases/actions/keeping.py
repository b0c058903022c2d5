"""Filters of the list that a person keeps; nobody else sees them."""

from __future__ import annotations

from apps.cases.models import SavedFilter
from apps.core.ids import hide_numbers


def keep_filter(*, user_id: int, name: str, query: str) -> SavedFilter:
    """Keep a filter; one of the same name is replaced."""
    kept, _ = SavedFilter.objects.update_or_create(user_id=user_id, name=hide_numbers(name.strip()), defaults={"query": hide_numbers(query)})
    return kept


def drop_filter(*, user_id: int, key: int) -> None:
    """Forget one of a person's own filters."""
    SavedFilter.objects.filter(user_id=user_id, pk=key).delete()
