"""The three lines as a piece of other pages: a case shows them, though 一生一案 stands below and knows nothing of reports."""

from __future__ import annotations

from typing import Any

from django import template

from apps.core import clock
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.views.reports import lines_of

register = template.Library()


@register.inclusion_tag("reporting/_three_lines.html", takes_context=True)
def three_lines(context: template.Context, case: Any) -> dict[str, Any]:
    """The lines of a case's newest report and links to the older ones, for posts that may see reports; nothing where it has none."""
    actor = context["request"].actor
    if not actor.may("view_reports"):
        return {"row": None}
    reports = list(board.read(ThreeLineReport.objects.within(actor.scope)).filter(case=case).order_by("-first_day"))
    if not reports:
        return {"row": None}
    (row,) = board.rows(reports[:1], today=clock.today())
    return {"row": row, "report": reports[0], "older": reports[1:], "lines": lines_of(row)}


@register.inclusion_tag("reporting/_case_papers.html", takes_context=True)
def case_papers(context: template.Context, case: Any) -> dict[str, Any]:
    """The links to the printed file of a case, for posts that may take it."""
    return {"case": case, "may": context["request"].actor.may("export_cases")}
