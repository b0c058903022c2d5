"""The admin of a district: small registers, people, posts, policy. No child's data is ever registered here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from apps.core.pages import page
from apps.core.rights import Right

OURS = frozenset({"login", "logout", "password_change", "password_change_done", "view_on_site"})  # we have our own, or need none


class DistrictSite(AdminSite):
    """Django's admin behind ``@page(Right.MANAGE_PEOPLE)``: every address of it is declared like any page of ours."""

    site_header = "在学 · 管理"
    site_title = "在学"
    index_title = "人员、岗位、学校、校历与政策"
    site_url = "/"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked by templates and again by Django's own wrapper; the answer is the acting post's."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.may(Right.MANAGE_PEOPLE)

    def get_urls(self) -> list[Any]:
        """Django's addresses without its log-in pages, each declared; they carry no form key (Django writes these forms)."""
        urls = [u for u in super().get_urls() if getattr(u, "name", None) not in OURS]
        declare = page(Right.MANAGE_PEOPLE, methods=("GET", "POST"), keyed=False)
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
