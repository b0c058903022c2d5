"""The name of this app in the administration."""

from __future__ import annotations

from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "apps.schools"
    verbose_name = "学校、校历与政策"
