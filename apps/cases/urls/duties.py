"""Addresses of 双线十二人, of 交办, and of what is overdue."""

from __future__ import annotations

from django.urls import path

from apps.cases.views import assigning, duties, duty_posts, duty_sheet, overdue

urlpatterns = [
    path("duties/", duties.duty_home, name="duty_home"),
    path("duties/people.xlsx", duties.duty_file, name="duty_file"),
    path("duties/sheet/", duty_sheet.duty_sheet, name="duty_sheet"),
    path("duties/sheet.xlsx", duty_sheet.duty_sheet_file, name="duty_sheet_file"),
    path("duties/take/", duties.duty_take, name="duty_take"),
    path("duties/posts/", duty_posts.duty_posts, name="duty_posts"),
    path("duties/posts/<int:duty_id>/", duty_posts.duty_post, name="duty_post"),
    path("duties/region/<str:region_code>/", duties.duty_region, name="duty_region"),
    path("duties/region/<str:region_code>/letter/", duty_posts.duty_region_letter, name="duty_region_letter"),
    path("duties/school/<str:school_code>/", duties.duty_school, name="duty_school"),
    path("duties/school/<str:school_code>/letter/", duty_posts.duty_school_letter, name="duty_school_letter"),
    path("duties/<int:guarantor_id>/handover/", duties.duty_handover, name="duty_handover"),
    path("duties/letters/<int:duty_letter_id>/", duty_posts.duty_letter, name="duty_letter"),
    path("duties/letters/<int:duty_letter_id>.pdf", duty_posts.duty_letter_pdf, name="duty_letter_pdf"),
    path("duties/letters/<int:duty_letter_id>.docx", duty_posts.duty_letter_docx, name="duty_letter_docx"),
    path("duties/letters/<int:duty_letter_id>/scan/", duty_posts.duty_letter_scan, name="duty_letter_scan"),
    path("cases/overdue/", overdue.overdue_list, name="overdue_list"),
    path("cases/assign/", assigning.assign_list, name="assign_list"),
    path("cases/<int:case_id>/assign/", assigning.case_assign, name="case_assign"),
    path("cases/<int:case_id>/unassign/", assigning.case_unassign, name="case_unassign"),
    path("cases/<int:case_id>/people/", assigning.case_people, name="case_people"),
    path("assignments/case/<int:case_id>/", assigning.inbox_case, name="inbox_case"),
    path("assignments/case/<int:case_id>/accept/", assigning.assignment_accept, name="assignment_accept"),
    path("assignments/case/<int:case_id>/return/", assigning.assignment_return, name="assignment_return"),
    path("assignments/case/<int:case_id>/delegate/", assigning.assignment_delegate, name="assignment_delegate"),
    path("assignments/case/<int:case_id>/recall/", assigning.assignment_recall, name="assignment_recall"),
]
