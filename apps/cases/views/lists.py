"""一生一案: the list, and the filters people keep for themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.roles import BY_CODE
from apps.cases.actions import keeping
from apps.cases.forms.filtering import CaseFilter, KeepForm
from apps.cases.models import SavedFilter
from apps.cases.queries import lists as queries
from apps.cases.queries.tasks import task_label
from apps.cases.workflow import State
from apps.core import clock
from apps.core.pages import page, row_key
from apps.core.paging import LongPaginator
from apps.core.rights import Right
from apps.reconciliation.queries.whereabouts import Whereabouts

PER_PAGE = 50


@page(Right.VIEW_CASES)
def case_list(request: Any) -> HttpResponse:
    """The cases of the scope, those not over first of all."""
    scope, today = request.actor.scope, clock.today()
    form = CaseFilter.of(request.GET, request.actor)
    found = queries.listed(scope, whole=request.actor.may(Right.REVEAL_IDS), today=today, **form.wanted())
    listed = LongPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    known = Whereabouts(listed)
    told = {
        "form": form, "page": listed, "counts": counts(queries.by_state(scope)),
        "rows": [{"case": case, "place": known.child(case), "task": task_label(case), "who": owner(case),
                  "days": (case.due_on - today).days if case.due_on else None} for case in listed],
        "kept": SavedFilter.objects.filter(user=request.user), "query": plain_query(request.GET), "exports": request.actor.may(Right.EXPORT_CASES),
    }  # fmt: skip
    return render(request, "cases/list.html", told)


def counts(found: dict[str, int]) -> list[dict[str, Any]]:
    """How many cases stand in each state, each number with its list."""
    return [{"label": State(state).label, "value": number, "url": f"{reverse('case_list')}?state={state}"} for state, number in found.items()]


def owner(case: Any) -> str:
    """Whose the next step is, in words."""
    return BY_CODE[case.owner_role].label if case.owner_role in BY_CODE else ""


def plain_query(asked: QueryDict) -> str:
    """The filter of an address without its page and without what is empty."""
    kept = QueryDict(mutable=True)
    for name, value in asked.items():
        if name in CaseFilter.base_fields and value:
            kept[name] = value
    return kept.urlencode()


@page(Right.VIEW_CASES, methods=("POST",))
def filter_keep(request: Any) -> HttpResponse:
    """Keep a filter under a name; the same name replaces the old one."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请给常用筛选取一个 30 字以内的名称。")
        return redirect("case_list")
    query = plain_query(QueryDict(form.cleaned_data["query"]))
    keeping.keep_filter(user_id=request.user.pk, name=form.cleaned_data["name"], query=query)
    messages.success(request, f"已保存常用筛选“{form.cleaned_data['name']}”。")
    return redirect(f"{reverse('case_list')}?{query}")


@page(Right.VIEW_CASES, methods=("POST",))
def filter_drop(request: Any) -> HttpResponse:
    """Forget one of the own filters."""
    if key := row_key(request.POST.get("filter", "")):
        keeping.drop_filter(user_id=request.user.pk, key=key)
    return redirect("case_list")
