"""Addresses, one line an app."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.core.admin_site import site
from apps.core.styleguide import styleguide

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.accounts.urls")),
    path("", include("apps.notices.urls")),
    path("", include("apps.registers.urls")),
    path("", include("apps.attendance.urls")),
    path("", include("apps.reconciliation.urls")),
    path("", include("apps.cases.urls")),
    path("", include("apps.reporting.urls")),
    path("", include("apps.dashboards.urls")),
    path("admin/", site.urls),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
