"""Half a day in class is no whole day present: for 排除, for the days of a return, for the share of days attended before 销号."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.attendance.models import Mark, RollCall
from apps.cases.queries.facts import facts_of
from apps.cases.workflow import ENOUGH_SEEN, IN_CLASS_ONE, PRESENT, Need
from tests.cast import TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs

pytestmark = pytest.mark.django_db
DAYS = make.weekdays(TODAY - timedelta(100), TODAY)


@pytest.mark.parametrize(("state", "fact"), [("suspected", "days_present"), ("persuading", "days_present"), ("monitoring", "attended_days")])
def test_a_half_day_is_called_and_not_attended(cast: Cast, state: str, fact: str) -> None:
    """Late or early it is a whole day, as an absence is none."""
    case = make.case(cast.child, state, days=10)
    make.seated(cast.child)
    days = make.weekdays(TODAY - timedelta(9), TODAY)
    if state == "persuading":
        make.returned(case, on=days[0])
    for day, code in zip(days[:4], ("half", "late", "early", "absent"), strict=True):
        make.called(cast.child, [day], absent=[day], code=code)
    make.called(cast.child, days[4:])
    facts, _ = facts_of(case, today=TODAY)
    assert getattr(facts, fact) == len(days) - 2
    assert facts.monitored_days == (len(days) if state == "monitoring" else 0)


@pytest.mark.parametrize(
    ("state", "need", "called", "halves"),
    [("suspected", IN_CLASS_ONE, 2, [0]), ("persuading", PRESENT, 10, [0, 2, 4, 6, 8]), ("monitoring", ENOUGH_SEEN, 60, [0, 1, 2])],
)
def test_one_half_day_more_is_one_too_many(cast: Cast, state: str, need: Need, called: int, halves: list[int]) -> None:
    """One whole day, five whole days (one after the other or not), 95 of a hundred: just enough, then one less."""
    case, days = make.case(cast.child, state, days=100), DAYS[-called:]
    make.seated(cast.child)
    if state == "persuading":
        make.returned(case, on=days[0])
    if state == "suspected":
        make.proposal(case, "clear", "back")
    make.called(cast.child, days, absent=[days[n] for n in halves], code="half")
    assert need.holds(*facts_of(case, today=TODAY))
    last = RollCall.objects.get(school_class=cast.child.school_class, day=days[-1])
    Mark.objects.create(child=cast.child, roll_call=last, day=days[-1], code="half", **runs.places(cast.child))
    assert not need.holds(*facts_of(case, today=TODAY))
