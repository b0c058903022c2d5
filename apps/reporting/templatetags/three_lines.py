"""The three lines as a piece of other pages: a case shows them, though 一生一案 stands below and knows nothing of reports."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from apps.core import clock
from apps.core.rights import Right
from apps.core.scope import Actor
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


@register.inclusion_tag("reporting/_lines_step.html", takes_context=True)
def lines_step(context: template.Context, case: Any) -> dict[str, Any]:
    """What is missing of the three lines of an open case, whose it is and by when, with the way there; nothing where all are out."""
    actor = context["request"].actor
    if not actor.may("view_reports"):
        return {"steps": []}
    reports = board.read(ThreeLineReport.objects.within(actor.scope).incomplete()).filter(case=case).order_by("first_day", "pk")
    return {"steps": [missing(row, actor) for row in board.rows(list(reports), today=clock.today())]}


def missing(row: board.Row, actor: Actor) -> dict[str, Any]:
    """One report: the principal's signature, then the registrar's entry into the platform."""
    signed = row.report.verified_at is not None
    action, right, name, who = (
        ("录入平台", Right.ENTER_PLATFORM, "platform_show", "学籍管理员")
        if signed
        else ("核实并签发三线", Right.VERIFY_ABSENCE, "report_verify", "校长")
    )
    may = actor.may(right)
    return {"row": row, "action": action if may else "打开三线报告", "may": may, "who": who,
            "url": reverse(name if may else "report_show", args=[row.report.pk]), "signed": signed}  # fmt: skip


@register.inclusion_tag("reporting/_case_papers.html", takes_context=True)
def case_papers(context: template.Context, case: Any) -> dict[str, Any]:
    """The links to the printed file of a case, for posts that may take it."""
    return {"case": case, "may": context["request"].actor.may("export_cases")}
