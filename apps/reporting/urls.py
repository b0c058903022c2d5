"""Addresses of the three lines and of the township's inbox."""

from __future__ import annotations

from django.urls import path

from apps.reporting.views import away, files, inbox, papers, platform, receiving, reports, verifying

urlpatterns = [
    path("ledgers/", files.ledger_list, name="ledger_list"),
    path("ledgers/<str:ledger>.xlsx", files.ledger_file, name="ledger_file"),
    path("cases/list.xlsx", files.case_list_file, name="case_list_file"),
    path("ledgers/files/", files.batch_new, name="batch_new"),
    path("ledgers/files/<int:batch_id>/", files.batch_show, name="batch_show"),
    path("ledgers/files/<int:batch_id>.zip", files.batch_zip, name="batch_zip"),
    path("cases/<int:case_id>/file.pdf", files.case_file_pdf, name="case_file_pdf"),
    path("cases/<int:case_id>/file.docx", files.case_file_docx, name="case_file_docx"),
    path("lines/", reports.report_list, name="report_list"),
    path("lines/platform.xlsx", platform.platform_file, name="platform_file"),
    path("lines/<int:report_id>/", reports.report_show, name="report_show"),
    path("lines/<int:report_id>/verify/", verifying.report_verify, name="report_verify"),
    path("lines/<int:report_id>/platform/", platform.platform_show, name="platform_show"),
    path("lines/<int:report_id>/platform/number/", platform.platform_number, name="platform_number"),
    path("lines/<int:report_id>/away/", away.away_send, name="away_send"),
    path("lines/letters/<int:line_id>.pdf", papers.letter_pdf, name="letter_pdf"),
    path("lines/letters/<int:line_id>.docx", papers.letter_docx, name="letter_docx"),
    path("lines/letters/<int:line_id>/sign/", receiving.letter_sign, name="letter_sign"),
    path("lines/letters/<int:line_id>/reply/", receiving.letter_reply, name="letter_reply"),
    path("lines/away/<int:away_id>/answer/", away.away_reply, name="away_reply"),
    path("assignments/", inbox.assignment_list, name="assignment_list"),
    path("assignments/sheet/", inbox.assignment_sheet, name="assignment_sheet"),
    path("assignments/<int:report_id>/", inbox.assignment_show, name="assignment_show"),
    path("assignments/<int:report_id>/people/", receiving.people_name, name="people_name"),
]
