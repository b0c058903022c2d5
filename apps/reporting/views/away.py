"""The bureau's letter to the district where the household is, and what it answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.reporting.actions import sending
from apps.reporting.forms import AwayForm, ReplyForm
from apps.reporting.models import Line
from apps.reporting.views import reports
from apps.reporting.workflow import Kind


@page(Right.SEND_LETTERS, methods=("POST",))
def away_send(request: Any, report_id: int) -> HttpResponse:
    """Number and issue the letter."""
    line = get_object_or_404(Line.objects.within(request.actor.scope), report=report_id, kind=Kind.AWAY)
    form = AwayForm(request.POST)
    if form.is_valid():
        try:
            sending.send_away(line=line, addressee=form.cleaned_data["addressee"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"函已编号 {line.number}，请下载盖章后寄送。")
            return redirect("report_show", report_id=report_id)
    return reports.show(request, reports.report_of(request, report_id), away=form, status=422)


@page(Right.SEND_LETTERS, methods=("POST",))
def away_reply(request: Any, away_id: int) -> HttpResponse:
    """Write down the answer."""
    line = get_object_or_404(Line.objects.within(request.actor.scope).select_related("report__child"), pk=away_id, kind=Kind.AWAY)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            sending.reply_away(line=line, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "已登记对方的答复。")
            return redirect("report_show", report_id=line.report_id)
    return reports.show(request, reports.report_of(request, line.report_id), reply=form, status=422)
