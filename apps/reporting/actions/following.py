"""A report that is not out goes with its case to the school that works on it now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.audit.actions import record
from apps.core.scope import Actor
from apps.reporting.actions import telling
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import Kind, State


@transaction.atomic
def follow_cases(*, by: Actor, now: datetime) -> int:
    """Reports of which a line is not out go where their open cases went (cases.actions.joining), with what waits there; those that are whole stay
    with the school that issued them, and whoever has the case reads them. Safe to repeat. Returns how many went. 〔方案二（三）2〕“三线”报告
    """
    gone = list(ThreeLineReport.objects.elsewhere().select_related("case__school", "case__school_class", "child").select_for_update(of=("self",)))
    for report in gone:
        telling.over(report, telling.VERIFY, telling.ENTER, now=now)
        report.school, report.school_class = report.case.school, report.case.school_class or report.school_class
        report.township_code, report.village_code = report.case.township_code, report.case.village_code
    if not gone:
        return 0
    ThreeLineReport.objects.bulk_update(gone, ["school", "school_class", "township_code", "village_code"])
    ready = set(Line.objects.filter(report__in=gone, kind=Kind.PLATFORM, state=State.READY).values_list("report", flat=True))
    waiting = [telling.to_enter(one) if one.pk in ready else telling.drafted(one) for one in gone]
    telling.tell_all(waiting, by=by, now=now)
    record("follow_cases", f"三线报告随个案转移 {len(gone)} 份", by=by, reports=[report.pk for report in gone])
    return len(gone)
