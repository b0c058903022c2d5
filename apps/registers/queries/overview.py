"""Which uploads a post may see, how a term's registers stand, and who has not handed in."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.registers.models import Kind, Upload
from apps.registers.queries.incoming import SCHOOL_KINDS
from apps.registers.querysets import UploadQuerySet
from apps.schools.models import Region, School, Term
from apps.schools.querysets import RegionQuerySet, SchoolQuerySet

State = Upload.State


@dataclass(frozen=True, slots=True)
class Places:
    """The schools and townships a post may name when it uploads: (code, name)."""

    schools: list[tuple[str, str]]
    townships: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the places that owe a register have handed it in, and the names of the others."""

    kind: str
    label: str
    unit: str
    done: int
    total: int
    open: list[str]


def visible(actor: Actor) -> UploadQuerySet[Upload]:
    """Uploads within the scope; a post that may not see children sees only the kinds it hands in itself (乡村振兴: ③ alone)."""
    uploads: UploadQuerySet[Upload] = Upload.objects.within(actor.scope)
    return uploads if actor.may(Right.VIEW_CHILDREN) else uploads.filter(kind__in=sorted(actor.uploads))


def may_handle(actor: Actor, upload: Upload) -> bool:
    """Whether a post may decide about an upload it sees: it hands in this kind itself."""
    return actor.may(Right.UPLOAD_REGISTERS) and upload.kind in actor.uploads


def terms_of(actor: Actor) -> list[Term]:
    """The terms of the post's district, the latest first."""
    return list(Term.objects.within(actor.scope))


def places_of(actor: Actor) -> Places:
    """What a post that stands above several places may choose from; empty for the others."""
    if actor.scope.level != Level.DISTRICT or actor.uploads <= {Kind.MONITORED}:
        return Places([], [])
    schools: SchoolQuerySet[School] = School.objects.within(actor.scope)
    return Places(list(schools.filter(is_open=True).values_list("pk", "name")), list(_townships(actor).values_list("pk", "name")))


def _townships(actor: Actor) -> RegionQuerySet[Region]:
    regions: RegionQuerySet[Region] = Region.objects.within(actor.scope)
    return regions.filter(level=Region.Level.TOWNSHIP)


def latest_of(actor: Actor, term: Term) -> dict[str, Upload]:
    """Kind → the last upload of the term that was not given up."""
    uploads = visible(actor).filter(term=term).exclude(state__in=[State.DISCARDED, State.UNDONE])
    return {one.kind: one for one in uploads.select_related("created_by").order_by("kind", "-id").distinct("kind")}


def standing_of(actor: Actor, term: Term) -> dict[str, Upload]:
    """Kind → the last upload of the term that was committed."""
    uploads = visible(actor).filter(term=term, state=State.COMMITTED)
    return {one.kind: one for one in uploads.order_by("kind", "-committed_seq").distinct("kind")}


def handed_in_above(actor: Actor, term: Term) -> set[str]:
    """Kinds whose lines of the post's own school or township came in a committed file of somebody above it."""
    unit = actor.scope.school or actor.scope.township
    if not unit or actor.scope.village:
        return set()
    uploads = Upload.objects.filter(district_code=actor.scope.district, term=term, state=State.COMMITTED, counts__units__contains=[unit])
    return set(uploads.values_list("kind", flat=True))


def coverage(actor: Actor, term: Term) -> list[Coverage]:
    """Per register the schools (or townships) of the scope whose register of this term is committed, and those that owe it."""
    if actor.scope.level not in (Level.DISTRICT, Level.TOWNSHIP) or not actor.may(Right.VIEW_CHILDREN):
        return []
    handed: dict[str, set[str]] = {kind: set() for kind in Kind.values}
    uploads = Upload.objects.filter(district_code=actor.scope.district, term=term, state=State.COMMITTED)
    for kind, units in uploads.values_list("kind", "counts__units"):
        handed[kind].update(units or [""])
    schools = list(School.objects.within(actor.scope).filter(is_open=True).values_list("pk", "name"))
    towns = list(_townships(actor).values_list("pk", "name"))
    found = [_covered(kind, "所学校", schools, handed[kind]) for kind in SCHOOL_KINDS]
    found += [_covered(kind, "个乡镇", towns, handed[kind]) for kind in (Kind.HOUSEHOLD, Kind.SURVEY)]
    if actor.scope.level == Level.DISTRICT:
        found.append(_covered(Kind.MONITORED, "份（全区）", [("", "全区名单")], handed[Kind.MONITORED]))
    return found


def _covered(kind: Kind, unit: str, places: list[tuple[str, str]], handed: set[str]) -> Coverage:
    missing = [name for code, name in places if code not in handed]
    return Coverage(kind.value, str(kind.label), unit, len(places) - len(missing), len(places), missing)
