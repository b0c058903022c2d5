"""Visits: who logs them, what they must say, and that the first one stops its clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.cases.models import CaseEntry
from apps.core.errors import Refused
from apps.reporting.actions.receiving import Seen, log_visit
from apps.reporting.models import ThreeLineReport, Visit
from apps.reporting.queries import board
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines
from tests.factories.children import id_number

pytestmark = pytest.mark.django_db
SEEN = Seen(day=TODAY, way="home", visitors="李测、王测", result="promised", text="家长答应明天送回", promised_on=TODAY + timedelta(1))


@pytest.fixture
def report(cast: Cast) -> ThreeLineReport:
    return lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)


@pytest.mark.parametrize("role", ["head_teacher", "registrar", "principal", "township", "village"])
def test_school_township_and_village_log_visits(cast: Cast, report: ThreeLineReport, role: str) -> None:
    made = log_visit(report=report, seen=SEEN, by=cast.actor(role), now=NOW)
    assert (made.result, made.promised_on, made.by_name) == ("promised", TODAY + timedelta(1), cast.actor(role).name)
    assert "李测、王测，答应返校（11月24日）" in CaseEntry.objects.filter(case=report.case_id).last().text


@pytest.mark.parametrize("role", ["bureau", "inspector", "central_school"])
def test_others_do_not(cast: Cast, report: ThreeLineReport, role: str) -> None:
    with pytest.raises(Refused):
        log_visit(report=report, seen=SEEN, by=cast.actor(role), now=NOW)
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"day": TODAY + timedelta(1), "promised_on": TODAY + timedelta(2)}, "future"),
        ({"day": TODAY - timedelta(10)}, "before"),
        ({"promised_on": None}, "promised"),
        ({"promised_on": TODAY - timedelta(1)}, "promised"),
    ],
)
def test_what_a_visit_cannot_say(cast: Cast, report: ThreeLineReport, changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        log_visit(report=report, seen=replace(SEEN, **changed), by=cast.actor("township"), now=NOW)
    assert refusal.value.code == code


def test_a_day_that_goes_with_no_promise_is_left_out_and_numbers_are_masked(cast: Cast, report: ThreeLineReport) -> None:
    number = id_number(9)
    made = log_visit(report=report, seen=replace(SEEN, result="refused", text=f"母亲证件{number}"), by=cast.actor("township"), now=NOW)
    assert made.promised_on is None and number not in made.text


def test_what_was_told_cannot_be_rewritten(cast: Cast, report: ThreeLineReport) -> None:
    made = log_visit(report=report, seen=SEEN, by=cast.actor("township"), now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(pk=made.pk).update(result="back")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_the_first_visit_stops_the_clock_of_the_township(cast: Cast, report: ThreeLineReport) -> None:
    def clock(day: int) -> object:
        (row,) = board.assigned(cast.actor("township").scope, today=TODAY + timedelta(day))
        return row.visit

    assert (clock(0).due, clock(0).left, clock(4).left) == (TODAY + timedelta(3), 3, -1)
    log_visit(report=report, seen=SEEN, by=cast.actor("township"), now=NOW)
    assert (clock(4).left, clock(4).was_late) == (None, False)


@pytest.mark.parametrize(
    ("role", "changed"),
    [("village", {"way": "phone"}), ("head_teacher", {}), ("principal", {"way": "elsewhere"}), ("township", {"day": TODAY - timedelta(1)})],
    ids=["a call", "the school's own visit", "the school met them elsewhere", "before the township was told"],
)
def test_what_does_not_stop_the_clock_of_the_township(cast: Cast, report: ThreeLineReport, role: str, changed: dict[str, object]) -> None:
    log_visit(report=report, seen=replace(SEEN, **changed), by=cast.actor(role), now=NOW)
    (row,) = board.assigned(cast.actor("township").scope, today=TODAY)
    assert row.visit.left == 3
    log_visit(report=report, seen=replace(SEEN, way="elsewhere"), by=cast.actor("village"), now=NOW)
    (row,) = board.assigned(cast.actor("township").scope, today=TODAY)
    assert row.visit.left is None
