"""The inbox of a township and its villages, phone first: which children to bring back, where, who, by when; a sheet to print."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.reporting.forms import PeopleForm, ReplyForm
from apps.reporting.models import Responsible, ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.queries.places import Places
from apps.reporting.views import reports
from apps.reporting.workflow import State
from apps.schools.models import Region


@page(Right.VIEW_ASSIGNMENTS)
def assignment_list(request: Any) -> HttpResponse:
    """The children to bring back, the most urgent first."""
    rows = board.assigned(request.actor.scope, today=clock.today())
    prefetch_related_objects([row.report for row in rows], "people")
    places = Places(row.report for row in rows)
    told = {"rows": [shown(request, row, places) for row in rows], "overdue": sum(bool(row.visit and row.visit.is_over) for row in rows)}
    return render(request, "reporting/assignment_list.html", told)


def shown(request: Any, row: board.Row, places: Places) -> dict[str, Any]:
    """One child as the inbox shows it."""
    report = row.report
    letter = reports.own_line(request, report)
    return {
        "row": row, "report": report, "village": places.village(report), "map": places.map_link(report), "letter": letter,
        "unsigned": letter is not None and letter.step == State.SENT, "people": standing(report), "age": age(report),
    }  # fmt: skip


def age(report: ThreeLineReport) -> int | None:
    """Whole years."""
    born, today = report.child.birth_date, clock.today()
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def standing(report: ThreeLineReport) -> list[Responsible]:
    """Who answers for the child now: the last named of each duty."""
    return list({one.duty: one for one in report.people.all()}.values())


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
    named = {f"{one.duty}_{part}": getattr(one, part) for one in told["people"] for part in ("name", "phone")}
    told |= {"shown": dict(told), "people_form": people or PeopleForm(initial=named), "reply": reply or ReplyForm()}
    return render(request, "reporting/assignment_show.html", told, status=status)


@page(Right.VIEW_ASSIGNMENTS)
def assignment_sheet(request: Any) -> HttpResponse:
    """The children to visit, a page for each village, with room to write."""
    rows = board.assigned(request.actor.scope, today=clock.today())
    prefetch_related_objects([row.report for row in rows], "people")
    places = Places(row.report for row in rows)
    listed = sorted((shown(request, row, places) for row in rows), key=lambda one: (one["village"], one["report"].pk))
    villages = [(name, list(group)) for name, group in groupby(listed, key=lambda one: one["village"])]
    place = Region.objects.filter(pk=request.actor.scope.village or request.actor.scope.township).first()
    return render(request, "reporting/assignment_sheet.html", {"villages": villages, "place": place, "today": clock.today()})
