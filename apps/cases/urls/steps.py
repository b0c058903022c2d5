"""Addresses of visits, of the four legal steps, of the letter to another district."""

from __future__ import annotations

from django.urls import path

from apps.cases.views import handover, stepping, visiting

urlpatterns = [
    path("cases/<int:case_id>/visit/", visiting.visit_new, name="visit_new"),
    path("cases/<int:case_id>/visit-sheet.pdf", visiting.visit_sheet_pdf, name="visit_sheet_pdf"),
    path("cases/<int:case_id>/visit-sheet.docx", visiting.visit_sheet_docx, name="visit_sheet_docx"),
    path("cases/visits/<int:visit_id>/correct/", visiting.visit_correct, name="visit_correct"),
    path("cases/visits/<int:visit_id>/void/", visiting.visit_void, name="visit_void"),
    path("cases/visits/<int:visit_id>.pdf", visiting.visit_pdf, name="visit_pdf"),
    path("cases/visits/<int:visit_id>.docx", visiting.visit_docx, name="visit_docx"),
    path("cases/<int:case_id>/steps/issue/", stepping.step_issue, name="step_issue"),
    path("cases/steps/", stepping.step_register, name="step_register"),
    path("cases/steps.xlsx", stepping.step_register_file, name="step_register_file"),
    path("cases/steps/<int:step_id>/serve/", stepping.step_serve, name="step_serve"),
    path("cases/steps/<int:step_id>/void/", stepping.step_void, name="step_void"),
    path("cases/steps/<int:step_id>.pdf", stepping.step_pdf, name="step_pdf"),
    path("cases/steps/<int:step_id>.docx", stepping.step_docx, name="step_docx"),
    path("cases/steps/<int:step_id>/proof.pdf", stepping.step_proof_pdf, name="step_proof_pdf"),
    path("cases/steps/<int:step_id>/proof.docx", stepping.step_proof_docx, name="step_proof_docx"),
    path("cases/<int:case_id>/handover/", handover.handover_send, name="handover_send"),
    path("cases/handovers/<int:handover_id>/track/", handover.handover_track, name="handover_track"),
    path("cases/handovers/<int:handover_id>/answer/", handover.handover_answer, name="handover_answer"),
    path("cases/handovers/<int:handover_id>.pdf", handover.handover_pdf, name="handover_pdf"),
    path("cases/handovers/<int:handover_id>.docx", handover.handover_docx, name="handover_docx"),
]
