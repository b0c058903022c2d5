"""一生一案: the list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from apps.cases.forms.filtering import CaseFilter
from apps.cases.queries import lists as queries
from apps.cases.workflow import State
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.reconciliation.queries.whereabouts import Whereabouts
from apps.schools.models import Region, School

PER_PAGE = 50


@page(Right.VIEW_CASES)
def case_list(request: Any) -> HttpResponse:
    """The cases of the scope, those not over first of all."""
    scope = request.actor.scope
    regions = Region.objects.within(scope).filter(level=Region.Level.TOWNSHIP) if scope.level == Level.DISTRICT else []
    schools = School.objects.within(scope) if scope.level in (Level.DISTRICT, Level.TOWNSHIP) else []
    form = CaseFilter(request.GET, townships=regions, schools=schools)
    listed = Paginator(queries.listed(scope, whole=request.actor.may(Right.REVEAL_IDS), **form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    counts = [(State(state), number) for state, number in queries.by_state(scope).items()]
    known = Whereabouts(listed)
    rows = [{"case": case, "place": known.child(case)} for case in listed]
    return render(request, "cases/list.html", {"form": form, "page": listed, "rows": rows, "counts": counts})
