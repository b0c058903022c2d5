"""The notices to the acting post, and how many are new."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.notices import actions, queries


@page(Right.WORKBENCH)
def notice_list(request: Any) -> HttpResponse:
    """One line a kind and day; the single notices behind it. How many are new is counted with those that are older than the list."""
    found = queries.digests(request.actor, now=clock.now())
    return render(request, "notices/list.html", {"digests": found, "unseen": queries.unseen_count(request.actor)})


@page(Right.WORKBENCH)
def notice_count(request: Any) -> HttpResponse:
    """The figure beside 通知 in the navigation; the pages ask for it by themselves after they have opened."""
    number = queries.unseen_count(request.actor)
    return render(request, "notices/_count.html", {"number": number})


@page(Right.WORKBENCH, methods=("POST",))
def notice_seen(request: Any) -> HttpResponse:
    """Mark all notices to the acting post as seen."""
    number = actions.mark_seen(by=request.actor, now=clock.now())
    messages.success(request, f"已把 {number} 条通知标为已读。" if number else "这些通知已经标过已读。")
    return redirect("notice_list")
