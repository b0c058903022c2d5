"""The dashboard: the plan's goal first, every number opens its list. A township's and a school's are the same page narrowed by scope."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.cases.workflow import State
from apps.core import clock
from apps.core.charts import Series
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_date, weekday
from apps.dashboards.queries import overview as queries

SPANS = {"today": "今日", "week": "本周", "term": "本学期"}
FLOWS = {"suspected": "新增疑似", "lost": "认定辍学", "back": "劝返"}
CLOCKS = {
    "late_long": ("超期一周以上", "bad"),
    "late": ("超期一周内", "bad"),
    "today": ("今日到期", "warn"),
    "week": ("一周内到期", "off"),
    "later": ("更晚", "off"),
}


@page(Right.VIEW_DASHBOARD)
def dashboard(request: Any) -> HttpResponse:
    """All figures of the scope."""
    actor, today = request.actor, clock.today()
    found = queries.overview(actor, today=today)
    told = {
        "found": found, "day": f"{cn_date(today)} {weekday(today)}", "goal": goal(found), "states": states(found), "clocks": clocks(found),
        "flows": flows(found, today=today), "tiles": tiles(found, actor.scope.level), "series": series(found),
        "labels": [f"{week:%-m.%-d}" for week in found.weeks], "rolls": roll_figures(request, found), "lines": line_figures(request, found),
        "runs": run_figures(request, found), "twice": found.twice,
        "place": actor.title.split(" · ")[-1], "by": "乡镇（街道）" if actor.scope.level == Level.DISTRICT else "学校",
    }  # fmt: skip
    return render(request, "dashboards/dashboard.html", told)


def cases(**wanted: Any) -> str:
    """The list of cases behind a number."""
    return f"{reverse('case_list')}?{urlencode(wanted)}"


def goal(found: queries.Overview) -> dict[str, Any]:
    """The plan's goal 〔方案一〕, the first of all numbers."""
    note = "目标 0 人，身体原因不具备学习条件者除外" + (f"；另有疑似 {found.goal_suspected} 人" if found.goal_suspected else "")
    return {"value": found.goal, "url": cases(state="out", group="goal"), "tone": "bad" if found.goal else "ok", "note": note}


def states(found: queries.Overview) -> list[dict[str, Any]]:
    """Open cases by state."""
    return [{"label": State(state).label, "value": number, "url": cases(state=state)} for state, number in found.states.items()]


def clocks(found: queries.Overview) -> list[dict[str, Any]]:
    """Open cases by how far their next deadline is."""
    return [
        {"label": label, "value": found.overdue[name], "tone": tone, "url": cases(state="open", due=name)} for name, (label, tone) in CLOCKS.items()
    ]


def flows(found: queries.Overview, *, today: Any) -> list[dict[str, Any]]:
    """Suspected, confirmed, returned: a row each, a number for each span."""
    since = {"today": today, "week": found.week, "term": found.since}
    return [
        {"label": label, "numbers": [
            {"span": words, "value": found.flows[span][kind], "url": cases(state="all", moved=kind, since=since[span], until=today)}
            for span, words in SPANS.items()
        ]}
        for kind, label in FLOWS.items()
    ]  # fmt: skip


def tiles(found: queries.Overview, level: Level) -> list[dict[str, Any]]:
    """The places below as tiles; one with overdue cases says so."""
    key = "township" if level == Level.DISTRICT else "school"
    return [
        {"label": name, "value": number, "url": cases(state="open", **{key: code}), "alarm": late > 0, "note": f"超期 {late}" if late else ""}
        for code, name, number, late in found.places
    ]


def series(found: queries.Overview) -> list[Series]:
    """The chart's lines."""
    tones = {"suspected": "warn", "lost": "bad", "back": "ok"}
    return [Series(FLOWS[kind], values, tones[kind]) for kind, values in found.trend.items()]


def roll_figures(request: Any, found: queries.Overview) -> dict[str, Any] | None:
    """Roll calls of today: taken in time, of all classes that have school."""
    if found.rolls is None or not found.rolls.classes:
        return None
    in_time = found.rolls.taken - found.rolls.late
    url = reverse("roll_today") if request.actor.may(Right.VIEW_ATTENDANCE) else ""
    return {"part": in_time, "whole": found.rolls.classes, "late": found.rolls.late, "open": found.rolls.open, "url": url}


def line_figures(request: Any, found: queries.Overview) -> dict[str, Any]:
    """Three lines of the term: complete, and how fast."""
    drafted, complete, median = found.lines
    url = reverse("report_list") + "?state=all" if request.actor.may(Right.VIEW_REPORTS) else ""
    return {"part": complete, "whole": drafted, "median": None if median is None else f"{median:g}", "url": url}


def run_figures(request: Any, found: queries.Overview) -> dict[str, Any] | None:
    """The newest comparison: findings settled."""
    if found.run is None:
        return None
    settled, every = found.findings
    url = reverse("run_show", args=[found.run.pk]) if request.actor.may(Right.VIEW_RUNS) else ""
    return {"part": settled, "whole": every, "run": found.run, "signed": sum(found.signatures.values()), "url": url}
