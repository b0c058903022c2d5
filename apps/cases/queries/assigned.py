"""What is to be assigned, and what was: for the bureau's list and the inbox of townships and villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.cases.models import Assignment, Case, Visit
from apps.cases.queries.duties import answering, missing_duties
from apps.cases.queries.idle import township_of, townships_of
from apps.cases.queries.tasks import part_of
from apps.core.scope import Actor, Level, Scope
from apps.schools.models import Region
from apps.schools.queries import map_link, place_names

HIGH = ("district",)  # posts that need not stand on a page about one child


@dataclass(frozen=True, slots=True)
class ToAssign:
    """A case to be handed over: to whom, and which people are not named yet."""

    case: Case
    township: str
    missing: tuple[str, ...]


def to_assign(cases: Sequence[Case], *, today: date) -> list[ToAssign]:
    """Some cases of one district for the list, in a fixed number of reads."""
    missing = missing_duties(cases, day=today)
    names = place_names({township_of(case) for case in cases})
    return [ToAssign(case, names.get(township_of(case), ""), missing.get(case.pk, ())) for case in cases]


def choices_of(case: Case) -> list[tuple[str, str]]:
    """The townships a case may be handed to: the household's first, then the school's."""
    codes = townships_of(case)
    names = place_names(codes)
    return [(code, names.get(code, code)) for code in codes]


def villages_of(case: Case, scope: Scope) -> list[tuple[str, str]]:
    """The village a township may hand a case on to: the child's own, which alone sees it."""
    if scope.level != Level.TOWNSHIP or not case.village_code.startswith(scope.township):
        return []
    return list(Region.objects.filter(pk=case.village_code, level=Region.Level.VILLAGE).values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class Charged:
    """A case in the inbox: the own assignment, the village it was handed on to, by when what."""

    case: Case
    own: Assignment
    village: Assignment | None
    village_name: str
    what: str
    due: date | None


def charged(scope: Scope, *, today: date) -> list[Charged]:
    """The cases that stand assigned to a township or village; a fixed number of reads."""
    region = scope.village if scope.level == Level.VILLAGE else scope.township
    cases = {case.pk: case for case in Case.objects.charged_to(scope).select_related("child", "school", "school_class")}
    standing = list(Assignment.objects.filter(case__in=cases, ended_at=None))
    own = {one.case_id: one for one in standing if one.region_code == region}
    below = {one.case_id: one for one in standing if one.level == Assignment.Level.VILLAGE and one.region_code != region}
    names = place_names([case.village_code for case in cases.values()])
    return [_charged(case, own[pk], below.get(pk), names.get(case.village_code, ""), scope) for pk, case in cases.items()]


def _charged(case: Case, own: Assignment, below: Assignment | None, village: str, scope: Scope) -> Charged:
    if own.accepted_at is None:
        return Charged(case, own, below, village, "签收", own.accept_by)
    return Charged(case, own, below, village, *part_of(case, scope))


def inbox_case(case: Case, actor: Actor, *, today: date) -> dict[str, Any]:
    """What the page of a child in the inbox shows: assignments, people, visits, place."""
    scope = actor.scope
    region = scope.village if scope.level == Level.VILLAGE else scope.township
    rows = list(Assignment.objects.filter(case=case, ended_at=None))
    own = next((one for one in rows if one.region_code == region), None)
    below = next((one for one in rows if one.level == Assignment.Level.VILLAGE and one.region_code != region), None)
    names = place_names([case.district_code, case.township_code, case.village_code, below.region_code if below else ""])
    people = [(duty, holder) for duty, holder in answering([case], day=today)[case.pk].items() if duty.level not in HIGH]
    what, due = part_of(case, scope)
    return {
        "own": own, "below": below, "below_name": names.get(below.region_code, "") if below else "", "today": today,
        "village": names.get(case.village_code, names.get(case.township_code, "")), "people": people, "villages": villages_of(case, scope),
        "map": map_link(names, district=case.district_code, township=case.township_code, village=case.village_code),
        "visits": list(Visit.objects.standing().of(case).order_by("-day", "-pk")[:20]),
        "task": what, "due": due,
    }  # fmt: skip
