"""Drafting: every case of a child that stays away gets its report with three lines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.attendance.models import AbsenceRun
from apps.audit.actions import record
from apps.cases.models import Case, CaseEntry
from apps.core.scope import Actor
from apps.reporting.actions import telling
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries import drafts
from apps.reporting.workflow import THREE
from apps.schools.policy import Policy
from apps.schools.queries import policy


@transaction.atomic
def draft_lines(*, by: Actor, now: datetime, cases: Collection[int] | None = None) -> int:
    """Draft the report of every open case that lacks one (of some cases only, where given); safe to repeat and to run twice at once.

    Returns how many were drafted. 〔方案二（三）2〕学校要对3天及以上无正当理由未到校的学生完成“三线”报告。
    """
    wanted = drafts.lacking() if cases is None else drafts.lacking().filter(pk__in=cases)
    keys = list(wanted.order_by("pk").values_list("pk", flat=True))
    if not keys:
        return 0
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))  # a second one waits here
    found: list[Any] = list(drafts.lacking().filter(pk__in=keys).order_by("pk"))  # and sees now what the first one drafted
    runs = drafts.runs_of(case.person for case in found)
    today = timezone.localtime(now).date()
    numbers = {district: policy(district=district, day=today) for district in {case.district_code for case in found}}
    reports = [made for case in found if (made := drafted(case, runs.get(case.person), numbers[case.district_code], now))]
    ThreeLineReport.objects.bulk_create(reports)
    Line.objects.bulk_create(Line(report=report, kind=kind.value) for report in reports for kind in THREE)
    CaseEntry.objects.bulk_create(told(report, by, now) for report in reports)
    names = {case.pk: case.person_name for case in found}
    telling.tell_all((telling.drafted(report, names[report.case_id]) for report in reports), by=by, now=now)
    if reports:
        record("draft_lines", f"起草三线报告 {len(reports)} 份", by=by, reports=[report.pk for report in reports])
    return len(reports)


def drafted(case: Any, run: AbsenceRun | None, numbers: Policy, now: datetime) -> ThreeLineReport | None:
    """The report of a case, at the school the child stays away from; None where no class is known any more.

    The clock starts when the case was opened, or on the day of absence that made it one, whichever is later.
    """
    place = run or case
    if place.school_class_id is None:
        return None
    begun = max(case.opened_on, run.suspected_on) if run and run.suspected_on else case.opened_on
    return ThreeLineReport(
        case=case, child_id=case.person, district_code=case.district_code, township_code=case.township_code, village_code=case.village_code,
        school_id=place.school_id, school_class_id=place.school_class_id, drafted_at=now, begun_on=begun,
        send_days=numbers["three_lines_school_days"], visit_days=numbers["first_visit_school_days"],
    )  # fmt: skip


def told(report: ThreeLineReport, by: Actor, now: datetime) -> CaseEntry:
    """The line of the ledger that says so."""
    text = f"已起草三线报告，待校长核实签发；{report.send_days} 个上课日内发出。"
    return CaseEntry(
        case=report.case, kind=CaseEntry.Kind.NOTE, text=text, happened_on=report.begun_on, written_at=now, by_name=by.name, by_title=by.title
    )
