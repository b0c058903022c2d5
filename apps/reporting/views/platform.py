"""① the platform: a panel to copy from, the number it gave, and the list of what waits to be entered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.reporting import letters
from apps.reporting.actions.sending import enter_platform
from apps.reporting.forms import PlatformForm
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.workflow import Kind, State
from apps.schools.models import School
from apps.students.actions import reveal_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON = "录入云南省政府救助平台"


@page(Right.ENTER_PLATFORM, methods=("GET", "POST"))
def platform_show(request: Any, report_id: int) -> HttpResponse:
    """The panel, field by field in the platform's order; POST: entered, under this number."""
    report = issued(request, report_id)
    form = PlatformForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        line = get_object_or_404(Line.objects.within(request.actor.scope).select_related("report__child"), report=report, kind=Kind.PLATFORM)
        try:
            enter_platform(line=line, number=form.cleaned_data["number"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("number" if refusal.code == "number" else None, refusal.sentence)
        else:
            messages.success(request, f"已登记平台受理号 {line.number}。")
            return redirect("report_show", report_id=report.pk)
    return panel(request, report, form)


@page(Right.ENTER_PLATFORM, methods=("POST",))
def platform_number(request: Any, report_id: int) -> HttpResponse:
    """The panel with the full ID number on it, this once; the look is logged first."""
    report = issued(request, report_id)
    form, number = PlatformForm(), ""
    try:
        number = reveal_number(child=report.child, by=request.actor, reason=REASON, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return panel(request, report, form, number=number)


def issued(request: Any, report_id: int) -> ThreeLineReport:
    """A report that was verified; before that there is nothing to enter (404)."""
    found: ThreeLineReport = get_object_or_404(
        board.read(ThreeLineReport.objects.within(request.actor.scope)), pk=report_id, verified_at__isnull=False
    )
    return found


def panel(request: Any, report: ThreeLineReport, form: PlatformForm, *, number: str = "") -> HttpResponse:
    """The page of the panel."""
    (row,) = board.rows([report], today=clock.today())
    line, its = next((line, its) for line, its in zip(row.lines, row.clocks, strict=True) if line.kind == Kind.PLATFORM)
    told = {
        "report": report,
        "row": row,
        "line": line,
        "its_clock": its,
        "fields": letters.platform_fields(report, number=number),
        "number": number,
        "form": form,
    }
    return render(request, "reporting/platform_show.html", told, status=422 if form.is_bound else 200)


@page(Right.ENTER_PLATFORM)
def platform_file(request: Any) -> HttpResponse:
    """What waits to be entered as one workbook, ID numbers masked: a file travels further than a page."""
    reports = list(board.read(ThreeLineReport.objects.within(request.actor.scope).live().having(Kind.PLATFORM, State.READY)).order_by("pk"))
    school = School.objects.within(request.actor.scope).get(pk=request.actor.scope.school)
    content = letters.platform_workbook(reports, school=school.name, day=clock.today())
    return download(content, name=f"政府救助平台待录入名单-{clock.today():%Y%m%d}.xlsx", content_type=XLSX)
