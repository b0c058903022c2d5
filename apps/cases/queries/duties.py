"""Who answers for a child on a day: the holders of the twelve posts, by class, school, village, township, district, or for the child alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from apps.cases.models import Case, Duty, Guarantor


def answering(cases: Sequence[Case], *, day: date) -> dict[int, dict[Duty, Guarantor | None]]:
    """Case -> each active post of its district in order -> who holds it for this child: the nearest place wins, the child's own first of all.
    Two reads, however many cases of one district."""
    if not cases:
        return {}
    district = cases[0].district_code
    duties = list(Duty.objects.filter(district_code=district, is_active=True))
    held: dict[int, list[Guarantor]] = defaultdict(list)
    for one in Guarantor.objects.in_force(day).filter(district_code=district).order_by("-first_day", "-pk"):
        held[one.duty_id].append(one)
    return {case.pk: {duty: _nearest(held[duty.pk], case) for duty in duties} for case in cases}


def missing_duties(cases: Sequence[Case], *, day: date) -> dict[int, tuple[str, ...]]:
    """Case -> the posts that nobody holds for its child; only cases that lack one. A district without posts lacks them all in one word."""
    told = answering(cases, day=day)
    missing = {case: tuple(duty.label for duty, holder in held.items() if holder is None) for case, held in told.items()}
    return {case: labels or (() if told[case] else ("双线十二人",)) for case, labels in missing.items() if labels or not told[case]}


def _nearest(holders: Sequence[Guarantor], case: Case) -> Guarantor | None:
    """The holder that stands nearest to a child; None where none is charged with its place."""
    ranked = [(rank, one) for one in holders if (rank := _rank(one, case)) is not None]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(one: Guarantor, case: Case) -> int | None:
    """How near a holder stands to a child: 5 named for it, 4 its class, 3 its school or village, 2 its township, 1 the district."""
    if one.case_id is not None:
        return 5 if one.case_id == case.pk else None
    if one.school_class_id is not None:
        return 4 if one.school_class_id == case.school_class_id else None
    if one.school_id is not None:
        return 3 if one.school_id == case.school_id else None
    if not one.region_code:
        return 1
    if one.region_code == case.village_code:
        return 3
    return 2 if one.region_code in (case.township_code, case.school.township_id if case.school else "") else None
