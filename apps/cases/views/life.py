"""What people do on the page of a case: ask, sign, move, note; open one by hand; take a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.cases.actions import joining, moving, noting, proposing
from apps.cases.forms.life import AskForm, DecideForm, MergeForm, NoteForm, OpenForm
from apps.cases.models import Attachment, Case, CaseEntry, Proposal
from apps.cases.queries import lists
from apps.cases.rules.proposing import BY_KIND, Kind
from apps.cases.views import showing
from apps.cases.workflow import State, grounds
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.students.models import Child


@page(Right.PROPOSE_CASE, methods=("POST",), back="case_show")
def case_ask(request: Any, case_id: int) -> HttpResponse:
    """Ask for something that takes two signatures."""
    case = showing.case_of(request, case_id)
    kind = request.POST.get("kind", "")
    if kind not in BY_KIND or kind == Kind.EXEMPT:  # which has its own form of application
        raise Http404
    form = AskForm(request.POST, request.FILES, kind=kind, grounds=grounds(case.standing, kind))

    def done() -> str:
        made = proposing.ask(case=case, asked=form.asked(), by=request.actor, now=clock.now())
        return f"已提出{made.get_kind_display()}，等待第二人审定。"

    return attempt(request, case, form, done, name=f"ask_{kind}")


def attempt(request: Any, case: Case, form: Any, act: Callable[[], str], *, name: str) -> HttpResponse:
    """Act where the form holds; a refusal comes back on the page with all that was typed."""
    if form.is_valid():
        try:
            said = act()
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect("case_show", case_id=case.pk)
    return showing.show(request, showing.case_of(request, case.pk), status=422, **{name: form})


@page(Right.DECIDE_CASE, methods=("POST",))
def proposal_decide(request: Any, proposal_id: int) -> HttpResponse:
    """The second signature."""
    proposal = proposal_of(request, proposal_id)
    form = DecideForm(request.POST)

    def done() -> str:
        told = form.cleaned_data
        return proposing.decide(proposal=proposal, agree=told["answer"] == "yes", text=told["text"], by=request.actor, now=clock.now())

    return attempt(request, proposal.case, form, done, name=f"decide_{proposal.pk}")


@page(Right.PROPOSE_CASE, methods=("POST",))
def proposal_withdraw(request: Any, proposal_id: int) -> HttpResponse:
    """Whoever asked takes it back."""
    proposal = proposal_of(request, proposal_id)
    try:
        proposing.withdraw(proposal=proposal, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已撤回{proposal.get_kind_display()}。")
    return redirect("case_show", case_id=proposal.case_id)


def proposal_of(request: Any, proposal_id: int) -> Proposal:
    """A proposal of a case within the scope; 404 for a stranger."""
    found = Proposal.objects.within(request.actor.scope).select_related("case__child", "case__school", "case__school_class")
    one: Proposal = get_object_or_404(found, pk=proposal_id)
    return one


@page(Right.VIEW_CASES, methods=("POST",), back="case_show")
def case_move(request: Any, case_id: int) -> HttpResponse:
    """Take a step of the table; what it lacks is said."""
    case = showing.case_of(request, case_id)
    target = next((state for state in State if state == request.POST.get("target")), None)
    if target in (None, State.MERGED, State.REOPENED):  # which have forms of their own
        raise Http404
    try:
        moving.move(case=case, target=target, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return showing.show(request, showing.case_of(request, case_id), status=422)
    messages.success(request, f"个案已转为“{target.label}”。")
    return redirect("case_show", case_id=case_id)


@page(Right.LOG_CASE, methods=("POST",), back="case_show")
def case_note(request: Any, case_id: int) -> HttpResponse:
    """A note, files, or a correction."""
    case = showing.case_of(request, case_id)
    form = NoteForm(request.POST, request.FILES, today=clock.today())

    def done() -> str:
        told = form.cleaned_data
        wrong = get_object_or_404(CaseEntry, case=case, pk=told["corrects"]) if told["corrects"] else None
        noting.note(case=case, text=told["text"], on=told["on"], by=request.actor, now=clock.now(), files=told["files"], corrects=wrong)
        return "已记入台账。"

    return attempt(request, case, form, done, name="note")


@page(Right.MERGE_CASES, methods=("POST",), back="case_show")
def case_merge(request: Any, case_id: int) -> HttpResponse:
    """Two cases of one child become one; leads to the one that goes on."""
    case = showing.case_of(request, case_id)
    others = [one for one in lists.others(case, request.actor.scope) if one.is_open]
    form = MergeForm(request.POST, others=others)
    if form.is_valid():
        into = next(one for one in others if str(one.pk) == form.cleaned_data["into"])
        try:
            kept = joining.merge_case(case=case, into=into, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已并案：个案 #{case.pk} 并入本案。")
            return redirect("case_show", case_id=kept.pk)
    return showing.show(request, case, status=422, merge=form)


@page(Right.OPEN_CASE, methods=("GET", "POST"))
def case_open(request: Any, child_id: int) -> HttpResponse:
    """Open a case by hand; a child that has an open one leads there."""
    child = get_object_or_404(Child.objects.within(request.actor.scope).filter(merged_into=None), pk=child_id)
    form = OpenForm(request.POST or None, request.FILES or None, may_confirm=request.actor.role == "bureau")
    if request.method == "POST" and form.is_valid():
        told = {"never_enrolled": False} | form.cleaned_data
        try:
            made = noting.open_case(child=child, by=request.actor, now=clock.now(), **told)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已为{child.name}立案（{made.standing.label}）。")
            return redirect("case_show", case_id=made.pk) if request.actor.may(Right.VIEW_CASES) else redirect("child_show", child_id=child.pk)
    return render(request, "cases/open.html", {"form": form, "child": child}, status=422 if form.is_bound else 200)


@page(Right.VIEW_CASES)
def case_attachment(request: Any, attachment_id: int) -> HttpResponse:
    """A file of a case, to keep; who took it is written down."""
    found = get_object_or_404(
        Attachment.objects.within(request.actor.scope).open_to(request.actor).select_related("case", "lesson__plan"), pk=attachment_id
    )
    content = noting.open_attachment(attachment=found, by=request.actor)
    if content is None:
        raise Http404
    return download(content, name=found.file_name, content_type=found.content_type)
