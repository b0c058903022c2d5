"""Everything that is known of one case, read once: for its printed file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q

from apps.attendance.models import AbsenceRun, Contact, Leave, Mark
from apps.attendance.queries.readable import readable
from apps.cases.models import (
    Assignment,
    Attachment,
    CarePlan,
    Case,
    CaseEntry,
    Climb,
    Duty,
    Guarantor,
    Handover,
    HomeTeaching,
    LegalStep,
    Lesson,
    MonitoringNote,
    Placement,
    Proposal,
    Return,
    Visit,
)
from apps.cases.queries.duties import answering
from apps.cases.queries.duties_then import answering_then
from apps.cases.queries.facts import book
from apps.cases.queries.in_place import seen
from apps.cases.queries.presence import presence
from apps.cases.rules.in_place import Seen
from apps.core.medical import NOTHING, Reader
from apps.reporting.models import ThreeLineReport
from apps.schools.queries import place_names
from apps.students.models import Child

SHOWN = 400  # marks at most: two school years


@dataclass(slots=True)
class Whole:
    """One case with all that hangs on it, and on those that were merged into it."""

    case: Case
    child: Child
    places: dict[str, str]
    ledger: list[CaseEntry]
    attachments: list[Attachment]
    marks: list[Mark]
    runs: list[AbsenceRun]
    leaves: list[Leave]
    contacts: list[Contact]
    reports: list[ThreeLineReport]
    duties: dict[Duty, Guarantor | None]
    assignments: list[Assignment]
    visits: list[Visit]
    steps: list[LegalStep]
    handovers: list[Handover]
    returns: list[Return]
    placements: list[Placement]
    home_teaching: list[HomeTeaching]
    notes: list[MonitoringNote]
    care: list[CarePlan]
    proposals: list[Proposal]
    climbs: list[Climb]
    seen: Seen  # for 四早、六到位
    reader: Reader = NOTHING  # which medical facts may be read in it
    present: tuple[int, int] = (0, 0)  # school days since the case was opened, days present

    @property
    def closings(self) -> list[dict[str, Any]]:
        """The forms by which the case was closed, as they were signed (letters.closing)."""
        return [entry.data["closing"] for entry in self.ledger if "closing" in entry.data]


def whole(case: Case, *, today: date, reader: Reader = NOTHING) -> Whole:
    """Read a case (with child, school and class) whole, as a reader may read it; a fixed number of reads."""
    family = list(Child.objects.family(case.child_id).values_list("pk", flat=True))
    child = Child.objects.standing_for(case.child_id).get()
    cases = [case.pk, *Case.objects.filter(merged_into=case).values_list("pk", flat=True)]
    since = min([case.opened_on, *Case.objects.filter(pk__in=cases).values_list("opened_on", flat=True)])
    runs = list(AbsenceRun.objects.filter(child__in=family, suspected_on__isnull=False).order_by("first_day"))
    begun = min([since, *(run.first_day for run in runs)])
    past = Mark.objects.filter(child__in=family, day__gte=begun).order_by("day")
    reports = ThreeLineReport.objects.filter(case__in=cases).prefetch_related("lines").select_related("child", "school", "school_class")
    given = Lesson.objects.counted().filter(plan__child__in=family)
    files = Attachment.objects.filter(Q(case__in=cases) | Q(lesson__in=given))
    taught = HomeTeaching.objects.filter(child__in=family)
    return Whole(
        case=case, child=child, places=place_names([case.township_code, case.village_code, case.district_code]),
        ledger=list(CaseEntry.objects.filter(case__in=cases)), attachments=list(files.select_related("entry", "lesson")),
        marks=readable(past[:SHOWN], reader), runs=runs,
        leaves=readable(Leave.objects.filter(child__in=family, last_day__gte=begun).order_by("first_day"), reader),
        contacts=readable(Contact.objects.filter(child__in=family, day__gte=begun).order_by("at"), reader),
        reports=list(reports.order_by("first_day")),
        duties=answering_for(case, today=today), assignments=list(Assignment.objects.filter(case__in=cases)),
        visits=list(Visit.objects.marked().filter(case__in=cases)), steps=list(LegalStep.objects.filter(case__in=cases).prefetch_related("services")),
        handovers=list(Handover.objects.filter(case__in=cases)),
        returns=list(Return.objects.filter(case__in=cases).select_related("school", "school_class")),
        placements=list(Placement.objects.filter(case__in=cases).select_related("school", "school_class").prefetch_related("reviews")),
        home_teaching=list(taught.select_related("school").prefetch_related(Prefetch("given", Lesson.objects.counted()))),
        notes=list(MonitoringNote.objects.filter(case__in=cases)), care=list(CarePlan.objects.filter(case__in=cases)),
        proposals=list(Proposal.objects.filter(case__in=cases)), seen=seen(case, book([case], today=today)),
        climbs=list(Climb.objects.filter(case__in=cases)),
        reader=reader, present=presence({case.pk: since}, today=today).get(case.pk, (0, 0)),
    )  # fmt: skip


def answering_for(case: Case, *, today: date) -> dict[Duty, Guarantor | None]:
    """Who answers for the child today; for a case that is over, who did on the day it ended."""
    if case.is_open:
        return answering([case], day=today)[case.pk]
    return answering_then([case], day=case.state_since or case.opened_on)[case.pk].held
