"""The principal's one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.reporting.actions.verifying import verify
from apps.reporting.forms import VerifyForm
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board, prefill


@page(Right.VERIFY_ABSENCE, methods=("GET", "POST"))
def report_verify(request: Any, report_id: int) -> HttpResponse:
    """What is known, what is missing, and the button that sends all three lines. An issued report leads to its page."""
    report = get_object_or_404(board.read(ThreeLineReport.objects.within(request.actor.scope)), pk=report_id)
    if report.verified_at and request.method == "GET":
        return redirect("report_show", report_id=report.pk)
    known = prefill.known_of(report)
    form = VerifyForm(request.POST or None, initial=known.initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = verify(report_id=report.pk, said=form.verified(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            sent = "、".join(line.addressee for line in done.lines.all() if line.letter)
            messages.success(request, f"三线报告已签发：书面报告已送达{sent}。还差一步：把下面各栏录入平台。")
            return redirect("platform_show", report_id=done.pk)
    (row,) = board.rows([report], today=clock.today())
    told = {"report": report, "row": row, "known": known, "form": form}
    return render(request, "reporting/report_verify.html", told, status=422 if form.is_bound else 200)
