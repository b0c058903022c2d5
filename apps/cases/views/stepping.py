"""四步法: issue, serve, void; the papers; the register of legal steps."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.cases.actions.stepping import issue_step, serve_step, void_step
from apps.cases.forms.steps import RegisterFilter, ServiceForm, VoidForm
from apps.cases.letters import official
from apps.cases.letters.register import table
from apps.cases.letters.steps import proof_of_service
from apps.cases.models import LegalStep
from apps.cases.queries.facts import book
from apps.cases.queries.persuading import register
from apps.cases.views import showing
from apps.cases.views.panels.persuading import step_form
from apps.cases.views.visiting import as_docx, as_pdf
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.papers import Paper
from apps.core.rights import Right
from apps.core.scope import Level
from apps.schools.models import Region

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.ISSUE_STEPS, methods=("POST",), back="case_show")
def step_issue(request: Any, case_id: int) -> HttpResponse:
    """Number and issue the next paper."""
    case = showing.case_of(request, case_id)
    known = book([case], today=clock.today())
    form = step_form(known.facts[case.pk], known.numbers, case, request.POST)
    if form.is_valid():
        try:
            made = issue_step(case=case, told=form.told(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"《{made.title}》已编号 {made.number}。请打印盖章，连同送达回证送达。")
            return redirect("case_show", case_id=case.pk)
    return showing.show(request, case, status=422, step=form)


@page(Right.ISSUE_STEPS, methods=("POST",))
def step_serve(request: Any, step_id: int) -> HttpResponse:
    """Write down the proof of service."""
    step = step_of(request, step_id)
    form = ServiceForm(request.POST, request.FILES, prefix=f"serve{step.pk}")
    if form.is_valid():
        try:
            serve_step(step=step, told=form.told(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"已登记送达：{step.number}。")
            return redirect("case_show", case_id=step.case_id)
    return showing.show(request, showing.case_of(request, step.case_id), status=422, service=form)


@page(Right.ISSUE_STEPS, methods=("POST",))
def step_void(request: Any, step_id: int) -> HttpResponse:
    """Make the last paper void."""
    step = step_of(request, step_id)
    form = VoidForm(request.POST, prefix="void")
    if form.is_valid():
        try:
            void_step(step=step, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"{step.number} 已作废，可以重新签发。")
            return redirect("case_show", case_id=step.case_id)
    return showing.show(request, showing.case_of(request, step.case_id), status=422, void=form)


def step_of(request: Any, step_id: int) -> LegalStep:
    """A step within the scope; 404 for a stranger."""
    read_with = ("case__child", "case__school", "case__school_class", "entry")
    found: LegalStep = get_object_or_404(LegalStep.objects.within(request.actor.scope).select_related(*read_with), pk=step_id)
    return found


def issued(request: Any, step_id: int) -> LegalStep:
    """A step that has a paper."""
    step = step_of(request, step_id)
    if not step.letter:
        raise Http404
    return step


@page(Right.VIEW_CASES)
def step_pdf(request: Any, step_id: int) -> HttpResponse:
    """An issued paper to print."""
    return as_pdf(named(issued(request, step_id)))


@page(Right.VIEW_CASES)
def step_docx(request: Any, step_id: int) -> HttpResponse:
    """An issued paper for offices that keep it as .docx."""
    return as_docx(named(issued(request, step_id)))


def named(step: LegalStep) -> Paper:
    """The paper of a step."""
    return official.paper(step.letter)


@page(Right.VIEW_CASES)
def step_proof_pdf(request: Any, step_id: int) -> HttpResponse:
    """送达回证: blank until the service was written down."""
    step = issued(request, step_id)
    return as_pdf(proof_of_service(step, step.service))


@page(Right.VIEW_CASES)
def step_proof_docx(request: Any, step_id: int) -> HttpResponse:
    """The same as .docx."""
    step = issued(request, step_id)
    return as_docx(proof_of_service(step, step.service))


@page(Right.VIEW_CASES)
def step_register(request: Any) -> HttpResponse:
    """The register of legal steps of a year, of the scope."""
    form = filter_of(request)
    listed = Paginator(register(request.actor.scope, **form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    told = {"form": form, "page": listed, "year": form.wanted()["year"], "query": request.GET.urlencode(), "today": clock.today()}
    return render(request, "cases/step_register.html", told)


@page(Right.EXPORT_CASES)
def step_register_file(request: Any) -> HttpResponse:
    """The same register as a workbook: A4 landscape, to be signed."""
    wanted, kept, scope = filter_of(request).wanted(), BytesIO(), request.actor.scope
    code = wanted["township"] or scope.township or scope.district
    place = Region.objects.within(scope).filter(pk=code).values_list("name", flat=True).first() or ""
    table(kept, register(scope, **wanted), place=place, year=wanted["year"], day=clock.today())
    return download(kept.getvalue(), name=f"{place}四步法登记表{wanted['year']}.xlsx", content_type=XLSX)


def filter_of(request: Any) -> RegisterFilter:
    """The filter, with the townships of a district to choose from."""
    scope = request.actor.scope
    townships = Region.objects.within(scope).filter(level=Region.Level.TOWNSHIP) if scope.level == Level.DISTRICT else []
    return RegisterFilter(request.GET, townships=townships, today=clock.today())
