"""Which open cases lack their three lines, and the absence behind a case."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.attendance.models import AbsenceRun
from apps.cases.models import Case
from apps.reporting.models import ThreeLineReport


def lacking() -> QuerySet[Case]:
    """Open cases that have no report, though the child stays away long enough; ``person`` (with
    ``person_name``) is the child a merged one went into."""
    person = Coalesce("child__merged_into_id", "child_id")
    away = AbsenceRun.objects.open().suspected().filter(child=OuterRef("person"))
    found: QuerySet[Case] = (
        Case.objects.open().filter(report=None).annotate(person=person, person_name=Coalesce("child__merged_into__name", "child__name"))
    )
    return found.filter(Q(origin=Case.Origin.ABSENCE) | Exists(away))


def runs_of(children: Iterable[int]) -> dict[int, AbsenceRun]:
    """Child -> its latest absence that was long enough for a suspected dropout."""
    runs = AbsenceRun.objects.suspected().filter(child__in=list(children)).select_related("school_class").order_by("first_day")
    return {run.child_id: run for run in runs}


def absence_of(report: ThreeLineReport) -> AbsenceRun | None:
    """The absence a report speaks of; None where a corrected roll call has taken it back."""
    still = Q(ended_on=None) | Q(ended_on__gte=report.begun_on)
    return AbsenceRun.objects.suspected().filter(still, child=report.child_id).order_by("first_day").last()
