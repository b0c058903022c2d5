"""超期未办: what is overdue with the acting post, what climbed to it, and what is due next."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.roles import BY_CODE
from apps.cases.queries import overdue as queries
from apps.cases.queries.tasks import task_label
from apps.core import clock
from apps.core.pages import page
from apps.core.paging import LongPaginator
from apps.core.rights import Right
from apps.core.scope import Actor

PER_PAGE = 50


@page(Right.VIEW_CASES)
def overdue_list(request: Any) -> HttpResponse:
    """The lists of the acting post: overdue, climbed to it, due next; ``which`` the one that is shown."""
    actor, today = request.actor, clock.today()
    found = {"own": queries.own_overdue(actor, today=today), "climbed": queries.climbed_to(actor), "next": queries.coming(actor, today=today)}
    named = labels(actor)
    which = request.GET.get("which", "")
    which = which if which in named else next(iter(named))
    order = queries.by_deadline if which == "next" else queries.in_order
    listed = LongPaginator(order(found[which]).select_related(*queries.READ_WITH), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [(code, label, found[code].count()) for code, label in named.items()]
    told = {"page": listed, "rows": [row(case, today) for case in listed], "which": which, "tabs": tabs, "next_label": named["next"]}
    return render(request, "cases/overdue_list.html", told)


def labels(actor: Actor) -> dict[str, str]:
    """The lists that a post has, in words."""
    owns, hears = actor.role in queries.OWNERS, actor.role in queries.HEARS
    told = {"own": "由我办理的超期" if owns else "本辖区的超期"} if owns or not hears else {}
    told |= {"climbed": "逐级上报到我的"} if hears else {}
    return told | {"next": "接下来到期的" if owns or not hears else "再没有进展就上报到我的"}


def row(case: Any, today: Any) -> dict[str, Any]:
    """One case as the list shows it."""
    owner = BY_CODE[case.owner_role].label if case.owner_role in BY_CODE else ""
    return {"case": case, "task": task_label(case), "owner": owner, "days": (case.due_on - today).days if case.due_on else None}
