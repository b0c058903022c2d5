"""The admin of a district: small registers, people, posts, policy. No child's data is ever registered here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from apps.core.pages import page
from apps.core.rights import Right

OURS = frozenset({"login", "logout", "password_change", "password_change_done", "view_on_site"})  # we have our own, or need none


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning on the first page of the administration and the page that mends it."""

    title: str
    text: str
    url: str
    action: str


class DistrictSite(AdminSite):
    """Django's admin behind ``@page(Right.MANAGE_PEOPLE)``: every address of it is declared like any page of ours."""

    site_header = "在学 · 管理"
    site_title = "在学"
    index_title = "人员、岗位、学校、校历与政策"
    site_url = "/"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.warners: list[Callable[[HttpRequest], list[Notice]]] = []  # apps above this one add theirs in their admin.py

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The tables, after what is not in order."""
        notices = [notice for warner in self.warners for notice in warner(request)]
        return super().index(request, {"notices": notices, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Apps and tables in the order they were registered: what is used most comes first."""
        order = {model._meta.object_name: place for place, model in enumerate(self._registry)}
        listed: list[Any] = super().get_app_list(request, app_label)
        for app in listed:
            app["models"].sort(key=lambda model: order[model["object_name"]])
        return listed

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked by templates and again by Django's own wrapper; the answer is the acting post's."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.may(Right.MANAGE_PEOPLE)

    def get_urls(self) -> list[Any]:
        """Django's addresses without its log-in pages, each declared; templates/admin puts the form key into Django's forms."""
        urls = [u for u in super().get_urls() if getattr(u, "name", None) not in OURS]
        declare = page(Right.MANAGE_PEOPLE, methods=("GET", "POST"))
        for pattern in patterns(urls):
            pattern.callback = declare(pattern.callback)
        return urls


def patterns(urls: Iterable[Any]) -> Iterator[URLPattern]:
    """Every address under a list of patterns and resolvers."""
    for entry in urls:
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns)
        else:
            yield entry


site = DistrictSite(name="admin")
