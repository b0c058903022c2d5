"""Which registers a term has, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from apps.core.scope import Scope
from apps.registers.models import Kind, Upload
from apps.registers.queries.incoming import SCHOOL_KINDS
from apps.schools.models import Region, School, Term

State = Upload.State


@dataclass(slots=True)
class Place:
    """One school or township and what it has handed in this term: kind → time of the last commit."""

    code: str
    name: str
    township: str
    committed: dict[str, datetime | None] = field(default_factory=dict)


def current_uploads(*, term: Term, district: str) -> QuerySet[Upload]:
    """Committed uploads of a term, in the order of their commits: the input of a comparison."""
    return Upload.objects.filter(term=term, district_code=district, state=State.COMMITTED).order_by("committed_seq")


def coverage(*, term: Term) -> dict[str, list[Place]]:
    """'schools' and 'townships' of the term's district, each with the registers that speak of it; 'district' for the whole."""
    district = term.district_code
    schools = {s.pk: Place(s.pk, s.name, s.township_id) for s in School.objects.filter(district_code=district, is_open=True)}
    townships = {r.pk: Place(r.pk, r.name, r.pk) for r in Region.objects.filter(parent_id=district, level=Region.Level.TOWNSHIP)}
    whole = Place(district, "全区", "")
    for upload in current_uploads(term=term, district=district):
        for unit in upload.counts.get("units", []):
            places = schools if upload.kind in SCHOOL_KINDS else townships
            place = places.get(unit, whole) if unit else whole
            place.committed[upload.kind] = upload.committed_at
    return {"schools": list(schools.values()), "townships": list(townships.values()), "district": [whole]}


@dataclass(frozen=True, slots=True)
class Workload:
    """Uploads of a post's places that wait for a person, and schools or townships that have handed in nothing."""

    headings: int
    staged: int
    reading: int
    refused: int


def workload(*, scope: Scope, term: Term, kinds: frozenset[str]) -> Workload:
    """What waits in the registers for a post."""
    mine = Upload.objects.within(scope).filter(term=term, kind__in=kinds)
    found = mine.aggregate(
        headings=Count("pk", filter=Q(state=State.HEADINGS)),
        staged=Count("pk", filter=Q(state=State.STAGED)),
        reading=Count("pk", filter=Q(state__in=[State.READING, State.WAITING])),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
    )
    return Workload(**found)


def kinds_of(kinds: frozenset[str]) -> list[tuple[str, str]]:
    """(value, label) of the registers a post may upload, in the usual order."""
    return [(value, label) for value, label in Kind.choices if value in kinds]
