"""The list of reports and one report: its three lines, receipts, answers, people, visits."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.cases.models import Handover
from apps.cases.queries.duties import answering, local
from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.reporting.forms import AwayForm, ReplyForm, ReportFilter
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.queries.clocks import Clock
from apps.reporting.queries.drafts import absence_of
from apps.reporting.workflow import Kind, State
from apps.schools.models import School

PER_PAGE = 50
TONES = {State.DRAFT: "bad", State.READY: "warn", State.SENT: "info", State.RECEIVED: "ok", State.REPLIED: "ok"}


@page(Right.VIEW_REPORTS)
def report_list(request: Any) -> HttpResponse:
    """The reports of the scope, the newest first; what is overdue is said above."""
    actor, today = request.actor, clock.today()
    schools = School.objects.within(actor.scope) if actor.scope.level in (Level.DISTRICT, Level.TOWNSHIP) else []
    form = ReportFilter(request.GET, schools=schools)
    found = board.listed(actor.scope, today=today, whole=actor.may(Right.REVEAL_IDS), **form.wanted())
    listed = Paginator(board.read(found), PER_PAGE).get_page(request.GET.get("page"))
    told = {
        "form": form, "page": listed, "rows": [shown(row) for row in board.rows(list(listed), today=today)],
        "overdue": sum(row.sending.is_over for row in board.unfinished(actor.scope, today=today)),
        "unanswered": board.away_overdue(actor.scope, today=today) if actor.may(Right.SEND_LETTERS) else 0,
    }  # fmt: skip
    return render(request, "reporting/report_list.html", told)


def shown(row: board.Row) -> dict[str, Any]:
    """A row of the list with its lines as pages show them."""
    return {"row": row, "lines": lines_of(row)}


def lines_of(row: board.Row) -> list[tuple[Line, str, Clock]]:
    """The lines of a row, each with its colour and its clock."""
    return [(line, TONES[line.step], its) for line, its in zip(row.lines, row.clocks, strict=True)]


@page(Right.VIEW_REPORTS)
def report_show(request: Any, report_id: int) -> HttpResponse:
    """One report, and what this post may do now."""
    return show(request, report_of(request, report_id))


def report_of(request: Any, report_id: int) -> ThreeLineReport:
    """A report within the scope, with all that hangs on it; 404 for a stranger."""
    found: ThreeLineReport = get_object_or_404(board.read(ThreeLineReport.objects.within(request.actor.scope)), pk=report_id)
    return found


def show(request: Any, report: ThreeLineReport, *, reply: ReplyForm | None = None, away: AwayForm | None = None, status: int = 200) -> HttpResponse:
    """The page of a report; forms that were refused come back with their reason."""
    actor = request.actor
    (row,) = board.rows([report], today=clock.today())
    handed = Handover.objects.within(actor.scope).filter(case=report.case_id, ended_on=None).first() if row.away else None
    told = {
        "report": report,
        "row": row,
        "today": clock.today(),
        "lines": lines_of(row),
        "absence": absence_of(report),
        "own": own_line(request, report),
        "reply": reply or ReplyForm(),
        "away": away or AwayForm(initial={"addressee": handed.addressee if handed else ""}),
        "handed": handed,
        "people": [(duty, held) for duty, held in local(answering([report.case], day=clock.today())[report.case_id]).items() if held],
        "may_verify": actor.may(Right.VERIFY_ABSENCE) and report.verified_at is None,
        "may_enter": actor.may(Right.ENTER_PLATFORM) and report.verified_at is not None,
    }
    return render(request, "reporting/report_show.html", told, status=status)


def own_line(request: Any, report: ThreeLineReport) -> Any:
    """The letter this post's office has to sign for and to answer."""
    if not request.actor.may(Right.SIGN_RECEIPT):
        return None
    scope = request.actor.scope
    kind, office = (Kind.TOWNSHIP, scope.township) if scope.level == Level.TOWNSHIP else (Kind.BUREAU, scope.district)
    return next((line for line in report.lines.all() if line.kind == kind and line.office == office), None)
