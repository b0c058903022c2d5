"""Addresses of the school day."""

from __future__ import annotations

from django.urls import path

from apps.attendance.views import board, offline, rolling

urlpatterns = [
    path("sw.js", offline.service_worker, name="service_worker"),
    path("roll/", rolling.roll_today, name="roll_today"),
    path("roll/<int:class_id>/", rolling.roll_class, name="roll_class"),
    path("roll/<int:class_id>/remind/", board.roll_remind, name="roll_remind"),
]
