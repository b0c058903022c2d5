"""Addresses, one line an app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from apps.core.admin_site import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.accounts.urls")),
    path("admin/", site.urls),
]
