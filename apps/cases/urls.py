"""Addresses of 一生一案."""

from __future__ import annotations

from django.urls import path

from apps.cases import views

urlpatterns = [
    path("cases/", views.case_list, name="case_list"),
    path("cases/<int:case_id>/", views.case_show, name="case_show"),
]
