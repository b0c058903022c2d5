"""Doubtful pairs: the queue, and two lines beside each other to be judged."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.reconciliation.actions.settling import answer_pair
from apps.reconciliation.forms import PairForm
from apps.reconciliation.models import DoubtfulPair
from apps.reconciliation.queries import board as boards
from apps.reconciliation.views import rows as side

ANSWERS = [("open", "待判定"), ("ask", "须核实"), ("same", "同一人"), ("different", "不是同一人"), ("all", "全部")]


@page(Right.JUDGE_PAIRS)
def doubtful_list(request: Any) -> HttpResponse:
    """The queue of the last run: the likeliest first."""
    run = boards.latest_run(request.actor.scope)
    pairs = (
        DoubtfulPair.objects.within(request.actor.scope)
        .filter(run=run)
        .select_related("left__school", "right__school", "left__upload", "right__upload")
    )
    asked = request.GET.get("answer", "open")
    wanted = {"open": {"answer": ""}, "all": {}}.get(asked, {"answer": asked})
    listed = Paginator(pairs.filter(**wanted), 30).get_page(request.GET.get("page"))
    rows = [{"pair": pair, "left": side.title(pair.left), "right": side.title(pair.right)} for pair in listed]
    return render(
        request,
        "reconciliation/doubtful_list.html",
        {"run": run, "page": listed, "rows": rows, "answers": ANSWERS, "asked": asked, "left": left(request)},
    )


def left(request: Any) -> int:
    """How many pairs of the last run still wait for this post."""
    return DoubtfulPair.objects.within(request.actor.scope).filter(run=boards.latest_run(request.actor.scope), answer="").count()


@page(Right.JUDGE_PAIRS, methods=("GET", "POST"))
def doubtful_show(request: Any, pair_id: int) -> HttpResponse:
    """Two lines beside each other: same, different, or to be asked."""
    pairs = DoubtfulPair.objects.within(request.actor.scope)
    pair = get_object_or_404(pairs.select_related("run__term", "left__upload", "right__upload", "left__school", "right__school"), pk=pair_id)
    form = PairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answered = answer_pair(pair_id=pair.pk, by=request.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            following = pairs.filter(run=pair.run_id, answer="").exclude(pk=pair.pk).first()
            messages.success(request, told_of(answered))
            return redirect("doubtful_show", pair_id=following.pk) if following else redirect("doubtful_list")
    told = {"pair": pair, "form": form, "beside": side.pair([pair.left, pair.right]), "left": pairs.filter(run=pair.run_id, answer="").count()}
    return render(request, "reconciliation/doubtful_show.html", told)


def told_of(pair: DoubtfulPair) -> str:
    """What an answer does, in words."""
    if pair.answer == DoubtfulPair.Answer.ASK:
        return "已放到“须核实”，核实后请回来判定。"
    return f"已记下：{pair.get_answer_display()}。下次比对会按此判定。"
