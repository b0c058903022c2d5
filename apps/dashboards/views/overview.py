"""The dashboard: the plan's goal first, every number opens its list. A township's and a school's are the same page narrowed by scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.cases.rules.climbing import LADDER
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
        "found": found, "day": f"{cn_date(today)} {weekday(today)}", "goal": goal(found), "rate": rate(found, today=today),
        "climbed": climbed(found), "states": states(found), "clocks": clocks(found),
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
    """The plan's goal 〔方案一〕, the first of all numbers. Who is of a poor household, only a comparison knows: before the first one there is none."""
    if found.run is None:
        return {"value": "—", "number": None, "url": "", "tone": "", "note": "尚未比对，无法判断"}
    note = "目标 0 人，身体原因不具备学习条件者除外" + (f"；另有疑似 {found.goal_suspected} 人" if found.goal_suspected else "")
    return {"value": found.goal, "number": found.goal, "url": cases(state="out", group="goal"), "tone": "bad" if found.goal else "ok", "note": note}


def rate(found: queries.Overview, *, today: date) -> dict[str, Any]:
    """劝返率 with both numbers it is made of."""
    back = {"value": found.back, "url": cases(state="back", moved="back", since=found.since, until=today)}
    return {"value": found.return_rate, "back": back, "out": {"value": found.out, "url": cases(state="out")}}


def climbed(found: queries.Overview) -> list[dict[str, Any]]:
    """Open cases by the level that was told last."""
    return [{"label": LADDER[level][1], "value": number, "url": cases(state="open", climbed=level)} for level, number in found.climbed.items()]


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
    """The chart's lines; the figure of each week opens its list."""
    tones = {"suspected": "warn", "lost": "bad", "back": "ok"}

    def weekly(kind: str) -> list[str]:
        return [cases(state="all", moved=kind, since=week, until=week + timedelta(6)) for week in found.weeks]

    return [Series(FLOWS[kind], values, tones[kind], weekly(kind)) for kind, values in found.trend.items()]


def numbers(url: str, *told: tuple[str, str, int, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Name -> words, value and address of the list; no address where the post may not open it."""
    return {name: {"label": label, "value": value, "url": f"{url}?{urlencode(wanted)}" if url else ""} for name, label, value, wanted in told}


def roll_figures(request: Any, found: queries.Overview) -> dict[str, dict[str, Any]] | None:
    """Roll calls of today: taken in time, of all classes that have school; too late; not at all."""
    if found.rolls is None or not found.rolls.classes:
        return None
    in_time = found.rolls.taken - found.rolls.late
    return numbers(
        reverse("roll_today") if request.actor.may(Right.VIEW_ATTENDANCE) else "",
        ("part", "截止前已点名", in_time, {"which": "in_time"}), ("whole", "今日有课的班", found.rolls.classes, {"which": "all"}),
        ("late", "逾时", found.rolls.late, {"which": "late"}), ("open", "未点名", found.rolls.open, {"which": "open"}),
    )  # fmt: skip


def line_figures(request: Any, found: queries.Overview) -> dict[str, Any]:
    """Three lines of the term: complete, and how fast."""
    drafted, complete, median = found.lines
    url = reverse("report_list") if request.actor.may(Right.VIEW_REPORTS) else ""
    told = numbers(
        url,
        ("part", "三线报齐", complete, {"state": "complete", "since": found.since}),
        ("whole", "三线报告", drafted, {"state": "all", "since": found.since}),
    )
    return {**told, "median": None if median is None else f"{median:g}"}


def run_figures(request: Any, found: queries.Overview) -> dict[str, Any] | None:
    """The newest comparison: findings settled, places that signed."""
    if found.run is None:
        return None
    settled, every = found.findings
    actor, key = request.actor, found.run.pk
    url = reverse("run_show", args=[key]) if actor.may(Right.VIEW_RUNS) else ""
    signed = {"label": "已签认", "value": found.signatures, "url": reverse("run_signed", args=[key]) if url else ""}
    listed = numbers(
        reverse("finding_list") if actor.may(Right.VIEW_FINDINGS) else "",
        ("part", "已处理", settled, {"run": key, "state": "settled"}), ("whole", "全部问题", every, {"run": key}),
    )  # fmt: skip
    return {"run": found.run, "url": url, "signed": signed, **listed}
