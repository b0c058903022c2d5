"""分类安置: a page of its own, since the cause decides what may be chosen; the review on the page of the case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.cases.actions import placing as actions
from apps.cases.forms.placing import CAUSES, CauseForm, PlaceForm, ReviewForm
from apps.cases.models import Case, Placement
from apps.cases.rules import placing
from apps.cases.rules.placing import Placing
from apps.cases.views import life, showing
from apps.cases.views.panels.returning import rooms_of
from apps.cases.workflow import State
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right


@page(Right.PLACE_CHILD, methods=("GET", "POST"))
def case_place(request: Any, case_id: int) -> HttpResponse:
    """Plan a placement: the cause, then the kinds that fit it."""
    case = showing.case_of(request, case_id)
    cause = request.POST.get("cause") or request.GET.get("cause") or case.cause
    cause = cause if cause in dict(CAUSES) else ""
    is_back = case.standing != State.PERSUADING
    said = [(kind, placing.why_not(cause, kind, is_back=is_back)) for kind in Placing] if cause else []
    kinds = [kind for kind, why in said if not why]
    today = clock.today()
    form = PlaceForm(request.POST or None, request.FILES or None, kinds=kinds, rooms=rooms_of(request.actor, today), cause=cause, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.place(case=case, plan=form.planned(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, placed(case, made))
            return redirect("case_show", case_id=case.pk)
    told = {
        "case": case, "cause": cause, "causes": CauseForm(initial={"cause": cause}), "form": form if kinds else None, "is_bound": form.is_bound,
        "not_offered": [(kind.label, why) for kind, why in said if why], "needs_panel": cause == placing.Cause.DISABLED,
    }  # fmt: skip
    return render(request, "cases/place.html", told, status=422 if form.is_bound else 200)


def placed(case: Case, made: Placement) -> str:
    """What came of a new plan."""
    if case.standing == State.MONITORING:
        return f"已安置：{made.get_kind_display()}。个案已转入跟踪巩固。"
    return f"安置方案已订：{made.get_kind_display()}，个案现在是“{case.standing.label}”。"


@page(Right.PLACE_CHILD, methods=("POST",), back="case_show")
def case_review(request: Any, case_id: int) -> HttpResponse:
    """What a review found; a case without a standing placement has none to review."""
    case = showing.case_of(request, case_id)
    placement = get_object_or_404(Placement.objects.within(request.actor.scope).select_related("case__child"), case=case, ended_on=None)
    form = ReviewForm(request.POST, request.FILES, today=clock.today())

    def done() -> str:
        made = actions.review(placement=placement, reviewed=form.reviewed(), by=request.actor, now=clock.now())
        return f"已登记复核：{made.get_outcome_display()}。"

    return life.attempt(request, case, form, done, name="review")
