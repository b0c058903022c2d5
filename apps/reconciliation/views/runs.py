"""Runs: the list, starting one, its board, the children behind a number, two runs beside each other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery.exceptions import OperationalError
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.reconciliation import rules
from apps.reconciliation.actions import running
from apps.reconciliation.forms import ChildFilter
from apps.reconciliation.models import Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import figures, lists
from apps.reconciliation.queries.sources import sources
from apps.reconciliation.tasks import work_run
from apps.reconciliation.views import tables
from apps.registers.models import Kind
from apps.schools import queries as places
from apps.schools.models import School, Term

PER_PAGE = 50
UNDER_WAY = (Run.State.WAITING, Run.State.RUNNING)
WORKERS = 2  # sent for at the start; each chunk that ends sends for one more

log = logging.getLogger(__name__)


def of_finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the run that has ended well; of any other one the person hears that it has no result yet, or none at all."""

    @wraps(view)
    def found(request: Any, run_id: int, **rest: Any) -> HttpResponse:
        run = get_object_or_404(Run.objects.within(request.actor.scope).select_related("term"), pk=run_id)
        if run.is_finished:
            return view(request, run, **rest)
        messages.warning(request, without_result(run))
        return redirect("run_show", run_id=run.pk)

    return found


def without_result(run: Run) -> str:
    """Why a run has no figures, lists and files."""
    return f"{run}还没有完成，完成后才有统计和名单。" if run.state in UNDER_WAY else f"{run}没有完成（{run.get_state_display()}），没有统计和名单。"


@page(Right.VIEW_RUNS)
def run_list(request: Any) -> HttpResponse:
    """All runs of the district, and what a new one would work with."""
    runs = Run.objects.within(request.actor.scope).select_related("term")
    listed = Paginator(runs, 20).get_page(request.GET.get("page"))
    return render(request, "reconciliation/run_list.html", {"page": listed, **term_state(request)})


def term_state(request: Any) -> dict[str, Any]:
    """The chosen term, its registers and what is missing; nothing for a post that starts no run."""
    actor = request.actor
    if not actor.may(Right.START_RUN):
        return {}
    terms = list(Term.objects.of(actor.scope.district))
    begun = places.current_term(district=actor.scope.district, day=clock.today())
    term = next((t for t in terms if t.code == request.GET.get("term")), begun or (terms[0] if terms else None))
    if term is None:
        return {"terms": terms}
    told = boards.registers_of(term)
    kinds = [
        {"label": label, "lines": told.lines.get(kind, 0), "lacking": told.lacking[kind][:12], "more": max(len(told.lacking[kind]) - 12, 0),
         "count": len(told.lacking[kind])}
        for kind, label in Kind.choices
    ]  # fmt: skip
    warnings = running.warnings_before(term, clock.today())
    return {"terms": terms, "term": term, "kinds": kinds, "warnings": warnings, "under_way": running.running_run(actor.scope.district)}


@page(Right.START_RUN, methods=("POST",))
def run_start(request: Any) -> HttpResponse:
    """Start a run over a term's registers."""
    term = get_object_or_404(Term.objects.of(request.actor.scope.district), code=request.POST.get("term", ""))
    try:
        run = running.start_run(term=term, by=request.actor, today=clock.today(), user_id=request.actor.user_id)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("run_list")
    transaction.on_commit(lambda: send_for_workers(run.pk))
    return redirect("run_show", run_id=run.pk)


def send_for_workers(run_id: int) -> None:
    """Let the workers begin at once; where no broker answers, the sweeper brings them later."""
    try:
        for _ in range(WORKERS):
            work_run.delay(run_id=run_id)
    except (OperationalError, OSError, RuntimeError) as fault:
        log.warning("no broker for run %s: %s", run_id, fault)


@page(Right.START_RUN, methods=("POST",))
def run_cancel(request: Any, run_id: int) -> HttpResponse:
    """Stop a run that is on its way."""
    run = get_object_or_404(Run.objects.within(request.actor.scope), pk=run_id)
    try:
        running.cancel_run(run_id=run.pk, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已取消{run}，名册不受影响。可以重新开始。")
    return redirect("run_show", run_id=run.pk)


@page(Right.VIEW_RUNS)
def run_show(request: Any, run_id: int) -> HttpResponse:
    """A run at work: its progress. A finished one: the board."""
    run = get_object_or_404(Run.objects.within(request.actor.scope).select_related("term"), pk=run_id)
    if request.headers.get("HX-Target") == "run-progress" and run.state not in UNDER_WAY:
        return HttpResponse(headers={"HX-Refresh": "true"})  # over: the whole page is another one now
    if not run.is_finished:
        told = {"run": run, "progress": running.progress(run=run), "is_over": run.state not in UNDER_WAY}
        return render(request, "reconciliation/run_progress.html", told)
    return render(request, "reconciliation/run_show.html", {"run": run, "sources": sources(run, request.actor.scope), **board_of(request, run)})


def board_of(request: Any, run: Run) -> dict[str, Any]:
    """Heat tables, figures, balance and signatures of a finished run for one post."""
    scope = request.actor.scope
    found = boards.board(run, scope)
    stage = request.GET.get("stage", "") if request.GET.get("stage") in figures.STAGES else ""
    code = scope.township or request.GET.get("township")  # "" is the place of children without a township here
    township = None if code is None or scope.school else found.townships.get(code)
    homes = [v for v in found.villages.values() if v.township == township.code] if township else list(found.townships.values())
    schools = (
        [s for s in found.schools.values() if not township or s.township == township.code]
        if township or scope.school
        else list(found.townships.values())
    )
    focus = township or found.total
    place = township.code if township and not scope.township else ""
    named = [
        {"label": figures.FIGURES[code].label, "value": focus.counts[stage][code], "url": tables.children_url(run, code, focus, stage)}
        for code in figures.NAMED
    ]
    goal = {"value": focus.counts[stage]["goal"], "url": tables.children_url(run, "goal", focus, stage)}
    tone, sentence = tables.balance_sentence(found)
    return {
        "goal": None if scope.school else goal, "focus": focus, "stage": stage, "stages": stage_links(request, stage), "township": township,
        "named": named if not scope.school else named[1:4],
        "balance_tone": tone, "balance": sentence, "identities": tables.identities(focus, stage)[1 if scope.school else 0:],
        "first": None if scope.school else tables.heat(run, homes, tables.FIRST_HEAT, stage),
        "second": tables.heat(run, schools, tables.SECOND_HEAT, stage),
        "open": boards.open_by_owner(run, scope, township=place), "signed": signing_state(run, found, scope.level, township=place),
        "owners": rules.OWNER_LABELS,
        "third": [
            {"label": figures.FIGURES[c].label, "value": focus.counts[stage][c], "url": tables.children_url(run, c, focus, stage)}
            for c in figures.THIRD_CODES
        ],
    }  # fmt: skip


def stage_links(request: Any, stage: str) -> list[dict[str, Any]]:
    """The switch between all, primary and junior, keeping the rest of the address."""
    told = []
    for code, label in figures.STAGES.items():
        query = request.GET.copy()
        query["stage"] = code
        told.append({"label": label, "url": f"?{query.urlencode()}", "here": code == stage})
    return told[:3]


def signing_state(run: Run, found: boards.Board, level: Level, *, township: str = "") -> dict[str, Any]:
    """Who has signed and who has not, of the places a post sees (of one ``township``); single schools only where they are few."""
    signed = boards.signatures(run)
    shown = [s for s in found.schools.values() if any(s.counts[""].values()) and township in ("", s.township)]
    schools = [(s.name, ("school", s.code) in signed) for s in shown]
    townships = [(t.name, ("township", t.code) in signed) for t in found.townships.values() if t.code and township in ("", t.code)]
    return {
        "schools": schools,
        "schools_done": sum(done for _, done in schools),
        "schools_missing": [] if level == Level.DISTRICT and not township else [name for name, done in schools if not done],
        "townships": townships,
        "townships_done": sum(done for _, done in townships),
        "townships_missing": [name for name, done in townships if not done],
        "bureau": next((s for (where, _), s in signed.items() if where == "bureau"), None),
    }


@page(Right.VIEW_RUNS)
@of_finished
def run_children(request: Any, run: Run) -> HttpResponse:
    """The children behind a number."""
    scope = request.actor.scope
    townships = places.townships(scope.district)
    form = ChildFilter(request.GET, townships=townships if scope.level == Level.DISTRICT else [], schools=School.objects.within(scope))
    asked = form.cleaned_data if form.is_valid() else {}
    found = lists.children(run, scope, whole=request.actor.may(Right.REVEAL_IDS), **asked)
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"row": row, "classes": tables.class_words(row)} for row in listed]
    title = figures.FIGURES[asked["figure"]].label if asked.get("figure") else "比对中的儿童"
    return render(request, "reconciliation/run_children.html", {"run": run, "form": form, "page": listed, "rows": rows, "title": title})


@page(Right.VIEW_RUNS)
@of_finished
def run_compare(request: Any, run: Run) -> HttpResponse:
    """What changed since another run: new, settled, changed class."""
    runs = Run.objects.within(request.actor.scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED]).select_related("term")
    others = [other for other in runs.order_by("-pk")[:30] if other.pk != run.pk]
    asked = request.GET.get("with", "")
    before = next((o for o in others if str(o.pk) == asked), next((o for o in others if o.pk < run.pk), None))
    if before is None:
        return render(request, "reconciliation/run_compare.html", {"run": run, "others": others})
    kind = request.GET.get("kind", "") if request.GET.get("kind") in lists.CHANGE_KINDS else ""
    comparison = request.GET.get("comparison", "") if request.GET.get("comparison") in rules.FIELDS else ""
    counts = lists.change_counts(before, run, request.actor.scope)
    number = sum(n for c, kinds in counts.items() for k, n in kinds.items() if kind in ("", k) and comparison in ("", c))
    listed = Paginator(range(number), PER_PAGE).get_page(request.GET.get("page"))
    offset = (listed.number - 1) * PER_PAGE
    rows = lists.changes(before, run, request.actor.scope, kind=kind, comparison=comparison, limit=PER_PAGE, offset=offset)
    table = [
        {"label": rules.COMPARISON_LABELS[rules.Comparison(c)], "code": c, "cells": [(k, counts.get(c, {}).get(k, 0)) for k in lists.CHANGE_KINDS]}
        for c in rules.FIELDS
    ]
    told = {"run": run, "before": before, "others": others, "table": table, "rows": rows, "page": listed, "kinds": lists.CHANGE_KINDS, "kind": kind}
    return render(request, "reconciliation/run_compare.html", told)
