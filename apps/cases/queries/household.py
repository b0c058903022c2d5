"""Where a child's household is, by its standing lines."""

from __future__ import annotations

from apps.cases.models import Case
from apps.cases.rules.household import Known
from apps.registers.models import Entry, Kind
from apps.students.models import Child


def household(case: Case) -> Known:
    """What the registers say of the household of a case's child. Two reads."""
    family = Child.objects.family(case.child_id)
    standing = Entry.objects.filter(child__in=family, district_code=case.district_code, superseded_by=None, ended_by=None)
    lines = list(standing.values_list("kind", "state", "residence_code"))
    return Known(
        listed=[state for kind, state, _ in lines if kind == Kind.HOUSEHOLD],
        codes=[code for kind, _, code in lines if code and kind != Kind.HOUSEHOLD],
        township=next(iter(Child.objects.standing_for(case.child_id).values_list("township_code", flat=True)), ""),
    )
