"""Addresses of what people do on the page of a case."""

from __future__ import annotations

from django.urls import path

from apps.cases.views import life

urlpatterns = [
    path("cases/<int:case_id>/ask/", life.case_ask, name="case_ask"),
    path("cases/<int:case_id>/move/", life.case_move, name="case_move"),
    path("cases/<int:case_id>/merge/", life.case_merge, name="case_merge"),
    path("cases/<int:case_id>/note/", life.case_note, name="case_note"),
    path("cases/open/<int:child_id>/", life.case_open, name="case_open"),
    path("cases/proposals/<int:proposal_id>/decide/", life.proposal_decide, name="proposal_decide"),
    path("cases/proposals/<int:proposal_id>/withdraw/", life.proposal_withdraw, name="proposal_withdraw"),
    path("cases/attachments/<int:attachment_id>/", life.case_attachment, name="case_attachment"),
]
