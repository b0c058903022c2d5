"""Addresses of the school day."""

from __future__ import annotations

from django.urls import path

from apps.attendance.views import board, contacting, honesty, leaving, offline, rolling

urlpatterns = [
    path("sw.js", offline.service_worker, name="service_worker"),
    path("roll/", rolling.roll_today, name="roll_today"),
    path("roll/<int:class_id>/", rolling.roll_class, name="roll_class"),
    path("roll/<int:class_id>/remind/", board.roll_remind, name="roll_remind"),
    path("contacts/", contacting.contact_list, name="contact_list"),
    path("contacts/<int:child_id>/", contacting.contact_new, name="contact_new"),
    path("leaves/", leaving.leave_list, name="leave_list"),
    path("leaves/new/<int:child_id>/", leaving.leave_new, name="leave_new"),
    path("leaves/<int:leave_id>/", leaving.leave_show, name="leave_show"),
    path("leaves/<int:leave_id>/decide/", leaving.leave_decide, name="leave_decide"),
    path("leaves/<int:leave_id>/return/", leaving.leave_return, name="leave_return"),
    path("leaves/<int:leave_id>/withdraw/", leaving.leave_withdraw, name="leave_withdraw"),
    path("leaves/<int:leave_id>/slip.pdf", leaving.leave_slip_pdf, name="leave_slip_pdf"),
    path("leaves/<int:leave_id>/slip.docx", leaving.leave_slip_docx, name="leave_slip_docx"),
    path("leaves/proofs/<int:leave_proof_id>/", leaving.leave_proof, name="leave_proof"),
    path("honesty/", honesty.honesty_list, name="honesty_list"),
    path("honesty/<int:class_id>/", honesty.honesty_class, name="honesty_class"),
]
