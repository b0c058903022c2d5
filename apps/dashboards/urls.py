"""Addresses of the workbench and the children."""

from __future__ import annotations

from django.urls import path

from apps.dashboards.views import children, overview, workbench

urlpatterns = [
    path("", workbench.workbench, name="workbench"),
    path("dashboard/", overview.dashboard, name="dashboard"),
    path("children/", children.child_list, name="child_list"),
    path("children/<int:child_id>/", children.child_show, name="child_show"),
    path("children/<int:child_id>/reveal/", children.child_reveal, name="child_reveal"),
]
