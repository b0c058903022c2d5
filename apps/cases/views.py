"""一生一案: the list, and one case with its ledger."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.accounts.roles import BY_CODE
from apps.cases.forms import CaseFilter
from apps.cases.models import Case, CaseEntry
from apps.cases.queries import lists as queries
from apps.cases.workflow import MOVES, PATH, State, step_of
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_date
from apps.reconciliation.queries.whereabouts import Whereabouts
from apps.schools.models import Region, School

PER_PAGE = 50
STAGES = {"primary": "小学", "junior": "初中"}
TONES = {"opened": "bad", "moved": "info", "note": "", "correction": "warn"}


@page(Right.VIEW_CASES)
def case_list(request: Any) -> HttpResponse:
    """The cases of the scope, those not over first of all."""
    scope = request.actor.scope
    regions = Region.objects.within(scope).filter(level=Region.Level.TOWNSHIP) if scope.level == Level.DISTRICT else []
    schools = School.objects.within(scope) if scope.level in (Level.DISTRICT, Level.TOWNSHIP) else []
    form = CaseFilter(request.GET, townships=regions, schools=schools)
    listed = Paginator(queries.listed(scope, whole=request.actor.may(Right.REVEAL_IDS), **form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    counts = [(State(state), number) for state, number in queries.by_state(scope).items()]
    known = Whereabouts(listed)
    rows = [{"case": case, "place": known.child(case)} for case in listed]
    return render(request, "cases/list.html", {"form": form, "page": listed, "rows": rows, "counts": counts})


@page(Right.VIEW_CASES)
def case_show(request: Any, case_id: int) -> HttpResponse:
    """Where one case stands, what comes next and by whom, and its ledger."""
    cases = Case.objects.within(request.actor.scope).select_related("child", "school", "school_class", "run__term", "finding")
    case = get_object_or_404(cases, pk=case_id)
    told = {
        "case": case,
        "steps": [state.label for state in PATH],
        "step": step_of(case.standing),
        "moves": [(move, "、".join(role_name(role) for role in move.roles)) for move in MOVES if move.source == case.standing],
        "ledger": [line(entry) for entry in case.ledger.all()],
        "stage": STAGES.get(case.stage, ""),
    }
    return render(request, "cases/show.html", told)


def role_name(code: str) -> str:
    """The word for a role of the workflow table."""
    return BY_CODE[code].label if code in BY_CODE else "系统"


def line(entry: CaseEntry) -> dict[str, str]:
    """One line of the ledger as the timeline shows it; a later entry says when it was written down."""
    when, written = cn_date(entry.happened_on), cn_date(entry.written_at)
    return {
        "when": when if when == written else f"{when}（{written} 登记）",
        "who": " · ".join(filter(None, (entry.by_name, entry.by_title))),
        "what": entry.get_kind_display(),
        "text": entry.text,
        "tone": TONES[entry.kind],
    }
