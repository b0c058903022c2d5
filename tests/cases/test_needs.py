"""What a step needs is asked for in every row that names it, to the day: each of these was broken by hand once, and a test here was red."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.cases.actions.duties import ensure_duties
from apps.cases.rules.facts import Agreed, Facts
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import ASSIGNED, BEGUN, CHAIN, IN_FORCE, LETTER, ON_ROLL, PLAN, WHERE, Need, State, missing, ways
from apps.schools.policy import Policy
from tests.cast import TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs

S, DAY, NUMBERS = State, timedelta(1), Policy({})
PLAIN = Facts(today=TODAY, opened_on=TODAY, state_since=TODAY, progress_on=TODAY)


def exempt(until: Any) -> dict[str, Any]:
    return {"agreed": {Kind.EXEMPT: Agreed("deferral", TODAY, TODAY, until)}}


@pytest.mark.parametrize(
    ("need", "source", "target", "facts", "holds"),
    [
        (ASSIGNED, S.CONFIRMED, S.PERSUADING, {}, False),
        (ASSIGNED, S.CONFIRMED, S.PERSUADING, {"assigned_to": "530113102"}, True),
        (ASSIGNED, S.REOPENED, S.PERSUADING, {}, False),
        (ASSIGNED, S.REOPENED, S.PERSUADING, {"assigned_to": "530113102"}, True),
        (LETTER, S.PERSUADING, S.TRANSFERRED, {}, False),
        (LETTER, S.PERSUADING, S.TRANSFERRED, {"letter_on": TODAY}, True),
        (IN_FORCE, S.PERSUADING, S.EXEMPT, exempt(TODAY - DAY), False),
        (IN_FORCE, S.PERSUADING, S.EXEMPT, exempt(TODAY), True),  # its last day
        (BEGUN, S.RETURNED, S.MONITORING, {}, False),
        (BEGUN, S.RETURNED, S.MONITORING, {"placed_on": TODAY + DAY}, False),
        (BEGUN, S.RETURNED, S.MONITORING, {"placed_on": TODAY}, True),
        (BEGUN, S.PLACED, S.MONITORING, {}, False),
        (BEGUN, S.PLACED, S.MONITORING, {"placed_on": TODAY + DAY}, False),
        (BEGUN, S.PLACED, S.MONITORING, {"placed_on": TODAY}, True),
    ],
)
def test_the_row_lacks_it_until_it_is_so(need: Need, source: State, target: State, facts: dict[str, Any], holds: bool) -> None:
    (row,) = ways(source, target)
    assert (NUMBERS.fill(need.label) not in missing(row, replace(PLAIN, **facts), NUMBERS)) == holds


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "state", "need", "url"),
    [
        ("head_teacher", "suspected", WHERE, "/visit/"), ("bureau", "suspected", WHERE, ""), ("bureau", "confirmed", CHAIN, "#people"),
        ("bureau", "confirmed", ASSIGNED, "#assign"), ("principal", "confirmed", ASSIGNED, ""), ("principal", "persuading", ON_ROLL, "#register"),
        ("township", "persuading", ON_ROLL, ""), ("bureau", "persuading", LETTER, "#send"), ("principal", "persuading", LETTER, ""),
        ("principal", "returned", PLAN, "/place/"), ("head_teacher", "returned", PLAN, ""),
    ],
)  # fmt: skip
def test_what_is_lacking_leads_to_its_form_where_the_post_has_it(cast: Cast, role: str, state: str, need: Need, url: str) -> None:
    ensure_duties(district=cast.home.district)
    case = make.case(cast.child, state)
    page = cast.client(role).get(reverse("case_show", args=[case.pk]))
    told = [one for way in page.context["panels"]["life"]["ways"] for one in way["needs"] if one["label"] == NUMBERS.fill(need.label)]
    address = url if url.startswith("#") or not url else f"/cases/{case.pk}{url}"
    assert told and {one["url"] for one in told} == {address}
    text = page.content.decode()
    assert (f'<a class="button small" href="{address}">去办</a>' in text) == bool(url)
    assert not url.startswith("#") or f'id="{url[1:]}"' in text, "the form is on the page"


@pytest.mark.django_db
def test_the_list_by_stage_and_until_a_day(cast: Cast) -> None:
    young, old = (runs.case(child, stage=stage) for child, stage in zip(cast.home.children, ("primary", "junior"), strict=False))
    make.entry(young, kind="moved", target="returned", happened_on=TODAY - DAY)
    make.entry(old, kind="moved", target="returned", happened_on=TODAY)
    client = cast.client("bureau")

    def found(**wanted: Any) -> set[int]:
        return {case.pk for case in client.get("/cases/", wanted).context["page"]}

    assert (found(stage="primary"), found(stage="junior"), found()) == ({young.pk}, {old.pk}, {young.pk, old.pk})
    assert found(moved="back", until=TODAY - DAY) == {young.pk}
    assert found(moved="back", until=TODAY) == {young.pk, old.pk}
    assert found(moved="back", since=TODAY) == {old.pk}
    assert found(moved="back", since=TODAY, until=TODAY - DAY) == set()
