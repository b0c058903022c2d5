"""Addresses of the way back: return, placement, exemption, home teaching, watching, closing."""

from __future__ import annotations

from django.urls import path

from apps.cases.views import exempting, placing, returning, teaching

urlpatterns = [
    path("cases/<int:case_id>/school/", returning.case_school, name="case_school"),
    path("cases/<int:case_id>/return/", returning.case_return, name="case_return"),
    path("cases/<int:case_id>/return/end/", returning.case_return_end, name="case_return_end"),
    path("cases/<int:case_id>/place/", placing.case_place, name="case_place"),
    path("cases/<int:case_id>/review/", placing.case_review, name="case_review"),
    path("cases/<int:case_id>/reopen/", returning.case_reopen, name="case_reopen"),
    path("cases/<int:case_id>/watch/", returning.case_watch, name="case_watch"),
    path("cases/<int:case_id>/care/", returning.case_care, name="case_care"),
    path("cases/<int:case_id>/exempt/", exempting.case_exempt, name="case_exempt"),
    path("cases/<int:case_id>/exempt/end/", exempting.case_exempt_end, name="case_exempt_end"),
    path("cases/exemptions/<int:exempt_id>/application.pdf", exempting.exempt_pdf, name="exempt_pdf"),
    path("cases/exemptions/<int:exempt_id>/application.docx", exempting.exempt_docx, name="exempt_docx"),
    path("cases/closings/<int:closing_id>/form.pdf", exempting.closing_pdf, name="closing_pdf"),
    path("cases/closings/<int:closing_id>/form.docx", exempting.closing_docx, name="closing_docx"),
    path("home-teaching/", teaching.home_list, name="home_list"),
    path("home-teaching/register.xlsx", teaching.home_file, name="home_file"),
    path("home-teaching/new/<int:child_id>/", teaching.home_new, name="home_new"),
    path("home-teaching/<int:plan_id>/", teaching.home_show, name="home_show"),
    path("home-teaching/<int:plan_id>/lesson/", teaching.home_lesson, name="home_lesson"),
    path("home-teaching/<int:plan_id>/end/", teaching.home_end, name="home_end"),
    path("home-teaching/lessons/<int:lesson_id>/void/", teaching.home_void, name="home_void"),
    path("home-teaching/<int:plan_id>/sheet.pdf", teaching.home_sheet_pdf, name="home_sheet_pdf"),
    path("home-teaching/<int:plan_id>/sheet.docx", teaching.home_sheet_docx, name="home_sheet_docx"),
    path("home-teaching/<int:plan_id>/sheet.xlsx", teaching.home_sheet_xlsx, name="home_sheet_xlsx"),
]
