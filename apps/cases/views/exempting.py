"""缓学、休学、不具备学习条件: the application, and its paper; the paper of a closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from apps.cases.actions import exempting as actions
from apps.cases.forms.exempting import EndForm, ExemptForm
from apps.cases.letters import closing, exempting
from apps.cases.models import Proposal
from apps.cases.queries import exemptions
from apps.cases.queries.facts import facts_of
from apps.cases.rules.proposing import Kind, askers, deciders
from apps.cases.views import life, showing
from apps.core import clock
from apps.core.errors import Refused
from apps.core.medical import reader
from apps.core.pages import download, page
from apps.core.papers import DOCX_TYPE, PDF_TYPE, Paper, pdf
from apps.core.papers_docx import docx_bytes
from apps.core.rights import Right
from apps.schools.queries import policy


@page(Right.PROPOSE_CASE, methods=("GET", "POST"))
def case_exempt(request: Any, case_id: int) -> HttpResponse:
    """Fill in an application; those who may not apply find no page."""
    case, today = showing.case_of(request, case_id), clock.today()
    if request.actor.role not in askers(Kind.EXEMPT):
        raise Http404
    latest = today + timedelta(policy(district=case.district_code, day=today)["exemption_longest_days"])
    child = case.child
    begun = {
        "guardian_name": child.guardian_name,
        "guardian_phone": child.guardian_phone,
        "address": child.address,
        "due_entry": case.school_class or "",
    }
    form = ExemptForm(request.POST or None, request.FILES or None, initial=begun, today=today, latest=latest)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.apply(case=case, asked=form.asked(), application=form.application(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{made.basis_label}申请已提出，等待区教体局审定。申请表可以打印。")
            return redirect("case_show", case_id=case.pk)
    return render(request, "cases/exempt.html", {"case": case, "form": form}, status=422 if form.is_bound else 200)


@page(Right.DECIDE_CASE, methods=("POST",), back="case_show")
def case_exempt_end(request: Any, case_id: int) -> HttpResponse:
    """End an exemption before its last day; those who grant none find no page."""
    case = showing.case_of(request, case_id)
    if request.actor.role not in deciders(Kind.EXEMPT):
        raise Http404
    form = EndForm(request.POST, request.FILES)

    def done() -> str:
        ended = actions.end_early(case=case, by=request.actor, now=clock.now(), **form.cleaned_data)
        return f"{ended.basis_label}已提前结束，个案恢复劝返；请重新交办。"

    return life.attempt(request, case, form, done, name="end_exempt")


@page(Right.VIEW_CASES)
def exempt_pdf(request: Any, exempt_id: int) -> HttpResponse:
    """The application to print."""
    paper = application(request, exempt_id)
    return download(pdf(paper), name=f"{paper.title}.pdf", content_type=PDF_TYPE)


@page(Right.VIEW_CASES)
def exempt_docx(request: Any, exempt_id: int) -> HttpResponse:
    """The same for offices that go on editing it."""
    paper = application(request, exempt_id)
    return download(docx_bytes(paper), name=f"{paper.title}.docx", content_type=DOCX_TYPE)


def application(request: Any, proposal_id: int) -> Paper:
    """The paper of an application within the scope; 404 for a stranger and for any other proposal."""
    proposal = life.proposal_of(request, proposal_id)
    if proposal.kind != Kind.EXEMPT:
        raise Http404
    return exempting.paper(proposal, exemptions.application_of(proposal), medical=reader(request.actor.rights).papers)


@page(Right.VIEW_CASES)
def closing_pdf(request: Any, closing_id: int) -> HttpResponse:
    """The form of a closing to print."""
    paper = closing_form(request, closing_id)
    return download(pdf(paper), name=f"{paper.title}.pdf", content_type=PDF_TYPE)


@page(Right.VIEW_CASES)
def closing_docx(request: Any, closing_id: int) -> HttpResponse:
    """The same for offices that go on editing it."""
    paper = closing_form(request, closing_id)
    return download(docx_bytes(paper), name=f"{paper.title}.docx", content_type=DOCX_TYPE)


def closing_form(request: Any, proposal_id: int) -> Paper:
    """As it was signed; before that, with room for the second signature."""
    proposal: Proposal = life.proposal_of(request, proposal_id)
    if proposal.kind != Kind.CLOSE:
        raise Http404
    stored = exemptions.closing_of(proposal)
    if stored is None:
        facts, numbers = facts_of(proposal.case, today=clock.today())
        stored = closing.composed(proposal.case, proposal, facts=facts, numbers=numbers)
    return closing.paper(stored)
