"""The statistics table of the plan and the rosters: on screen, as workbooks, on paper."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.core import clock
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.reconciliation import letters, statistics
from apps.reconciliation.models import Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import figures
from apps.reconciliation.views import tables
from apps.reconciliation.views.runs import of_finished
from apps.schools.models import School

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.VIEW_RUNS)
@of_finished
def run_statistics(request: Any, run: Run) -> HttpResponse:
    """The statistics of a run at one level, primary and junior apart, the identities beneath."""
    found = boards.board(run, request.actor.scope)
    levels = [{"code": code, "label": label} for code, label in boards.LEVELS.items() if found.level(code)]
    level = request.GET.get("level", "")
    level = level if level in {one["code"] for one in levels} else levels[min(1, len(levels) - 1)]["code"]
    places = statistics.places(found, level)
    parts = [
        {"groups": part, "rows": [row for place in places for row in stage_rows(run, place, part, name=statistics.named(found, place))]}
        for part in statistics.pages(statistics.groups(level))
    ]
    tone, sentence = tables.balance_sentence(found)
    told = {"run": run, "levels": levels, "level": level, "parts": parts, "balance": sentence, "balance_tone": tone}
    told["identities"] = [{"name": place.name, "lines": tables.identities(place)} for place in places if place.code or place.level == "district"]
    return render(request, "reconciliation/run_statistics.html", told)


def stage_rows(run: Run, place: boards.Place, groups: list[statistics.Group], *, name: str) -> list[dict[str, Any]]:
    """A place as up to four rows: all, primary, junior, and what has no stage."""
    stages = [stage for stage in figures.STAGES if stage != "other" or any(place.counts["other"].values())]
    return [
        {"name": name, "stage": figures.STAGES[stage], "first": stage == "", "span": len(stages),
         "cells": [tables.cell(run, place, code, stage) for group in groups for code, _ in group.columns]}
        for stage in stages
    ]  # fmt: skip


@page(Right.VIEW_RUNS)
@of_finished
def run_statistics_file(request: Any, run: Run) -> HttpResponse:
    """The statistics as a workbook, a sheet for each level."""
    content = statistics.workbook(run, boards.board(run, request.actor.scope), printed_on=clock.today())
    return download(content, name=f"四查三比对统计表-{run.term.code}-第{run.pk}次.xlsx", content_type=XLSX)


@page(Right.VIEW_RUNS)
@of_finished
def run_rosters(request: Any, run: Run) -> HttpResponse:
    """The schools that have an unregistered or a not-returned child, with both rosters to download."""
    found = boards.board(run, request.actor.scope)
    rows = [
        {
            "school": place,
            "numbers": [{"code": code, "label": label, "count": place.counts[""][f"second_{code}"]} for code, label in letters.ROSTERS.items()],
        }
        for place in found.schools.values()
        if any(place.counts[""][f"second_{code}"] for code in letters.ROSTERS)
    ]
    return render(request, "reconciliation/run_rosters.html", {"run": run, "rows": rows, "rosters": letters.ROSTERS.values()})


@page(Right.VIEW_RUNS)
@of_finished
def run_roster_file(request: Any, run: Run, school_code: str, roster: str) -> HttpResponse:
    """未注册 or 未返校学生名册 of one school, ready to print."""
    school = get_object_or_404(School.objects.within(request.actor.scope), pk=school_code)
    if roster not in letters.ROSTERS:
        raise Http404
    content = letters.roster(run, school, roster, scope=request.actor.scope, today=clock.today())
    return download(content, name=f"{school.name}{letters.ROSTERS[roster]}学生名册-{run.term.code}.xlsx", content_type=XLSX)
