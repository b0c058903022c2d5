"""交办: by the bureau, one case or many; taken over, given back, handed on by those who were charged; naming people for one child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.cases.actions import assigning, duties
from apps.cases.actions.assigning_many import assign_many
from apps.cases.forms.duties import AssignForm, DelegateForm, ManyForm, PersonForm, ReasonForm
from apps.cases.forms.filtering import AssignFilter
from apps.cases.models import Assignment, Case, Duty
from apps.cases.queries import assigned as queries
from apps.cases.queries import lists
from apps.cases.rules.duties import may_name
from apps.cases.views import showing
from apps.cases.views.life import attempt
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page, row_key
from apps.core.rights import Right

PER_PAGE = 50
NAMED = 5  # children a message names
READ_WITH = ("child", "school", "school_class")


@page(Right.ASSIGN_CASES, methods=("GET", "POST"))
def assign_list(request: Any) -> HttpResponse:
    """The cases that wait to be handed to a township, narrowed by the list's filter; POST: those ticked, each to its own."""
    form = ManyForm(request.POST or None)
    waiting = Case.objects.within(request.actor.scope).to_assign().select_related(*READ_WITH)
    if request.method == "POST" and form.is_valid():
        keys = {key for text in request.POST.getlist("case") if (key := row_key(text)) is not None}
        ticked = list(waiting.filter(pk__in=keys).order_by("due_on", "pk"))
        done, refused = assign_many(cases=ticked, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        if not keys:
            messages.error(request, "没有选中个案。")
        if gone := len(keys) - len(ticked):
            messages.error(request, f"选中的有 {gone} 件已由别人交办，或已不再等待交办。")
        if done:
            names = [case.child.name for case in ticked if case not in refused]
            messages.success(request, f"已交办 {done} 件：{'、'.join(names[:NAMED])}{'等' if done > NAMED else ''}。")
        for case, sentence in refused.items():
            messages.error(request, f"{case.child.name}：{sentence}")
        return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else "assign_list")
    narrow = AssignFilter.of(request.GET, request.actor)
    found = lists.listed(request.actor.scope, whole=request.actor.may(Right.REVEAL_IDS), today=clock.today(), **narrow.wanted())
    listed = Paginator(waiting.filter(pk__in=found.values("pk")).order_by("due_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.to_assign(list(listed), today=clock.today())
    return render(request, "cases/assign_list.html", {"page": listed, "rows": rows, "form": form, "narrow": narrow})


@page(Right.ASSIGN_CASES, methods=("POST",), back="case_show")
def case_assign(request: Any, case_id: int) -> HttpResponse:
    """Hand one case to a township."""
    case = showing.case_of(request, case_id)
    form = AssignForm(request.POST, townships=queries.choices_of(case))

    def done() -> str:
        made = assigning.assign(case=case, township=form.cleaned_data["township"], text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        return f"已交办{assigning.place_name(made)}，{made.accept_by:%-m月%-d日}前签收。" + (
            "" if made.case.standing.value == "persuading" else "责任人还没有落实齐，齐了即转为“劝返中”。"
        )

    return attempt(request, case, form, done, name="assign")


@page(Right.ASSIGN_CASES, methods=("POST",), back="case_show")
def case_unassign(request: Any, case_id: int) -> HttpResponse:
    """The bureau takes a case back from a township."""
    case = showing.case_of(request, case_id)
    form = ReasonForm(request.POST)

    def done() -> str:
        standing = Assignment.objects.filter(case=case, level=Assignment.Level.TOWNSHIP, ended_at=None).select_related("case__child").first()
        if standing is None:
            raise Refused("这件个案没有交办，或已经结束。", code="state")
        assigning.take_back(assignment=standing, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        return f"已收回对{assigning.place_name(standing)}的交办，请重新交办。"

    return attempt(request, case, form, done, name="unassign")


@page(Right.MANAGE_DUTIES, methods=("POST",), back="case_show")
def case_people(request: Any, case_id: int) -> HttpResponse:
    """Name somebody for this child alone."""
    case = showing.case_of(request, case_id)
    form = PersonForm(request.POST, duties=duties_for(request))

    def done() -> str:
        named = duties.name_for_case(case=case, people=[form.named()], by=request.actor, now=clock.now())
        begun = assigning.begin_if_ready(case=showing.case_of(request, case_id), by=request.actor, now=clock.now())
        return ("责任人已落实。" if named else "责任人没有变化。") + ("责任链已齐，个案转为“劝返中”。" if begun else "")

    return attempt(request, case, form, done, name="people")


def duties_for(request: Any) -> list[Duty]:
    """The posts this post may name for a child."""
    found = Duty.objects.within(request.actor.scope).filter(is_active=True)
    return [duty for duty in found if may_name(duty.level, standing_at=request.actor.scope.level)]


@page(Right.TAKE_ASSIGNMENTS)
def inbox_case(request: Any, case_id: int) -> HttpResponse:
    """One child that was handed to this township or village: who, where, by when, and what is to be done."""
    return show_inbox(request, charged_case(request, case_id))


def charged_case(request: Any, case_id: int) -> Case:
    """A case that stands, or stood, assigned to the acting place; 404 for every other."""
    found: Case = get_object_or_404(Case.objects.once_charged_to(request.actor.scope).select_related(*READ_WITH), pk=case_id)
    return found


def show_inbox(request: Any, case: Case, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a child in the inbox; forms that were refused come back with their reason."""
    told = queries.inbox_case(case, request.actor, today=clock.today())
    forms = {
        "return_form": bound.get("give_back") or ReasonForm(prefix="return"),
        "delegate_form": bound.get("delegate") or DelegateForm(villages=told["villages"], initial={"village": case.village_code}, prefix="delegate"),
        "recall_form": bound.get("recall") or ReasonForm(prefix="recall"),
    }
    return render(request, "cases/inbox_case.html", {"case": case, **told, **forms}, status=status)


@page(Right.TAKE_ASSIGNMENTS, methods=("POST",), back="inbox_case")
def assignment_accept(request: Any, case_id: int) -> HttpResponse:
    """签收."""
    case = charged_case(request, case_id)
    try:
        assigning.accept(assignment=own_of(request, case), by=request.actor, now=clock.now())
        messages.success(request, "已签收，请组织劝返。")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("inbox_case", case_id=case.pk)


@page(Right.TAKE_ASSIGNMENTS, methods=("POST",), back="inbox_case")
def assignment_return(request: Any, case_id: int) -> HttpResponse:
    """Give back with a reason."""
    form = ReasonForm(request.POST, prefix="return")

    def done(case: Case) -> str:
        assigning.give_back(assignment=own_of(request, case), text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        return "已退回，理由已告知交办单位。"

    return try_in_inbox(request, case_id, form, done, name="give_back")


@page(Right.TAKE_ASSIGNMENTS, methods=("POST",), back="inbox_case")
def assignment_delegate(request: Any, case_id: int) -> HttpResponse:
    """The township hands a case on to a village."""
    case = charged_case(request, case_id)
    form = DelegateForm(request.POST, villages=queries.villages_of(case, request.actor.scope), prefix="delegate")

    def done(case: Case) -> str:
        told = form.cleaned_data
        made = assigning.delegate(case=case, village=told["village"], text=told["text"], by=request.actor, now=clock.now())
        return f"已转办{assigning.place_name(made)}。"

    return try_in_inbox(request, case.pk, form, done, name="delegate")


@page(Right.TAKE_ASSIGNMENTS, methods=("POST",), back="inbox_case")
def assignment_recall(request: Any, case_id: int) -> HttpResponse:
    """The township takes a case back from a village."""
    form = ReasonForm(request.POST, prefix="recall")

    def done(case: Case) -> str:
        standing = Assignment.objects.filter(case=case, level=Assignment.Level.VILLAGE, ended_at=None).select_related("case__child").first()
        if standing is None:
            raise Refused("没有转办到村，或已经结束。", code="state")
        assigning.take_back(assignment=standing, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        return "已收回对村（社区）的转办。"

    return try_in_inbox(request, case_id, form, done, name="recall")


def try_in_inbox(request: Any, case_id: int, form: Any, act: Callable[[Case], str], *, name: str) -> HttpResponse:
    """Act where the form holds; a refusal comes back on the page with all that was typed."""
    case = charged_case(request, case_id)
    if form.is_valid():
        try:
            said = act(case)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect("inbox_case", case_id=case.pk)
    return show_inbox(request, case, status=422, **{name: form})


def own_of(request: Any, case: Case) -> Assignment:
    """The standing assignment of the acting place; Refused where it has ended."""
    scope = request.actor.scope
    found = Assignment.objects.filter(case=case, ended_at=None, region_code=scope.village or scope.township).select_related("case__child").first()
    if found is None:
        raise Refused("交办已经结束，请刷新后查看。", code="state")
    return found
