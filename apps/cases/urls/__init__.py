"""Addresses of 一生一案, one file a kind of work."""

from __future__ import annotations

from apps.cases.urls import back, case, duties, life, steps

urlpatterns = [*case.urlpatterns, *life.urlpatterns, *duties.urlpatterns, *back.urlpatterns, *steps.urlpatterns]
