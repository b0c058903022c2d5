"""移交户籍地: the letter, its track, its answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from apps.cases.actions.handover import answer_handover, send_handover, take_up_letter, track_handover
from apps.cases.forms.steps import AnswerForm, HandoverForm, TrackForm
from apps.cases.letters import official
from apps.cases.models import Case, Handover
from apps.cases.views import showing
from apps.cases.views.visiting import as_docx, as_pdf
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right


@page(Right.SEND_LETTERS, methods=("POST",), back="case_show")
def handover_send(request: Any, case_id: int) -> HttpResponse:
    """Number and issue the letter, or take up the one that went out with the three lines (``begun``); the case is handed over."""
    case = showing.case_of(request, case_id)
    if request.POST.get("begun"):
        return take_up(request, case)
    form = HandoverForm(request.POST, request.FILES, prefix="handover")
    if form.is_valid():
        try:
            made = send_handover(case=case, by=request.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"函已编号 {made.number}，请下载盖章后寄送。书面接收以前，个案不销号。")
            return redirect("case_show", case_id=case.pk)
    return showing.show(request, case, status=422, handover=form)


def take_up(request: Any, case: Case) -> HttpResponse:
    """By the letter that is out already."""
    try:
        made = take_up_letter(case=case, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已按 {made.number} 移交户籍地，不再另发函。书面接收以前，个案不销号。")
    return redirect("case_show", case_id=case.pk)


@page(Right.SEND_LETTERS, methods=("POST",))
def handover_track(request: Any, handover_id: int) -> HttpResponse:
    """A call or a reminder."""
    handover = handover_of(request, handover_id)
    form = TrackForm(request.POST, request.FILES, prefix="track")
    if form.is_valid():
        try:
            track_handover(handover=handover, by=request.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "已登记。")
            return redirect("case_show", case_id=handover.case_id)
    return showing.show(request, showing.case_of(request, handover.case_id), status=422, track=form)


@page(Right.SEND_LETTERS, methods=("POST",))
def handover_answer(request: Any, handover_id: int) -> HttpResponse:
    """The other district's answer."""
    handover = handover_of(request, handover_id)
    form = AnswerForm(request.POST, request.FILES, prefix="answer")
    if form.is_valid():
        try:
            done = answer_handover(handover=handover, told=form.told(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "已登记。个案收回本区继续劝返。" if done.ended_on else "已登记对方的答复。")
            return redirect("case_show", case_id=handover.case_id)
    return showing.show(request, showing.case_of(request, handover.case_id), status=422, answer=form)


def handover_of(request: Any, handover_id: int) -> Handover:
    """A letter within the scope; 404 for a stranger."""
    read_with = ("case__child", "case__school", "case__school_class")
    found: Handover = get_object_or_404(Handover.objects.within(request.actor.scope).select_related(*read_with), pk=handover_id)
    return found


@page(Right.VIEW_CASES)
def handover_pdf(request: Any, handover_id: int) -> HttpResponse:
    """The letter to print."""
    return as_pdf(official.paper(handover_of(request, handover_id).letter))


@page(Right.VIEW_CASES)
def handover_docx(request: Any, handover_id: int) -> HttpResponse:
    """The letter for offices that keep it as .docx."""
    return as_docx(official.paper(handover_of(request, handover_id).letter))
