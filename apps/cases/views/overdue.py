"""超期未办: what is overdue with the acting post, and what climbed to it."""

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

PER_PAGE = 50


@page(Right.VIEW_CASES)
def overdue_list(request: Any) -> HttpResponse:
    """Both lists of the acting post, the most urgent first; ``which=climbed`` the second one."""
    actor, today = request.actor, clock.today()
    which = "climbed" if request.GET.get("which") == "climbed" else "own"
    found = queries.climbed_to(actor) if which == "climbed" else queries.own_overdue(actor, today=today)
    listed = LongPaginator(queries.in_order(found).select_related("child", "school", "school_class"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [row(case, today) for case in listed]
    counts = {"own": queries.own_overdue(actor, today=today).count(), "climbed": queries.climbed_to(actor).count()}
    told = {
        "page": listed,
        "rows": rows,
        "which": which,
        "counts": counts,
        "hears": actor.role in queries.HEARS,
        "owns": actor.role in queries.OWNERS,
    }
    return render(request, "cases/overdue_list.html", told)


def row(case: Any, today: Any) -> dict[str, Any]:
    """One case as the list shows it."""
    owner = BY_CODE[case.owner_role].label if case.owner_role in BY_CODE else ""
    return {"case": case, "task": task_label(case), "owner": owner, "days": (case.due_on - today).days if case.due_on else None}
