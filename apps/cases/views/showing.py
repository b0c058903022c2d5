"""The page of one case: its sections side by side, each with its own file in ``panels``."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.cases.forms.duties import DutiesOn
from apps.cases.models import Case, CaseEntry
from apps.cases.queries.facts import book
from apps.cases.views.panels import duties, in_place, life, persuading, returning
from apps.cases.views.panels.doors import led
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import PATH, State, step_of
from apps.core import clock
from apps.core.pages import page, row_key
from apps.core.rights import Right
from apps.students.models import Child

PANELS = {"life": life.panel, "duties": duties.panel, "persuading": persuading.panel, "returning": returning.panel, "in_place": in_place.panel}
STAGES = {"primary": "小学", "junior": "初中"}


@page(Right.VIEW_CASES)
def case_show(request: Any, case_id: int) -> HttpResponse:
    """Where one case stands, what comes next and by whom, and its ledger."""
    return show(request, case_of(request, case_id))


def case_of(request: Any, case_id: int) -> Case:
    """A case within the scope; 404 for a stranger."""
    cases = Case.objects.within(request.actor.scope).select_related("child__merged_into", "school", "school_class", "run__term", "finding")
    found: Case = get_object_or_404(cases, pk=case_id)
    return found


def has_card(request: Any, case: Case) -> bool:
    """Whether this post may open the child's card: a school that takes in a child which no register has there yet may not."""
    return bool(request.actor.may(Right.VIEW_CHILDREN) and Child.objects.within(request.actor.scope).filter(pk=case.child_id).exists())


def way(case: Case) -> dict[str, Any]:
    """The straight way through with where the case stands; ``skipped`` are the earlier steps of it that no move of the ledger came by."""
    step = step_of(case.standing)
    moves = case.ledger.exclude(target="").values_list("source", "target")
    passed = {step_of(State(state)) for move in moves for state in move if state}
    skipped = [number for number in range(1, min(step, len(PATH))) if number not in passed]
    return {"steps": [state.label for state in PATH], "step": step, "skipped": skipped}


def show(request: Any, case: Case, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a case; ``bound`` forms that were refused come back with their reasons (status 422), nothing typed is lost."""
    today = clock.today()
    key = row_key(request.GET.get("correct", ""))
    corrects = CaseEntry.objects.filter(case=case, pk=key).first() if key else None
    asked = DutiesOn(request.GET if "duties_on" in request.GET else None)
    on = asked.cleaned_data["duties_on"] if asked.is_valid() else None
    known = book([case], today=today)
    frame = Frame(case, request.actor, today, known, bound | {"duties_on": asked}, corrects, on if on and on < today else None)
    told = {
        "case": case,
        **way(case),
        "stage": STAGES.get(case.stage, ""),
        "panels": led(case, {name: panel(frame) for name, panel in PANELS.items()}),
        "may": {Right.VIEW_CHILDREN: has_card(request, case), Right.VIEW_FINDINGS: request.actor.may(Right.VIEW_FINDINGS)},
    }
    return render(request, "cases/show.html", told, status=status)
