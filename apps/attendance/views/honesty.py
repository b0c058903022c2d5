"""Honesty of roll calls, for inspectors: classes worth a look with the reason, and the days of one of them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.attendance.forms.honesty import HonestyFilter
from apps.attendance.queries import honesty
from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.schools.models import SchoolClass
from apps.schools.queries import policy, townships

PER_PAGE = 50


@page(Right.INSPECT_ROLL_CALLS)
def honesty_list(request: Any) -> HttpResponse:
    """The classes of the district whose roll calls give a reason to look closer: hints, no verdict."""
    scope, today = request.actor.scope, clock.today()
    numbers = policy(district=scope.district, day=today)
    form = HonestyFilter(request.GET, townships=townships(scope.district))
    found = honesty.hints(scope, today=today, numbers=numbers)
    counts = [(kind, label, sum(kind in hint.whys for hint in found)) for kind, label in honesty.KINDS.items()]
    wanted = form.wanted()
    chosen = [
        hint for hint in found
        if wanted["kind"] in ("", *hint.whys) and (not wanted["township"] or hint.room.school.township_id == wanted["township"])
    ]  # fmt: skip
    listed = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(hint.room, [(honesty.KINDS[kind], why) for kind, why in hint.whys.items()]) for hint in listed]
    told = {"form": form, "page": listed, "rows": rows, "counts": counts, "since": honesty.window(numbers, today), "today": today}
    return render(request, "attendance/honesty_list.html", told)


@page(Right.INSPECT_ROLL_CALLS)
def honesty_class(request: Any, class_id: int) -> HttpResponse:
    """The roll calls of one class, day by day, with what may be odd beside each."""
    room = get_object_or_404(SchoolClass.objects.within(request.actor.scope).select_related("school"), pk=class_id)
    today = clock.today()
    numbers = policy(district=request.actor.scope.district, day=today)
    told = {"room": room, "days": honesty.days_of(room, today=today, numbers=numbers), "since": honesty.window(numbers, today), "today": today}
    return render(request, "attendance/honesty_class.html", told)
