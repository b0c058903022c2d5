"""Constraints of posts, holders, letters, assignments, climbs: refused under their names, told in their sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.cases.models import Assignment, Climb, DutyLetter, Guarantor
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_duties import duty, named
from tests.test_constraints import again, test_a_row_that_breaks_it_is_refused

pytestmark = pytest.mark.django_db


def assignment(cast: Cast, **fields: Any) -> Assignment:
    told = {"level": "township", "region_code": "530113102", "accept_by": TODAY, "given_at": NOW, "given_name": "甲", "given_title": "区教体局"}
    return Assignment(**({"case": runs.case(cast.child, state="confirmed")} | told | fields))


def letter(**fields: Any) -> DutyLetter:
    told = {"year": 2026, "number": "东川区控辍责〔2026〕1号", "upper": "甲", "upper_name": "乙", "lower": "丙", "lower_name": "丁", "made_at": NOW}
    return DutyLetter(**({"district_code": HOME, "region_code": "530113102", "by_name": "戊", "by_title": "己"} | told | fields))


def climb(cast: Cast) -> Climb:
    return Climb(case=runs.case(cast.child), level=1, since=TODAY, days=3, told_on=TODAY)


def kept(row: Any) -> Any:
    row.save()
    return row


BROKEN: dict[str, Callable[[Cast], Any]] = {
    "one_standing_assignment": lambda cast: again(kept(assignment(cast))),
    "assignment_accepted_whole": lambda cast: assignment(cast, accepted_at=NOW),
    "assignment_returned_whole": lambda cast: assignment(cast, returned_at=NOW, returned_text="户口迁出"),
    "climb_told_once": lambda cast: again(kept(climb(cast))),
    "one_duty_of_a_code": lambda cast: again(duty("gov_leader")),
    "one_holder_of_a_duty": lambda cast: again(named("gov_leader", "甲")),
    "guarantor_runs_forward": lambda cast: again(named("gov_leader", "甲"), first_day=TODAY, last_day=TODAY.replace(day=1)),
    "one_duty_letter_number": lambda cast: again(kept(letter())),
    "signed_letter_has_its_scan": lambda cast: letter(signed_on=TODAY),
}


def test_an_ended_holder_leaves_room(cast: Cast) -> None:
    one = named("gov_leader", "甲")
    Guarantor.objects.filter(pk=one.pk).update(last_day=TODAY)
    assert named("gov_leader", "乙").pk != one.pk


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_breaks_one_of_a_chain_is_refused(cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_constraints.BROKEN", BROKEN)
    test_a_row_that_breaks_it_is_refused(cast, name)
