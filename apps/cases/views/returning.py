"""The way back to school: receiving school, registration, gone again; notes of the watching and the plan of care."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from apps.cases.actions import reopening, returning, watching
from apps.cases.forms.returning import CareForm, LeftForm, ReopenForm, ReturnForm, SchoolForm, WatchForm
from apps.cases.models import Case
from apps.cases.views import life, showing
from apps.cases.views.panels.returning import rooms_of, schools_for
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right


@page(Right.NAME_SCHOOL, methods=("POST",), back="case_show")
def case_school(request: Any, case_id: int) -> HttpResponse:
    """Say which school takes the child in."""
    case = showing.case_of(request, case_id)
    form = SchoolForm(request.POST, schools=schools_for(request.actor))
    if form.is_valid():
        try:
            returning.name_school(case=case, **form.cleaned_data, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已安排{form.cleaned_data['school']}接收，该校现在看得到这件个案。")
            seen = Case.objects.within(request.actor.scope).filter(pk=case.pk).exists()  # a township's child may go to another one's school
            return redirect("case_show", case_id=case.pk) if seen else redirect("case_list")
    return showing.show(request, showing.case_of(request, case_id), status=422, school=form)


@page(Right.REGISTER_RETURN, methods=("POST",), back="case_show")
def case_return(request: Any, case_id: int) -> HttpResponse:
    """The child is on the roll again."""
    case, today = showing.case_of(request, case_id), clock.today()
    form = ReturnForm(request.POST, request.FILES, rooms=rooms_of(request.actor, today), today=today)

    def done() -> str:
        made = returning.register_return(case=case, registered=form.registered(), by=request.actor, now=clock.now())
        where = f"{made.school_class}。到校天数从点名中数，不用填写。" if made.school_class else "不进班。请接着订立安置方案。"
        return f"已登记复学注册：{made.school}，{where}"

    return life.attempt(request, case, form, done, name="registered")


@page(Right.REGISTER_RETURN, methods=("POST",), back="case_show")
def case_return_end(request: Any, case_id: int) -> HttpResponse:
    """The child is gone again."""
    case, today = showing.case_of(request, case_id), clock.today()
    form = LeftForm(request.POST, today=today)

    def done() -> str:
        returning.leave_again(case=case, **form.cleaned_data, by=request.actor, now=clock.now())
        return "已登记再次离校，继续劝返。"

    return life.attempt(request, case, form, done, name="left")


@page(Right.REOPEN_CASE, methods=("POST",), back="case_show")
def case_reopen(request: Any, case_id: int) -> HttpResponse:
    """A watched child learns no more: its case begins anew."""
    case, today = showing.case_of(request, case_id), clock.today()
    form = ReopenForm(request.POST, today=today)

    def done() -> str:
        reopening.reopen(case=case, **form.cleaned_data, by=request.actor, now=clock.now())
        return "已登记再次辍学，个案重新交办乡镇（街道）劝返。"

    return life.attempt(request, case, form, done, name="reopen")


@page(Right.WATCH_CHILD, methods=("POST",), back="case_show")
def case_watch(request: Any, case_id: int) -> HttpResponse:
    """A note of the watching."""
    case, today = showing.case_of(request, case_id), clock.today()
    form = WatchForm(request.POST, request.FILES, today=today)

    def done() -> str:
        made = watching.note(case=case, noted=form.noted(), by=request.actor, now=clock.now())
        return f"已登记跟踪记录：这段时间应到 {made.school_days} 个上课日，实到 {made.present_days}。"

    return life.attempt(request, case, form, done, name="watch")


@page(Right.WATCH_CHILD, methods=("POST",), back="case_show")
def case_care(request: Any, case_id: int) -> HttpResponse:
    """A plan of care."""
    case, today = showing.case_of(request, case_id), clock.today()
    form = CareForm(request.POST, today=today)

    def done() -> str:
        watching.care(case=case, planned=form.planned(), by=request.actor, now=clock.now())
        return "已订立关爱方案。"

    return life.attempt(request, case, form, done, name="care")
