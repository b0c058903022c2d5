"""再次辍学: which absence reopens which case, what begins anew, when a new case follows the old one, and the three lines of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.cases.actions import comparison, reopening
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.lines import lines_out
from apps.cases.models import Assignment, Case, CaseEntry, Placement, Proposal, Return
from apps.cases.rules.repeating import window_end
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.registers.models import Entry
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.models import ThreeLineReport
from apps.schools.models import PolicyValue
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers
from tests.reconciliation.scenes import attending, compare

pytestmark = pytest.mark.django_db
THURSDAY = TODAY - timedelta(4)


@pytest.fixture
def home(cast: Cast) -> Cast:
    """The cast in term, the child in its seat."""
    registers.term()
    make.seated(cast.child)
    return cast


def flag(today: date = TODAY) -> int:
    return open_cases_of_absences(district=HOME, by=SYSTEM, today=today, now=NOW)


def absent(cast: Cast, **fields: Any) -> None:
    make.absence(cast.child, THURSDAY, TODAY, **fields)


@pytest.mark.parametrize("state", ["returned", "placed", "monitoring"])
def test_a_child_that_had_returned_and_stays_away_is_lost_again(home: Cast, state: str) -> None:
    case = make.case(home.child, state, cause="weary", lines_on=TODAY - timedelta(30))
    make.returned(case, on=TODAY - timedelta(38))
    make.placement(case)
    make.assigned(case, home.home.townships[0].code)
    waits = make.proposal(case, "close", "watched", agreed=False)
    absent(home)
    assert (flag(), flag(), Case.objects.count()) == (1, 0, 1)
    case.refresh_from_db()
    assert (case.state, case.repeats, case.state_since, case.lines_on) == ("reopened", 1, TODAY, None)
    assert (case.task, case.owner_role) == ("lines", "principal"), "its three lines are due again, and the task says so"
    lines_out(case=case, by=home.actor("principal"), now=NOW)
    case.refresh_from_db()
    assert (case.task, case.owner_role) == ("assign", "bureau")
    line = case.ledger.get(target="reopened")
    assert line.text == "再次辍学（第 1 次）：自2026年11月19日起连续 3 个上课日无正当理由未到校。" and line.source == state and line.is_progress
    assert not Return.objects.filter(ended_on=None).exists() and not Placement.objects.filter(ended_on=None).exists()
    assert not Assignment.objects.filter(ended_at=None).exists()
    waits.refresh_from_db()
    assert waits.verdict == Proposal.Verdict.WITHDRAWN
    assert Notice.objects.filter(topic="suspected").count() == 4
    assert not case.ledger.filter(text__startswith="点名显示").exists()


def test_the_same_case_counts_every_repeat(home: Cast) -> None:
    case = make.case(home.child, "monitoring", repeats=1)
    absent(home)
    flag()
    Case.objects.update(state="monitoring", state_since=TODAY + timedelta(3))
    assert flag(TODAY + timedelta(3)) == 0, "the absence is told already"
    make.absence(home.child, TODAY + timedelta(7), TODAY + timedelta(9))
    assert flag(TODAY + timedelta(9)) == 1
    case.refresh_from_db()
    assert (case.repeats, case.ledger.filter(target="reopened").count()) == (3, 2)
    assert "第 3 次" in case.ledger.filter(target="reopened").latest("pk").text


CLOSED_ON = date(2025, 11, 24)


@pytest.mark.parametrize(("months", "after", "again"), [(12, 0, True), (12, -1, True), (12, 1, False), (6, 0, True), (6, 1, False)])
def test_within_the_window_the_same_case_after_it_a_new_one_that_follows(home: Cast, months: int, after: int, again: bool) -> None:
    PolicyValue.objects.create(district_code=HOME, key="repeat_months", value=months, effective_from=date(2026, 1, 1), basis="测")
    lost = TODAY - timedelta(after)
    closed = next(day for n in range(900) if window_end(day := TODAY - timedelta(n), months=months) == lost)
    old = make.case(home.child, "closed", opened_on=closed - timedelta(90), state_since=closed)
    absent(home)
    assert (flag(), flag()) == (1, 0)
    old.refresh_from_db()
    if again:
        assert (old.state, old.repeats, Case.objects.count()) == ("reopened", 1, 1)
    else:
        new = Case.objects.exclude(pk=old.pk).get()
        assert (old.state, new.state, new.follows, new.repeats) == ("closed", "suspected", old, 0)


def test_people_who_closed_it_knowing_of_the_absence_are_not_overruled(home: Cast) -> None:
    make.case(home.child, "closed", days=0)
    absent(home)
    assert flag(TODAY + timedelta(1)) == 0 and Case.objects.get().state == "closed"


def test_a_cleared_suspicion_is_followed_by_a_new_case(home: Cast) -> None:
    cleared = make.case(home.child, "cleared")
    absent(home)
    assert flag() == 1
    assert Case.objects.exclude(pk=cleared.pk).get().follows == cleared


def test_an_absence_that_was_over_before_anybody_looked_reopens_too(home: Cast) -> None:
    make.case(home.child, "closed", state_since=TODAY - timedelta(30))
    absent(home, ended_on=TODAY + timedelta(1), end="returned")
    with transaction.atomic():
        assert flag(TODAY + timedelta(1)) == 1
        transaction.set_rollback(True)  # a worker killed half way
    assert (flag(TODAY + timedelta(1)), Case.objects.get().state) == (1, "reopened")
    assert CaseEntry.objects.get(target="reopened").text.endswith("2026年11月24日已到校。")


def test_an_absence_of_before_the_return_reopens_nothing(home: Cast) -> None:
    make.case(home.child, "monitoring", days=0, state_since=TODAY + timedelta(1))
    absent(home)
    flag(TODAY + timedelta(1))
    assert Case.objects.get().state == "monitoring"


@pytest.mark.parametrize(("limit", "again"), [(3, 1), (4, 0)])
def test_the_district_says_how_many_days_reopen(home: Cast, limit: int, again: int) -> None:
    PolicyValue.objects.create(district_code=HOME, key="reopen_school_days", value=limit, effective_from=date(2026, 1, 1), basis="测")
    make.case(home.child, "closed", state_since=TODAY - timedelta(30))
    absent(home)
    assert flag() == again and Case.objects.count() == 1


def test_a_child_merged_into_another_reopens_the_other_s_case(home: Cast) -> None:
    into = home.home.children[1]
    case = make.case(into, "monitoring")
    Child.objects.filter(pk=home.child.pk).update(merged_into=into)
    absent(home)
    assert flag() == 1
    case.refresh_from_db()
    assert case.state == "reopened"


def test_an_open_case_on_its_way_is_noted_as_before(home: Cast) -> None:
    make.case(home.child, "persuading")
    absent(home)
    assert flag() == 0
    assert CaseEntry.objects.latest("pk").text.startswith("点名显示未到校")


def test_the_new_absence_gets_its_own_three_lines(home: Cast) -> None:
    """〔方案二（三）2〕."""
    case = make.case(home.child, "closed", state_since=TODAY - timedelta(60))
    absent(home)
    flag()
    assert (draft_lines(by=SYSTEM, now=NOW), draft_lines(by=SYSTEM, now=NOW)) == (1, 0)
    newest = ThreeLineReport.objects.get(case=case, first_day=THURSDAY)
    assert newest.begun_on == TODAY


def test_lost_again_by_hand_a_child_taught_apart_has_no_three_lines(home: Cast) -> None:
    """〔方案二（三）2〕三线报的是点名查出的未到校；送教、单独教育的不点名，由登记人告知乡镇、学校和区教体局。"""
    case = make.case(home.child, "monitoring", lines_from=TODAY, lines_signed_on=TODAY, lines_on=TODAY)
    make.placement(case, kind="home_teaching", cause="disabled")
    reopening.reopen(case=case, on=TODAY - timedelta(5), text="随母亲外出", by=home.actor("principal"), now=NOW)
    assert (case.lines_from, case.lines_signed_on, case.lines_on) == (None, None, None)
    assert (draft_lines(by=SYSTEM, now=NOW), case.task) == (0, "assign")
    assert set(Notice.objects.filter(topic="suspected").values_list("role", flat=True)) == {"township", "bureau"}


def test_lost_again_by_hand_and_missed_by_the_roll_calls_it_has_its_three_lines(home: Cast) -> None:
    """The signature of the last round's report is none of this one's."""
    case = make.case(
        home.child, "monitoring", lines_from=TODAY - timedelta(90), lines_signed_on=TODAY - timedelta(90), lines_on=TODAY - timedelta(89)
    )
    reopening.reopen(case=case, on=THURSDAY, text="邻居说已外出", by=home.actor("principal"), now=NOW)
    assert case.task == "assign"
    absent(home)
    flag()
    assert draft_lines(by=SYSTEM, now=NOW) == 1
    case.refresh_from_db()
    assert (case.state, case.task, case.owner_role, case.lines_from) == ("reopened", "lines", "principal", TODAY)


def test_as_many_questions_for_five_as_for_one(home: Cast) -> None:
    def counted(children: list[Child]) -> int:
        for child in children:
            make.case(child, "monitoring")
            make.absence(child, THURSDAY, TODAY)
        with CaptureQueriesContext(connection) as asked:
            assert flag() == len(children)
        return len(asked)

    assert counted([home.home.children[0]]) == counted(home.home.children[1:6])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("closed", "again"), [(0, True), (300, True), (400, False)])
def test_found_out_of_school_again_by_a_comparison(enrolled: list[Child], closed: int, again: bool) -> None:
    never = enrolled[0]
    Entry.objects.filter(child=never, kind="enrollment").delete()
    attending(enrolled[1:])
    old = make.case(never, "closed", is_never_enrolled=True)
    Assignment.objects.filter(case=old).delete()
    make.assigned(old, never.township_code)
    run = compare()
    Case.objects.filter(pk=old.pk).update(state_since=run.as_of - timedelta(closed))

    def opened() -> int:
        return comparison.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of)

    assert (opened(), opened()) == (1, 0)
    old.refresh_from_db()
    if again:
        assert (old.state, old.repeats, Case.objects.filter(child=never).count()) == ("reopened", 1, 1)
        assert old.ledger.get(target="reopened").text.startswith("再次辍学（第 1 次）：失学：")
        assert not Assignment.objects.filter(ended_at=None).exists() and old.task == "assign"
    else:
        assert Case.objects.exclude(pk=old.pk).get(child=never).follows == old
