"""Signing a run, and the sheet with the signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.reconciliation import rules, statistics
from apps.reconciliation.actions import signing
from apps.reconciliation.forms import SignForm
from apps.reconciliation.models import Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries.sources import sources
from apps.reconciliation.views import tables
from apps.reconciliation.views.runs import of_finished, signing_state

SHOWN = 30  # open findings named before the signature; the rest is a link away


@page(Right.SIGN_RUN, methods=("GET", "POST"))
@of_finished
def run_sign(request: Any, run: Run) -> HttpResponse:
    """The counts to be signed, what is still open, and the signature."""
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            signed = signing.sign(run_id=run.pk, reason=form.cleaned_data["reason"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("reason" if refusal.code == "reason" else None, refusal.sentence)
        else:
            messages.success(request, f"{signed.place_name}已签认{run}。" + ("本次比对已冻结。" if signed.level == "bureau" else ""))
            return redirect("run_signed", run_id=run.pk)
    told = to_sign(request, run)
    form.fields["reason"].required = told["before"].needs_reason
    return render(request, "reconciliation/run_sign.html", {"run": run, "form": form, **told}, status=422 if form.is_bound else 200)


def to_sign(request: Any, run: Run) -> dict[str, Any]:
    """The figures and the open ends before a signature."""
    before = signing.standing(run, by=request.actor)
    found = boards.board(run, request.actor.scope)
    total, rows = found.total, signing.open_findings(run, by=request.actor)
    return {
        "before": before, "signed": signing_state(run, found, request.actor.scope.level),
        "figures": signed_figures(total.counts[""], school=before.level == "school"),
        "identities": tables.identities(total)[1 if before.level == "school" else 0:],
        "findings": rows.select_related("child", "school")[:SHOWN], "kinds": open_kinds(rows), "is_done": run.state == Run.State.DONE,
    }  # fmt: skip


def open_kinds(rows: Any) -> list[dict[str, Any]]:
    """How many findings of each class are still open, the most first."""
    counted = rows.values_list("comparison", "klass").annotate(n=Count("pk")).order_by("-n", "comparison", "klass")
    return [{"label": f"{tables.MARKS[comparison]} {rules.label(comparison, klass)}", "value": number} for comparison, klass, number in counted]


def signed_figures(counts: dict[str, int], *, school: bool) -> list[dict[str, Any]]:
    """The figures a place puts its name to, by comparison, noughts left out: a school those of ②, the others all."""
    groups = statistics.groups("school" if school else "township")
    told = [
        {"label": group.label, "items": [{"label": words, "value": counts[code]} for code, words in group.columns if counts.get(code)]}
        for group in groups
    ]
    return [group for group in told if group["items"]]


@page(Right.VIEW_RUNS)
@of_finished
def run_signed(request: Any, run: Run) -> HttpResponse:
    """The sheet of signatures under a run, to be printed."""
    scope = request.actor.scope
    rows = boards.signatures_seen(run, scope)
    sheets = [{"signature": s, "figures": signed_figures(s.counts.get("figures", {}), school=s.level == "school")} for s in rows]
    return render(request, "reconciliation/run_signed.html", {"run": run, "sheets": sheets, "sources": sources(run, scope)})
