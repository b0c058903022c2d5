"""Visits: logged from a phone at the door or afterwards, corrected, and the sheet of paper to take along."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.cases.actions.visiting import correct_visit, log_visit, void_visit
from apps.cases.forms.steps import CorrectionForm, VisitForm, VoidForm
from apps.cases.letters.visits import sheet
from apps.cases.models import Case, Visit
from apps.cases.queries.persuading import background
from apps.cases.views.showing import case_of
from apps.core import clock, papers, papers_docx
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.papers import Paper
from apps.core.rights import Right
from apps.schools.queries import place_names


@page(Right.LOG_VISIT, methods=("GET", "POST"))
def visit_new(request: Any, case_id: int) -> HttpResponse:
    """A visit to the child of a case; POST: written down."""
    case = case_of(request, case_id)
    initial = {"day": clock.today(), "visitors": request.actor.name, "way": "home"}
    form = VisitForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            log_visit(case=case, seen=form.seen(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "已登记，台账里可以看到。")
            return redirect(back_to(request, case))
    return shown(request, case, form, {"sheet": True})


@page(Right.LOG_VISIT, methods=("GET", "POST"))
def visit_correct(request: Any, visit_id: int) -> HttpResponse:
    """The same form with what was written; POST: written anew, the first record stays and no longer counts."""
    visit = visit_of(request, visit_id)
    form = CorrectionForm(request.POST or None, request.FILES or None, initial=CorrectionForm.of(visit))
    if request.method == "POST" and form.is_valid():
        reason, seen = form.cleaned_data["reason"], form.seen()
        try:
            correct_visit(visit=visit, seen=seen, reason=reason, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "已更正；原来的记录留在台账里，不再计入。")
            return redirect(back_to(request, visit.case))
    return shown(request, visit.case, form, {"visit": visit, "void": VoidForm(prefix="void")})


@page(Right.LOG_VISIT, methods=("POST",))
def visit_void(request: Any, visit_id: int) -> HttpResponse:
    """A record on the wrong child counts no more; with its reason."""
    visit, form = visit_of(request, visit_id), VoidForm(request.POST, prefix="void")
    if form.is_valid():
        try:
            void_visit(visit=visit, reason=form.cleaned_data["text"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "已作废；原来的记录留在台账里，不再计入。")
            return redirect(back_to(request, visit.case))
    whole = CorrectionForm(initial=CorrectionForm.of(visit))
    return shown(request, visit.case, whole, {"visit": visit, "void": form}, status=422)


def visit_of(request: Any, visit_id: int) -> Visit:
    """A visit within the scope; 404 for a stranger."""
    visits = Visit.objects.within(request.actor.scope).select_related("case__child", "case__school", "case__run__term", "entry")
    visit: Visit = get_object_or_404(visits, pk=visit_id)
    return visit


def shown(request: Any, case: Case, form: VisitForm, told: dict[str, Any], *, status: int = 0) -> HttpResponse:
    """The page of the form."""
    told |= {"case": case, "form": form, "back": back_to(request, case), "given": request.POST.get("back") or request.GET.get("back", "")}
    return render(request, "cases/visit.html", told, status=status or (422 if form.is_bound else 200))


def back_to(request: Any, case: Case) -> str:
    """Where the visitor came from (a path of this site), else the case, else the list of children to bring back."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return str(asked)
    return reverse("case_show", args=[case.pk]) if request.actor.may(Right.VIEW_CASES) else reverse("assignment_list")


@page(Right.LOG_VISIT)
def visit_sheet_pdf(request: Any, case_id: int) -> HttpResponse:
    """家访记录表 to take along."""
    return as_pdf(sheet_of(case_of(request, case_id)))


@page(Right.LOG_VISIT)
def visit_sheet_docx(request: Any, case_id: int) -> HttpResponse:
    """The same as .docx."""
    return as_docx(sheet_of(case_of(request, case_id)))


@page(Right.VIEW_CASES)
def visit_pdf(request: Any, visit_id: int) -> HttpResponse:
    """家访记录 as it was written down."""
    return as_pdf(written(request, visit_id))


@page(Right.VIEW_CASES)
def visit_docx(request: Any, visit_id: int) -> HttpResponse:
    """The same as .docx."""
    return as_docx(written(request, visit_id))


def written(request: Any, visit_id: int) -> Paper:
    """The paper of a visit within the scope; 404 for a stranger."""
    visit = get_object_or_404(Visit.objects.within(request.actor.scope).select_related("case__child"), pk=visit_id)
    return sheet_of(visit.case, visit)


def sheet_of(case: Case, visit: Visit | None = None) -> Paper:
    """The sheet of a case with what is known of the child."""
    known = background(case)
    names = place_names([known.child.township_code, known.child.village_code])
    home = "".join(names.get(code, "") for code in (known.child.township_code, known.child.village_code))
    return sheet(case, known.child, home=home, away=known.away, visit=visit)


def as_pdf(paper: Paper) -> HttpResponse:
    """A paper to print."""
    return download(papers.pdf(paper), name=f"{paper.number or paper.title}.pdf", content_type=papers.PDF_TYPE)


def as_docx(paper: Paper) -> HttpResponse:
    """A paper for offices that keep it as .docx."""
    return download(papers_docx.docx_bytes(paper), name=f"{paper.number or paper.title}.docx", content_type=papers.DOCX_TYPE)
