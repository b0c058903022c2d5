"""At the other end of a letter: receipt, people, answer. Each leads back to the page where that office works."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from apps.cases.queries.duties import answering, local
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.reporting.actions import receiving
from apps.reporting.forms import PeopleForm, ReplyForm
from apps.reporting.models import Line
from apps.reporting.views import inbox, reports


@page(Right.SIGN_RECEIPT, methods=("POST",))
def letter_sign(request: Any, line_id: int) -> HttpResponse:
    """签收."""
    line = own_letter(request, line_id)
    try:
        receiving.sign_receipt(line=line, by=request.actor, now=clock.now())
        messages.success(request, f"已签收 {line.number}。")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return back(request, line)


@page(Right.SIGN_RECEIPT, methods=("POST",))
def letter_reply(request: Any, line_id: int) -> HttpResponse:
    """Answer a letter; a refused answer comes back with what was typed."""
    line = own_letter(request, line_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            receiving.reply(line=line, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "已答复，学校可以看到。")
            return back(request, line)
    if request.actor.may(Right.VIEW_ASSIGNMENTS):
        return inbox.show(request, inbox.assignment_of(request, line.report_id), reply=form, status=422)
    return reports.show(request, reports.report_of(request, line.report_id), reply=form, status=422)


@page(Right.SIGN_RECEIPT, methods=("POST",))
def people_name(request: Any, report_id: int) -> HttpResponse:
    """Name the people who answer for the child's return."""
    report = inbox.assignment_of(request, report_id)
    form = PeopleForm(request.POST, held=local(answering([report.case], day=clock.today())[report.case_id]))
    if form.is_valid():
        try:
            named = receiving.name_people(report=report, people=form.people(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "责任人已落实。" if named else "责任人没有变化。")
            return redirect("assignment_show", report_id=report.pk)
    return inbox.show(request, report, people=form, status=422)


def own_letter(request: Any, line_id: int) -> Line:
    """A letter addressed to the office of this post; every other one does not exist."""
    lines = Line.objects.within(request.actor.scope).received_by(request.actor.scope).exclude(letter={})
    found: Line = get_object_or_404(lines.select_related("report__child"), pk=line_id)
    return found


def back(request: Any, line: Line) -> HttpResponse:
    """Where this office goes on with the child."""
    return redirect("assignment_show" if request.actor.may(Right.VIEW_ASSIGNMENTS) else "report_show", report_id=line.report_id)
