"""Children that stay away: the absence, the case, the draft of the three lines, and the report as a principal issues it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from apps.attendance.models import AbsenceRun
from apps.core.scope import SYSTEM, Actor
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.verifying import Verified, verify
from apps.reporting.models import Line, ThreeLineReport
from apps.students.models import Child
from tests.factories import runs
from tests.factories.registers import term

FOUND = Verified(
    cause="work", whereabouts="随表哥在昆明打工", guardian_name="杨父", guardian_phone="19900000000", home="汤丹镇1村", contacts="已打电话"
)


def absence(child: Child, *, suspected_on: date, **fields: Any) -> AbsenceRun:
    """Three school days of absence, the third one on ``suspected_on``."""
    assert child.school_class is not None
    told = {
        "child": child, "district_code": child.district_code, "township_code": child.township_code, "village_code": child.village_code,
        "school": child.school, "school_class": child.school_class, "first_day": suspected_on - timedelta(2), "last_day": suspected_on,
        "school_days": 3, "suspected_on": suspected_on,
    }  # fmt: skip
    made: AbsenceRun = AbsenceRun.objects.create(**(told | fields))
    return made


def away(child: Child, *, on: date) -> Any:
    """The case of a child that stays away since before ``on``."""
    term(child.district_code)
    absence(child, suspected_on=on)
    return runs.case(child, origin="absence", opened_on=on)


def draft(child: Child, *, on: date, now: datetime) -> ThreeLineReport:
    """The draft of such a case."""
    case = away(child, on=on)
    draft_lines(by=SYSTEM, now=now, cases=[case.pk])
    return ThreeLineReport.objects.get(case=case)


def issued(child: Child, *, on: date, by: Actor, now: datetime, said: Verified = FOUND) -> ThreeLineReport:
    """A report that went out."""
    return verify(report_id=draft(child, on=on, now=now).pk, said=said, by=by, now=now)


def line(report: ThreeLineReport, kind: str) -> Line:
    """One line of a report, as it stands now."""
    return Line.objects.select_related("report__child").get(report=report, kind=kind)
