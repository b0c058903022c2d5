"""One step of a line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.cases.actions.lines import lines_out
from apps.cases.models import CaseEntry
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import OPEN, THREE, State, step_to


def move(line: Line, target: State, *, by: Actor, **values: Any) -> None:
    """Bring a line one step on and store what comes with it. Refused without the right, and where somebody took the step a moment ago."""
    step = step_to(line.kind, target)
    if step is None or not by.may(step.right):
        raise Refused("您的岗位不能办理这一步。", code="right")
    if not Line.objects.filter(pk=line.pk, state=step.source).update(state=target.value, **values):
        line.refresh_from_db()
        raise Refused(f"{line.whom.label}现在是“{line.step.label}”，不能再办理这一步；请刷新后查看。", code="state")
    line.refresh_from_db()


def hold(line: Line, target: State) -> None:
    """Wait for whoever has the line and keep it until the end; Refused where it is past this step, before a number is taken for it."""
    step = step_to(line.kind, target)
    standing = Line.objects.select_for_update(no_key=True).get(pk=line.pk)
    if step is None or standing.state != step.source:
        raise Refused(f"{line.whom.label}现在是“{standing.step.label}”，不能再办理这一步；请刷新后查看。", code="state")


def complete(report: ThreeLineReport, *, by: Actor, now: datetime) -> None:
    """Where all three lines of a report are out now, the case is told."""
    if not Line.objects.filter(report=report, kind__in=THREE, state__in=OPEN).exists():
        lines_out(case=report.case, by=by, now=now)


def note(
    report: ThreeLineReport, text: str, *, by: Actor, now: datetime, kind: str = CaseEntry.Kind.NOTE, data: dict[str, Any] | None = None
) -> None:
    """A line in the ledger of the case."""
    CaseEntry.objects.create(
        case_id=report.case_id, kind=kind, text=text[:1000], happened_on=timezone.localtime(now).date(), written_at=now, by_name=by.name,
        by_title=by.title, data=data or {},
    )  # fmt: skip
