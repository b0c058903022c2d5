"""The first visit stops its clock: a visit is written down in the case, the three lines read it there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.cases.actions.visiting import Seen, correct_visit, log_visit
from apps.notices.models import Notice
from apps.reporting.actions import telling
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines

pytestmark = pytest.mark.django_db
SEEN = Seen(
    day=TODAY, way="home", visitors="李测、王测", spoke_with="父亲", outcome="promised", text="家长答应明天送回", promised_on=TODAY + timedelta(1)
)


@pytest.fixture
def report(cast: Cast) -> ThreeLineReport:
    return lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)


def test_the_first_visit_stops_the_clock_of_the_township(cast: Cast, report: ThreeLineReport) -> None:
    def clock(day: int) -> object:
        (row,) = board.assigned(cast.actor("township").scope, today=TODAY + timedelta(day))
        return row.visit

    assert (clock(0).due, clock(0).left, clock(4).left) == (TODAY + timedelta(3), 3, -1)
    made = log_visit(case=report.case, seen=SEEN, by=cast.actor("township"), now=NOW)
    assert (clock(4).left, clock(4).was_late) == (None, False)
    correct_visit(visit=made, seen=replace(SEEN, way="phone"), reason="没有入户，是电话", by=cast.actor("township"), now=NOW)
    assert clock(4).left == -1, "what was corrected away counts no more"


@pytest.mark.parametrize(
    ("role", "changed"),
    [
        ("village", {"way": "phone"}),
        ("head_teacher", {}),
        ("principal", {"way": "elsewhere", "place": "昆明"}),
        ("township", {"day": TODAY - timedelta(1)}),
    ],
    ids=["a call", "the school's own visit", "the school met them elsewhere", "before the township was told"],
)
def test_what_does_not_stop_the_clock_of_the_township(cast: Cast, report: ThreeLineReport, role: str, changed: dict[str, object]) -> None:
    log_visit(case=report.case, seen=replace(SEEN, **changed), by=cast.actor(role), now=NOW)
    (row,) = board.assigned(cast.actor("township").scope, today=TODAY)
    assert row.visit.left == 3
    assert telling.visited(now=NOW) == 0
    log_visit(case=report.case, seen=replace(SEEN, way="elsewhere", place="昆明"), by=cast.actor("village"), now=NOW)
    (row,) = board.assigned(cast.actor("township").scope, today=TODAY)
    assert row.visit.left is None


def test_the_village_need_not_look_any_more(cast: Cast, report: ThreeLineReport) -> None:
    waiting = Notice.objects.standing().filter(key=f"report:{report.pk}:visit")
    assert waiting.count() == 1
    log_visit(case=report.case, seen=SEEN, by=cast.actor("village"), now=NOW)
    assert (telling.visited(now=NOW), telling.visited(now=NOW)) == (1, 0)
    assert not waiting.exists()
