"""The page of one case: its sections side by side, each with its own file in ``panels``."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.accounts.roles import BY_CODE
from apps.cases.models import Case, CaseEntry
from apps.cases.queries.facts import book
from apps.cases.views.panels import duties, life, persuading, returning
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import MOVES, PATH, step_of
from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.templatetags.zaixue import cn_date

PANELS = {"life": life.panel, "duties": duties.panel, "persuading": persuading.panel, "returning": returning.panel}
STAGES = {"primary": "小学", "junior": "初中"}
TONES = {"opened": "bad", "moved": "info", "correction": "warn", "climbed": "bad", "decision": "info"}


@page(Right.VIEW_CASES)
def case_show(request: Any, case_id: int) -> HttpResponse:
    """Where one case stands, what comes next and by whom, and its ledger."""
    return show(request, case_of(request, case_id))


def case_of(request: Any, case_id: int) -> Case:
    """A case within the scope; 404 for a stranger."""
    cases = Case.objects.within(request.actor.scope).select_related("child", "school", "school_class", "run__term", "finding")
    found: Case = get_object_or_404(cases, pk=case_id)
    return found


def show(request: Any, case: Case, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a case; ``bound`` forms that were refused come back with their reasons (status 422), nothing typed is lost."""
    today = clock.today()
    frame = Frame(case, request.actor, today, book([case], today=today), bound)
    told = {
        "case": case,
        "steps": [state.label for state in PATH],
        "step": step_of(case.standing),
        "moves": [(move, "、".join(role_name(role) for role in move.roles)) for move in MOVES if move.source == case.standing],
        "ledger": [line(entry) for entry in case.ledger.all()],
        "stage": STAGES.get(case.stage, ""),
        "panels": {name: panel(frame) for name, panel in PANELS.items()},
    }
    return render(request, "cases/show.html", told, status=status)


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
        "tone": TONES.get(entry.kind, ""),
    }
