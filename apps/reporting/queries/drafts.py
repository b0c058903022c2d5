"""Which absences of open cases lack their three lines, and the absence behind a report."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import Exists

from apps.attendance.models import AbsenceRun
from apps.cases.models import Case
from apps.cases.queries.absences import TOLD
from apps.cases.queries.persons import IS_OPEN
from apps.reporting.models import ThreeLineReport
from apps.students.models import Child

# Of an absence that is over, only what the ledger tells of is reported.
UNREPORTED = f"""
SELECT k.id, a.id FROM attendance_absencerun a JOIN students_child c ON c.id = a.child_id
JOIN (SELECT k.id, k.state, coalesce(p.merged_into_id, p.id) AS person FROM cases_case k JOIN students_child p ON p.id = k.child_id) k
    ON k.person = coalesce(c.merged_into_id, c.id)
WHERE a.suspected_on IS NOT NULL AND {IS_OPEN} AND (%(cases)s::bigint[] IS NULL OR k.id = ANY(%(cases)s)) AND (a.ended_on IS NULL OR {TOLD})
    AND NOT EXISTS (SELECT 1 FROM reporting_threelinereport t WHERE t.case_id = k.id AND t.first_day <= a.last_day AND t.last_day >= a.first_day)
ORDER BY k.id, a.first_day, a.id
"""


# The reports of a merged case are those of the case that goes on, but where that has its own of the same absence.
FOLLOW = """
UPDATE reporting_threelinereport t SET case_id = k.merged_into_id FROM cases_case k
WHERE k.id = t.case_id AND k.merged_into_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM reporting_threelinereport o JOIN cases_case f ON f.id = o.case_id WHERE coalesce(f.merged_into_id, f.id) = k.merged_into_id
    AND (o.case_id = k.merged_into_id OR o.id < t.id) AND o.first_day <= t.last_day AND o.last_day >= t.first_day)
"""


def follow_merged() -> int:
    """Hand the reports of merged cases on to the cases that go on. One statement; safe to repeat. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW)
        return int(cursor.rowcount)


def unreported(cases: Collection[int] | None = None) -> list[tuple[int, int]]:
    """(open case, absence of its child that was long enough and has no report), of some cases where given; the earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(UNREPORTED, {"cases": None if cases is None else list(cases)})
        return list(cursor.fetchall())


def with_absences(pairs: Collection[tuple[int, int]]) -> list[tuple[Case, AbsenceRun]]:
    """Such pairs, read; of absences that overlap, as a merged child may have them under its two numbers, the first."""
    cases = Case.objects.select_related("child__merged_into").in_bulk({case for case, _ in pairs})
    runs = AbsenceRun.objects.in_bulk({run for _, run in pairs})
    told: list[tuple[Case, AbsenceRun]] = []
    for case, run in ((cases[case], runs[run]) for case, run in pairs):
        if not (told and told[-1][0] == case and told[-1][1].last_day >= run.first_day):
            told.append((case, run))
    return told


def absence_of(report: ThreeLineReport) -> AbsenceRun | None:
    """The absence a report speaks of; None where a corrected roll call has taken it back, or another report of the case speaks of it."""
    runs = AbsenceRun.objects.suspected().filter(first_day__lte=report.last_day, last_day__gte=report.first_day)
    if report.verified_at is None:
        runs = runs.exclude(Exists(ThreeLineReport.objects.speaking_instead(case=report.case_id, of=report.pk)))
    return runs.filter(child__in=Child.objects.family(report.child_id)).order_by("first_day").last()
