"""The three lines as a piece of other pages: a case shows them, though 一生一案 stands below and knows nothing of reports."""

from __future__ import annotations

from typing import Any

from django import template

from apps.core import clock
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from apps.reporting.views.reports import TONES

register = template.Library()


@register.inclusion_tag("reporting/_three_lines.html", takes_context=True)
def three_lines(context: template.Context, case: Any) -> dict[str, Any]:
    """The lines of a case's report, for posts that may see reports; nothing where it has none."""
    actor = context["request"].actor
    if not actor.may("view_reports"):
        return {"row": None}
    report = board.read(ThreeLineReport.objects.within(actor.scope)).filter(case=case).first()
    if report is None:
        return {"row": None}
    (row,) = board.rows([report], today=clock.today())
    return {"row": row, "report": report, "lines": [(line, TONES[line.step]) for line in row.lines]}
