"""Addresses of 一生一案, one file a kind of work."""

from __future__ import annotations

from apps.cases.urls import case, life, steps

urlpatterns = [*case.urlpatterns, *life.urlpatterns, *steps.urlpatterns]
