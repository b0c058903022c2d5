"""Addresses, one line an app."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from apps.core.styleguide import styleguide

urlpatterns: list[URLPattern | URLResolver] = []
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
