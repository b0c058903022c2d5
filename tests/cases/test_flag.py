"""The flag: the third school day without reason opens one case, four posts are told once, and the ledger follows the roll calls."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from celery.exceptions import OperationalError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.actions.rolls import Given, take_roll
from apps.attendance.actions.scanning import scan
from apps.attendance.models import AbsenceRun, Leave, Seat
from apps.attendance.views.rolling import FLAG
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.models import Case, CaseEntry
from apps.cases.queries import absences
from apps.cases.tasks import flag_absences
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.notices.queries import unseen_count
from apps.schools.actions import ensure_term
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import people, runs
from tests.factories.children import child as make_child

THURSDAY, FRIDAY, MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (19, 20, 23, 24, 25))


@pytest.fixture
def pupil(cast: Cast) -> Cast:
    """The cast with a term and the home child in its seat."""
    ensure_term(district=HOME, code="2026-2027-1")
    child = cast.child
    Seat.objects.create(
        child=child, district_code=HOME, township_code=child.township_code, village_code=child.village_code, school=child.school,
        school_class=child.school_class, first_day=date(2026, 9, 1),
    )  # fmt: skip
    return cast


def roll(cast: Cast, day: date, *marks: Given, seen: int = 0) -> None:
    now = NOW + (max(day, TODAY) - TODAY)
    take_roll(room=cast.home.classes[0], day=day, marks=marks, seen=seen, by=cast.actor("registrar"), now=now, reason="补填")


def absent(cast: Cast, *days: date) -> None:
    for day in days:
        roll(cast, day, Given(cast.child.pk, "absent", "unexcused"))


def flag(today: date = MONDAY) -> int:
    return open_cases_of_absences(district=HOME, by=SYSTEM, today=today, now=NOW)


def ledger() -> list[str]:
    return list(CaseEntry.objects.order_by("pk").values_list("text", flat=True))


def test_the_third_day_opens_one_case_and_the_weekend_does_not_count(pupil: Cast) -> None:
    """〔方案二（三）2〕."""
    absent(pupil, THURSDAY, FRIDAY)
    assert flag() == 0, "two school days and a weekend are two"
    absent(pupil, MONDAY)
    assert (flag(), flag(), Case.objects.count()) == (1, 0, 1)
    case = Case.objects.get()
    assert (case.child, case.state, case.origin, case.stage) == (pupil.child, "suspected", "absence", "primary")
    assert case.reason == "自2026年11月19日起连续 3 个上课日无正当理由未到校（11月19日、11月20日、11月23日）"
    assert ledger() == [f"疑似辍学：{case.reason}"]


def test_the_four_who_must_know_are_told_once(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    flag()
    flag()
    reached = {role: unseen_count(pupil.actor(role)) for role in pupil.home.posts}
    assert {role for role, number in reached.items() if number} == {"head_teacher", "principal", "township", "bureau"}
    assert set(reached.values()) == {0, 1}
    assert not any(unseen_count(people.actor(post)) for post in pupil.neighbour.posts.values())


def test_a_household_of_another_district_leaves_the_child_to_the_school_s_township(pupil: Cast) -> None:
    type(pupil.child).objects.filter(pk=pupil.child.pk).update(township_code="530199101")
    Seat.objects.update(township_code="530199101")
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    flag()
    assert list(Notice.objects.filter(role="township").values_list("region_code", flat=True)) == [pupil.home.townships[0].code]


def test_an_open_case_of_another_origin_is_told_and_no_second_one_opened(pupil: Cast) -> None:
    case = runs.case(pupil.child)
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    assert (flag(), flag(), Case.objects.count()) == (0, 0, 1)
    assert ledger()[1:] == ["点名显示未到校：自2026年11月19日起连续 3 个上课日无正当理由未到校（11月19日、11月20日、11月23日）。"]
    assert Notice.objects.filter(topic="case", link=f"/cases/{case.pk}/").count() == 4


def test_the_ledger_follows_the_roll_calls_and_nothing_closes_by_itself(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    flag()
    roll(pupil, TUESDAY)
    flag(TUESDAY)
    flag(TUESDAY)
    assert ledger()[1:] == ["点名显示2026年11月24日已到校。个案不自动结案，请核实后办理。"]
    roll(pupil, TUESDAY, Given(pupil.child.pk, "absent", "unexcused"), seen=1)
    flag(WEDNESDAY)
    assert ledger()[2].startswith("点名显示未到校：自2026年11月19日起连续 4 个上课日")
    assert Case.objects.get().state == "suspected"


def test_a_leave_approved_afterwards_takes_the_reason_away_and_says_so(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    flag()
    places = {"district_code": HOME, "school": pupil.child.school, "school_class": pupil.child.school_class}
    Leave.objects.create(
        child=pupil.child, **places, kind="sick", first_day=FRIDAY, last_day=MONDAY, school_days=2, facts="住院", approver="principal",
        state="approved", asked_at=NOW, decided_at=NOW,
    )  # fmt: skip
    scan(district=HOME, today=MONDAY)
    flag()
    assert ledger()[1:] == ["点名已更正或请假已批准，连续未到校不再成立。个案不自动结案，请核实后办理。"]
    assert not Case.objects.exclude(state="suspected").exists()


@pytest.mark.parametrize(("decided", "opened"), [(MONDAY - timedelta(1), 1), (MONDAY, 0), (WEDNESDAY, 0)])
def test_a_case_that_ended_knowing_of_the_run_is_not_opened_again_by_it(pupil: Cast, decided: date, opened: int) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    runs.case(pupil.child, state="cleared", opened_on=date(2026, 9, 14), state_since=decided)
    assert flag(WEDNESDAY) == opened


def test_a_run_that_was_over_before_anybody_looked_opens_its_case_once(pupil: Cast) -> None:
    """Whether a worker came by between the third day and the return decides nothing 〔方案二（三）2〕."""
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    roll(pupil, TUESDAY)
    assert absences.districts() == [HOME]
    with transaction.atomic():
        assert flag(TUESDAY) == 1
        transaction.set_rollback(True)  # a worker killed half way
    assert (flag(TUESDAY), flag(TUESDAY), Case.objects.count()) == (1, 0, 1)
    (said,) = ledger()
    assert said.endswith("无正当理由未到校（11月19日、11月20日、11月23日），2026年11月24日已到校")
    assert Notice.objects.filter(topic="suspected").count() == 4


def test_every_run_that_was_over_before_anybody_looked_is_in_the_ledger(pupil: Cast) -> None:
    first = [date(2026, 11, day) for day in (9, 10, 11)]
    absent(pupil, *first)
    roll(pupil, date(2026, 11, 12))
    absent(pupil, date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))
    roll(pupil, THURSDAY)
    absent(pupil, FRIDAY, MONDAY, TUESDAY)
    assert (flag(TUESDAY), flag(TUESDAY)) == (1, 0)
    told = ledger()
    assert [text.split("连续")[0] for text in told] == [
        "疑似辍学：自2026年11月9日起", "点名显示未到校：自2026年11月16日起", "点名显示未到校：自2026年11月20日起",
    ]  # fmt: skip
    assert "2026年11月19日已到校" in told[1] and "已到校" not in told[2]


def test_a_run_that_is_over_is_noted_in_the_case_that_is_open_already(pupil: Cast) -> None:
    runs.case(pupil.child)
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    roll(pupil, TUESDAY)
    assert (flag(TUESDAY), flag(TUESDAY), Case.objects.count()) == (0, 0, 1)
    assert len(ledger()) == 2 and ledger()[1].endswith("2026年11月24日已到校。个案不自动结案，请核实后办理。")


def test_a_run_that_is_over_reopens_no_case_that_ended_knowing_of_it(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    roll(pupil, TUESDAY)
    runs.case(pupil.child, state="cleared", state_since=TUESDAY)
    again = runs.case(pupil.child)
    assert flag(WEDNESDAY) == 0 and not again.ledger.filter(kind="note").exists()
    Case.objects.filter(pk=again.pk).update(state="closed")
    assert flag(WEDNESDAY) == 0


def test_a_run_taken_back_before_anybody_looked_opens_nothing(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    roll(pupil, MONDAY, seen=1)
    assert flag(TUESDAY) == 0 and not Case.objects.exists()


def test_a_run_of_a_term_that_was_followed_by_another_opens_nothing(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    roll(pupil, TUESDAY)
    ensure_term(district=HOME, code="2026-2027-2")
    assert flag(date(2027, 3, 10)) == 0 and not Case.objects.exists()


def test_a_merged_child_s_run_belongs_to_the_case_of_the_one_that_stayed(pupil: Cast) -> None:
    stayed = make_child(school_class=pupil.child.school_class, village=pupil.home.villages[0].code, name="杨测留")
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    type(pupil.child).objects.filter(pk=pupil.child.pk).update(merged_into=stayed)
    flag()
    assert Case.objects.get().child_id == stayed.pk


def test_districts_with_something_to_say(pupil: Cast) -> None:
    assert absences.districts() == []
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    assert absences.districts() == [HOME]
    flag()
    AbsenceRun.objects.all().delete()
    assert absences.districts() == [HOME], "its open case waits for a word"


def test_the_work_does_not_ask_once_a_child(pupil: Cast) -> None:
    absent(pupil, THURSDAY, FRIDAY, MONDAY)
    with CaptureQueriesContext(connection) as one:
        assert flag() == 1
    for n in range(5):
        child = make_child(school_class=pupil.child.school_class, village=pupil.home.villages[0].code, name=f"李测{n}")
        AbsenceRun.objects.create(
            child=child, district_code=HOME, school=child.school, school_class=child.school_class, first_day=THURSDAY, last_day=MONDAY,
            school_days=3, suspected_on=MONDAY,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as five:
        assert flag() == 5
    assert len(five) == len(one)


def post_absent(cast: Cast, day: date) -> None:
    """The registrar fills in a day on the page of the class, or takes today's."""
    sent = {"_key": str(uuid.uuid4()), "day": day.isoformat(), "seen": 0, "reason": "补填", f"m{cast.child.pk}": "unexcused"}
    assert cast.client("registrar").post(reverse("roll_class", args=[cast.home.classes[0].pk]), sent).status_code == 302


def test_the_roll_call_that_makes_the_day_opens_the_case_at_once(pupil: Cast, django_capture_on_commit_callbacks: Any, settings: Any) -> None:
    """Issue 3 §6: no waiting for the timetable; earlier and later days send nothing, and the timetable finds nothing left."""
    assert flag_absences.name == FLAG
    sent = []
    for day in (THURSDAY, FRIDAY, MONDAY, TUESDAY):
        settings.PINNED_TODAY = max(day, TODAY)
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            post_absent(pupil, day)
        sent.append(len(callbacks))
        assert Case.objects.count() == (day >= MONDAY)
    assert (sent, flag(TUESDAY)) == ([0, 0, 1, 0], 0)


def test_without_a_broker_the_roll_call_is_stored_all_the_same(pupil: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: Any) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("celery.canvas.Signature.apply_async", gone)
    absent(pupil, THURSDAY, FRIDAY)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        post_absent(pupil, MONDAY)
    assert len(callbacks) == 1 and AbsenceRun.objects.get().suspected_on == MONDAY
    assert flag() == 1
