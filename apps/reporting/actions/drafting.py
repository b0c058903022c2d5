"""Drafting: every case of a child that stays away gets its report with three lines, and another one for another absence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.attendance.models import AbsenceRun
from apps.audit.actions import record
from apps.cases.actions.lines import lines_drafted
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
    """Draft the report of every absence of an open case that has none (of some cases only, where given); safe to repeat and to run twice at
    once. The reports of merged cases go on with the other one first.

    Returns how many were drafted. 〔方案二（三）2〕学校要对3天及以上无正当理由未到校的学生完成“三线”报告。
    """
    if followed := drafts.follow_merged():
        record("follow_reports", f"三线报告随并案转入 {followed} 份", by=by)
    keys = {case for case, _ in drafts.unreported(cases)}
    if not keys:
        return 0
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))  # a second one waits here
    found = drafts.with_absences(drafts.unreported(keys))  # and sees now what the first one drafted
    today = timezone.localtime(now).date()
    numbers = {district: policy(district=district, day=today) for district in {case.district_code for case, _ in found}}
    reports = [drafted(case, run, numbers[case.district_code], now, today) for case, run in found]
    ThreeLineReport.objects.bulk_create(reports)
    Line.objects.bulk_create(Line(report=report, kind=kind.value) for report in reports for kind in THREE)
    CaseEntry.objects.bulk_create(told(report, by, now) for report in reports)
    telling.tell_all((telling.drafted(report) for report in reports), by=by, now=now)
    lines_drafted(cases=keys, today=today)
    if reports:
        record("draft_lines", f"起草三线报告 {len(reports)} 份", by=by, reports=[report.pk for report in reports])
    return len(reports)


def drafted(case: Case, run: AbsenceRun, numbers: Policy, now: datetime, today: date) -> ThreeLineReport:
    """The report of an absence, at the school the child stays away from.

    The clock starts on the day of the draft: a report that comes after late roll calls is not overdue before it is there.
    """
    return ThreeLineReport(
        case=case, child=case.child.merged_into or case.child, district_code=case.district_code, township_code=case.township_code,
        village_code=case.village_code, school_id=run.school_id, school_class_id=run.school_class_id, drafted_at=now,
        begun_on=today, first_day=run.first_day, last_day=run.last_day,
        send_days=numbers["three_lines_school_days"], visit_days=numbers["first_visit_school_days"],
    )  # fmt: skip


def told(report: ThreeLineReport, by: Actor, now: datetime) -> CaseEntry:
    """The line of the ledger that says so."""
    text = f"已起草三线报告，待校长核实签发；{report.send_days} 个上课日内发出。"
    return CaseEntry(
        case=report.case, kind=CaseEntry.Kind.NOTE, text=text, happened_on=report.begun_on, written_at=now, by_name=by.name, by_title=by.title
    )
