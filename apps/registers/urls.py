"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path

from apps.registers.views import deciding, listing, showing, uploading

urlpatterns = [
    path("registers/", listing.register_list, name="register_list"),
    path("registers/report/", uploading.register_report, name="register_report"),
    path("registers/upload/<slug:kind>/", uploading.register_upload, name="register_upload"),
    path("registers/template/<slug:kind>/", listing.register_template, name="register_template"),
    path("registers/<int:upload_id>/", showing.register_show, name="register_show"),
    path("registers/<int:upload_id>/problems.xlsx", showing.register_problems, name="register_problems"),
    path("registers/<int:upload_id>/headings/", uploading.register_headings, name="register_headings"),
    path("registers/<int:upload_id>/missing/", deciding.register_missing, name="register_missing"),
    path("registers/<int:upload_id>/commit/", deciding.register_commit, name="register_commit"),
    path("registers/<int:upload_id>/discard/", deciding.register_discard, name="register_discard"),
    path("registers/<int:upload_id>/undo/", deciding.register_undo, name="register_undo"),
]
