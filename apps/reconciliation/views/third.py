"""Comparison ③ for those who see nothing else: the liaison of rural revitalisation, and inspectors."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from apps.core.pages import page
from apps.core.rights import Right
from apps.reconciliation import rules
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import lists
from apps.reconciliation.queries.whereabouts import Whereabouts
from apps.reconciliation.views import rows as side


@page(Right.VIEW_MONITORED_COMPARISON)
def third_list(request: Any) -> HttpResponse:
    """The children out of school by the kind of their household."""
    scope = request.actor.scope
    run = boards.latest_run(scope)
    if run is None:
        return render(request, "reconciliation/third_list.html", {"run": None})
    asked = request.GET.get("klass", "") if request.GET.get("klass") in (GOAL, *rules.THIRD) else ""
    text = request.GET.get("text", "")[:50]
    found = lists.third(run, scope, klass=asked, text=text, whole=request.actor.may(Right.REVEAL_IDS))
    counts = Counter(lists.third(run, scope).values_list("third", flat=True))
    listed = Paginator(found, 50).get_page(request.GET.get("page"))
    known = Whereabouts(listed)
    rows = [
        {
            "row": row,
            "home": known.home(row) or row.village_name,
            "label": rules.label("3", row.third),
            "tone": rules.THIRD[row.third].tone,
            "why": why(row),
            "line": line(row),
        }
        for row in listed
    ]
    goal = {"code": GOAL, "label": "脱贫户、监测户（失学、辍学、疑似）", "tone": "bad", "count": lists.third(run, scope, klass=GOAL).count()}
    kinds = [goal, *({"code": k.code, "label": k.label, "tone": k.tone, "count": counts[k.code]} for k in rules.THIRD.values())]
    return render(request, "reconciliation/third_list.html", {"run": run, "page": listed, "rows": rows, "kinds": kinds, "asked": asked, "text": text})


GOAL = "goal"


def why(row: Any) -> str:
    """Which comparison calls the child out of school."""
    told = [rules.label(c, code) for c, code in (("1", row.first), ("2", row.second)) if (c, code) in rules.OUT_OF_SCHOOL]
    return "、".join(told)


def line(row: Any) -> str:
    """What the monitored list itself says of the child."""
    if row.monitored is None:
        return "不在监测名单"
    return "；".join(word for word in (side.title(row.monitored), row.monitored.situation_text, row.monitored.head_name) if word)
