"""The inbox of a township and its villages, phone first: which children to bring back, where, who, by when; a sheet to print."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.cases.models import Case
from apps.cases.queries.duties import answering, local
from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.reporting.forms import PeopleForm, ReplyForm
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.queries import inbox as queries
from apps.reporting.queries.places import Places
from apps.reporting.views import reports
from apps.reporting.workflow import State
from apps.schools.models import Region


@page(Right.VIEW_ASSIGNMENTS)
def assignment_list(request: Any) -> HttpResponse:
    """The children to bring back, the most urgent first."""
    found = queries.entries(request.actor.scope, today=clock.today())
    rows = [row_of(request, one) for one in found]
    return render(request, "reporting/assignment_list.html", {"rows": rows, "overdue": sum((one.days or 0) < 0 for one in found)})


def row_of(request: Any, one: queries.Entry) -> dict[str, Any]:
    """One child of the list: whether the school's letter, or the bureau's assignment, waits for its receipt, and the page where that is signed."""
    letter = reports.own_line(request, one.report) if one.report else None
    to_sign = letter is not None and letter.step == State.SENT
    charged = one.charged is not None and one.charged.own.accepted_at is None
    is_report = one.report is not None and (to_sign or not charged)
    url = reverse("assignment_show", args=[one.report.pk]) if one.report and is_report else reverse("inbox_case", args=[one.case.pk])
    return {"one": one, "unsigned": to_sign or charged, "url": url}


def shown(request: Any, row: board.Row, places: Places) -> dict[str, Any]:
    """One reported child as its page shows it."""
    report = row.report
    letter = reports.own_line(request, report)
    people = local(answering([report.case], day=clock.today())[report.case_id])
    return {
        "row": row, "report": report, "village": places.village(report), "map": places.map_link(report), "letter": letter,
        "unsigned": letter is not None and letter.step == State.SENT, "people": people, "age": age(report),
        "handed": report.case in Case.objects.charged_to(request.actor.scope),
    }  # fmt: skip


def age(report: ThreeLineReport) -> int | None:
    """Whole years."""
    born, today = report.child.birth_date, clock.today()
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@page(Right.VIEW_ASSIGNMENTS)
def assignment_show(request: Any, report_id: int) -> HttpResponse:
    """One child: who, where, guardian, since when, due when, what was tried, and what is to be done."""
    return show(request, assignment_of(request, report_id))


def assignment_of(request: Any, report_id: int) -> ThreeLineReport:
    """A report handed to this township or village; 404 for every other."""
    scope = request.actor.scope
    found: ThreeLineReport = get_object_or_404(board.read(ThreeLineReport.objects.within(scope).assigned_to(scope)), pk=report_id)
    return found


def show(
    request: Any, report: ThreeLineReport, *, people: PeopleForm | None = None, reply: ReplyForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a child to bring back; forms that were refused come back with their reason."""
    (row,) = board.rows([report], today=clock.today())
    told = shown(request, row, Places([report]))
    told |= {"shown": dict(told), "people_form": people or PeopleForm(held=told["people"]), "reply": reply or ReplyForm()}
    return render(request, "reporting/assignment_show.html", told, status=status)


@page(Right.VIEW_ASSIGNMENTS)
def assignment_sheet(request: Any) -> HttpResponse:
    """The children to visit, a page for each village, with room to write."""
    found = queries.entries(request.actor.scope, today=clock.today())
    listed = sorted(found, key=lambda one: (one.village, one.case.pk))
    villages = [(name, list(group)) for name, group in groupby(listed, key=lambda one: one.village)]
    place = Region.objects.filter(pk=request.actor.scope.village or request.actor.scope.township).first()
    return render(request, "reporting/assignment_sheet.html", {"villages": villages, "place": place, "today": clock.today()})
