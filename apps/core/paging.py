"""Pages of lists that may be very long."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator


class LongPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of an ordered queryset of which the last costs no more than the first: the keys of one page are found in the order's own index, from
    the nearer end, and only these rows are read and joined. One count, one read."""

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        last = min(first + self.per_page, self.count)
        rows: Any = self.object_list
        keys = rows.select_related(None)
        near = keys.values("pk")[first:last] if first <= self.count // 2 else keys.reverse().values("pk")[self.count - last : self.count - first]
        order = rows.query.order_by or rows.model._meta.ordering
        found = rows.model._default_manager.filter(pk__in=near).select_related(*joined(rows)).order_by(*order)
        return Page(found, number, self)


def joined(rows: Any) -> tuple[str, ...]:
    """The relations that a queryset reads with its rows."""
    found = rows.query.select_related
    return tuple(found) if isinstance(found, dict) else ()
