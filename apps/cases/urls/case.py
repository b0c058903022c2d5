"""Addresses of the list and of one case."""

from __future__ import annotations

from django.urls import path

from apps.cases.views import lists, showing

urlpatterns = [
    path("cases/", lists.case_list, name="case_list"),
    path("cases/filters/", lists.filter_keep, name="filter_keep"),
    path("cases/filters/drop/", lists.filter_drop, name="filter_drop"),
    path("cases/<int:case_id>/", showing.case_show, name="case_show"),
]
