"""Findings: the list, one with its source rows, settling it or many like it, the files that prove it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page, row_key
from apps.core.proofs import proof_path
from apps.core.rights import Right
from apps.core.scope import Level
from apps.reconciliation import rules
from apps.reconciliation.actions import settling
from apps.reconciliation.forms import FindingFilter, SettleForm
from apps.reconciliation.models import Finding, Proof, Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import lists, pairs
from apps.reconciliation.queries.whereabouts import Whereabouts
from apps.reconciliation.views import rows as side
from apps.reconciliation.views.runs import PER_PAGE, without_result
from apps.schools import queries as places
from apps.schools.models import School


@page(Right.VIEW_FINDINGS)
def finding_list(request: Any) -> HttpResponse:
    """The findings of a run (the last one unless named), to be filtered, searched and settled together."""
    return show_list(request)


def show_list(request: Any, *, refused: SettleForm | None = None) -> HttpResponse:
    """The list as the address narrows it; ``refused`` is a form for many that did not go through, shown again with what was typed and ticked."""
    scope, actor = request.actor.scope, request.actor
    run = named_run(request) or boards.latest_run(scope)
    if run is None:
        return render(request, "reconciliation/finding_list.html", {"run": None})
    if not run.is_finished:
        messages.warning(request, without_result(run))
        return redirect("run_show", run_id=run.pk) if actor.may(Right.VIEW_RUNS) else redirect("finding_list")
    townships = places.townships(scope.district) if scope.level == Level.DISTRICT else []
    form = FindingFilter(request.GET or {"state": Finding.State.OPEN}, townships=townships, schools=School.objects.within(scope))
    wanted = form.wanted(actor.role)
    listed = Paginator(lists.findings(run, scope, whole=actor.may(Right.REVEAL_IDS), **wanted), PER_PAGE).get_page(request.GET.get("page"))
    known = Whereabouts(listed, district=scope.district)
    rows = [known.finding(finding) for finding in listed]
    told = {
        "run": run, "form": form, "page": listed, "rows": rows, "settle": refused or bulk_form(listed, wanted, actor),
        "ticked": ticked(request), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "reconciliation/finding_list.html", told, status=422 if refused else 200)


def ticked(request: Any) -> list[int]:
    """The findings ticked in the list."""
    return [key for key in map(row_key, request.POST.getlist("finding")) if key]


def named_run(request: Any) -> Run | None:
    """The run the address names; a wrong name is a page that does not exist."""
    asked = request.GET.get("run", "")
    if not asked:
        return None
    return get_object_or_404(Run.objects.within(request.actor.scope).select_related("term"), pk=row_key(asked))


def bulk_form(listed: Any, wanted: dict[str, str], actor: Any) -> SettleForm | None:
    """A form for many findings at once, where all on the page are of one class and the post may settle them."""
    shown = {(finding.comparison, finding.klass, finding.owner) for finding in listed if finding.state == Finding.State.OPEN}
    if len(shown) != 1 or not wanted.get("klass") or not actor.may(Right.SETTLE_FINDINGS):
        return None
    comparison, klass, owner = shown.pop()
    return SettleForm(comparison=comparison, klass=klass) if rules.may_settle(actor.role, owner) else None


@page(Right.SETTLE_FINDINGS, methods=("POST",))
def finding_settle_many(request: Any) -> HttpResponse:
    """Settle the ticked findings as one outcome: all or none. The address carries the filter of the list it was sent from."""
    keys = ticked(request)
    query = request.GET.urlencode()
    here = reverse("finding_list") + (f"?{query}" if query else "")
    found = list(Finding.objects.within(request.actor.scope).filter(pk__in=keys))
    if not found:
        messages.error(request, "没有选中问题。请先在列表中勾选，再提交处理。")
        return redirect(here)
    form = SettleForm(request.POST, request.FILES, comparison=found[0].comparison, klass=found[0].klass)
    if not form.is_valid():
        return show_list(request, refused=form)
    try:
        settled = settling.settle_many(finding_ids=keys, by=request.actor, now=clock.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return show_list(request, refused=form)
    messages.success(request, f"已处理 {len(settled)} 个问题：{settled[0].outcome_label}。统计表已随之更新。")
    return redirect(here)


@page(Right.VIEW_FINDINGS, methods=("GET", "POST"))
def finding_show(request: Any, finding_id: int) -> HttpResponse:
    """One finding: what is wrong, the lines it comes from, what may be done, what was done."""
    finding = get_object_or_404(Finding.objects.within(request.actor.scope).select_related("school", "school_class", "run__term"), pk=finding_id)
    form = SettleForm(request.POST or None, request.FILES or None, comparison=finding.comparison, klass=finding.klass)
    if request.method == "POST":
        if not request.actor.may(Right.SETTLE_FINDINGS):
            raise Http404
        if form.is_valid() and (done := settle(request, finding, form)):
            return done
    return render(request, "reconciliation/finding_show.html", finding_words(request, finding, form), status=422 if form.is_bound else 200)


def settle(request: Any, finding: Finding, form: SettleForm) -> HttpResponse | None:
    """Settle, or leave the refusal on the form."""
    try:
        settling.settle_finding(finding_id=finding.pk, by=request.actor, now=clock.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return None
    messages.success(request, "已处理，统计表已随之更新；下次比对会沿用这一决定。")
    return redirect("finding_show", finding_id=finding.pk)


def finding_words(request: Any, finding: Finding, form: SettleForm) -> dict[str, Any]:
    """Everything the page of a finding shows."""
    entries = lists.source_rows(finding)
    signed = settling.signature_over(finding)
    words = Whereabouts([finding], district=request.actor.scope.district).finding(finding)
    may = request.actor.may(Right.SETTLE_FINDINGS) and rules.may_settle(request.actor.role, finding.owner)
    files = [{"name": p.file_name, "url": reverse("proof_file", args=[p.pk]), "size": p.size, "by": p.created_title} for p in lists.proofs(finding)]
    is_open = finding.state == Finding.State.OPEN and finding.run.state == Run.State.DONE and not signed
    judges = finding.klass == "to_verify" and request.actor.may(Right.JUDGE_PAIRS)
    return {
        "doubt": pairs.of_lines(finding.run, request.actor.scope, [entry.pk for entry in entries]) if judges else None,
        "finding": finding, "form": form if may and is_open else None, "signed": signed, "owner": words["owner"],
        "home": words["home"], "may": may, "comparison": rules.COMPARISON_LABELS[rules.Comparison(finding.comparison)],
        "source": side.table(entries), "pair": side.pair(entries),
        "files": files, "history": lists.history(finding),
        "outcomes": [rules.label(finding.comparison, code) for code in rules.outcomes(finding.comparison, finding.klass)],
    }  # fmt: skip


@page(Right.VIEW_FINDINGS)
def proof_file(request: Any, proof_id: int) -> HttpResponse:
    """A file of proof, to keep."""
    proof = get_object_or_404(Proof.objects.filter(finding__in=Finding.objects.within(request.actor.scope)), pk=proof_id)
    path = proof_path(proof.stored_name)
    if not path.is_file():
        raise Http404
    return download(path.read_bytes(), name=proof.file_name, content_type=proof.content_type)
