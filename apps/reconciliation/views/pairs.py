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
from apps.reconciliation.queries import pairs
from apps.reconciliation.views import rows as side

ANSWERS = [("open", "待判定"), ("ask", "须核实"), ("same", "同一人"), ("different", "不是同一人"), ("all", "全部")]


@page(Right.JUDGE_PAIRS)
def doubtful_list(request: Any) -> HttpResponse:
    """The queue of the last run: the likeliest first."""
    run = boards.latest_run(request.actor.scope)
    found = pairs.queue(run, request.actor.scope).select_related("left__school", "right__school", "left__upload", "right__upload")
    asked = request.GET.get("answer", "open")
    wanted = {"open": {"said": ""}, "all": {}}.get(asked, {"said": asked})
    listed = Paginator(found.filter(**wanted), 30).get_page(request.GET.get("page"))
    rows = [{"pair": pair, "left": side.title(pair.left), "right": side.title(pair.right), "said": DoubtfulPair.Answer(pair.said)} for pair in listed]
    told = {"run": run, "page": listed, "rows": rows, "answers": ANSWERS, "asked": asked, "left": pairs.waiting(run, request.actor.scope)}
    return render(request, "reconciliation/doubtful_list.html", told)


@page(Right.JUDGE_PAIRS, methods=("GET", "POST"))
def doubtful_show(request: Any, pair_id: int) -> HttpResponse:
    """Two lines beside each other: same, different, or to be asked."""
    mine = DoubtfulPair.objects.within(request.actor.scope)
    run = get_object_or_404(mine.select_related("run__term"), pk=pair_id).run
    queue = pairs.queue(run, request.actor.scope)
    pair = get_object_or_404(queue.select_related("run__term", "left__upload", "right__upload", "left__school", "right__school"), pk=pair_id)
    form = PairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answered = answer_pair(pair_id=pair.pk, by=request.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            following = queue.filter(said="").exclude(pk=pair.pk).first()
            messages.success(request, told_of(answered, frozen=run.is_frozen))
            return redirect("doubtful_show", pair_id=following.pk) if following else redirect("doubtful_list")
    told = {"pair": pair, "form": form, "beside": side.pair([pair.left, pair.right]), "left": pairs.waiting(run, request.actor.scope)}
    told["said"] = DoubtfulPair.Answer(pair.said)
    return render(request, "reconciliation/doubtful_show.html", told)


def told_of(pair: DoubtfulPair, *, frozen: bool) -> str:
    """What an answer does, in words."""
    kept = "本次比对已签认，记录不变；" if frozen else ""
    if pair.answer == DoubtfulPair.Answer.ASK:
        return f"已放到“须核实”。{kept}核实后请回来判定。"
    return f"已记下：{pair.get_answer_display()}。{kept}下次比对会按此判定。"
