"""Class lists follow the registers: the school's own list first, else the enrolment; moves, leavers and people away with papers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import Mark, RollCall, Seat
from apps.registers.models import Entry
from apps.schools.models import SchoolClass
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories.children import child as make_child
from tests.factories.registers import entry, term, upload

FIRST = date(2026, 9, 1)


@pytest.fixture
def home(cast: Cast) -> SchoolClass:
    term()
    return cast.home.classes[0]


def pupil(home: SchoolClass, **fields: object) -> Child:
    return make_child(school_class=home, village="530113102201", **fields)


def seat() -> None:
    """As the timetable does, after some register changed."""
    upload("survey")
    seat_pupils(district="530113", today=TODAY)


def seats_of(child: Child) -> list[tuple[str, date, date | None, str]]:
    return [(str(s.school_class_id), s.first_day, s.last_day, s.away) for s in Seat.objects.filter(child=child).order_by("first_day")]


def move(line: Entry, to: SchoolClass) -> None:
    Entry.objects.filter(pk=line.pk).update(school_class=to, school=to.school)


def test_the_first_list_holds_from_the_first_day_of_the_term(home: SchoolClass) -> None:
    child = pupil(home)
    entry(child)
    seat()
    assert seats_of(child) == [(str(home.pk), FIRST, None, "")]


def test_the_schools_own_list_goes_before_the_enrolment(cast: Cast, home: SchoolClass) -> None:
    """〔方案二（二）2〕人籍分离：在他校就读的由实际就读学校点名."""
    child, there = pupil(home), cast.home.classes[2]
    entry(child)
    entry(child, "attending", school=there.school, school_class=there)
    seat()
    assert [one[0] for one in seats_of(child)] == [str(there.pk)]


def test_nothing_changed_nothing_done(home: SchoolClass) -> None:
    entry(pupil(home))
    upload("survey")
    assert seat_pupils(district="530113", today=TODAY) == (0, 1)
    assert seat_pupils(district="530113", today=TODAY) == (0, 0)
    upload("survey")
    assert seat_pupils(district="530113", today=TODAY) == (0, 0)


def test_a_move_counts_from_today_or_from_tomorrow_where_the_old_class_was_taken(cast: Cast, home: SchoolClass) -> None:
    here, there, other = cast.home.classes[:3]
    early, late = pupil(here), pupil(other)
    lines = [entry(early), entry(late)]
    seat()
    RollCall.objects.create(school_class=other, school=other.school, district_code="530113", day=TODAY, expected=1, taken_at=NOW, taken_title="")
    for line in lines:
        move(line, there)
    seat()
    assert seats_of(early)[-1][:2] == (str(there.pk), TODAY)
    assert seats_of(early)[0][2] == TODAY - timedelta(1)
    assert seats_of(late)[-1][:2] == (str(there.pk), TODAY + timedelta(1))
    assert seats_of(late)[0][2] == TODAY


def test_there_and_back_on_one_day_leaves_one_seat(cast: Cast, home: SchoolClass) -> None:
    child = pupil(home)
    line = entry(child)
    seat()
    move(line, cast.home.classes[1])
    seat()
    move(line, home)
    seat()
    assert [(one[0], one[2]) for one in seats_of(child)] == [(str(home.pk), TODAY - timedelta(1)), (str(home.pk), None)]


@pytest.mark.parametrize(
    ("state", "away"), [("suspension", "suspension"), ("home_teaching", "home_teaching"), ("deferral", "other"), ("studying", "")]
)
def test_away_with_papers(home: SchoolClass, state: str, away: str) -> None:
    child = pupil(home)
    entry(child, state=state)
    seat()
    assert seats_of(child)[0][3] == away


@pytest.mark.parametrize("state", ["graduated", "dead", "transferred_out"])
def test_whose_enrolment_is_over_is_not_expected(home: SchoolClass, state: str) -> None:
    child = pupil(home)
    entry(child, state=state)
    seat()
    assert not seats_of(child)


def test_off_every_list_the_seat_ends(home: SchoolClass) -> None:
    child = pupil(home)
    line = entry(child)
    seat()
    Entry.objects.filter(pk=line.pk).update(ended_by=line.upload, end_reason="left")
    seat()
    assert seats_of(child) == [(str(home.pk), FIRST, TODAY - timedelta(1), "")]


def test_two_that_are_one_share_a_seat_and_the_marks_follow(home: SchoolClass) -> None:
    child, double = pupil(home), pupil(home)
    entry(child), entry(double)
    seat()
    taken = RollCall.objects.create(
        school_class=home, school=home.school, district_code="530113", day=TODAY, expected=1, taken_at=NOW, taken_title=""
    )
    Mark.objects.create(child=double, district_code="530113", school=home.school, school_class=home, roll_call=taken, day=TODAY, code="absent")
    Child.objects.filter(pk=double.pk).update(merged_into=child)
    seat_pupils(district="530113", today=TODAY)
    assert Seat.objects.filter(last_day=None).get().child_id == child.pk
    assert Mark.objects.get().child_id == child.pk


def test_another_district_is_left_alone(cast: Cast, home: SchoolClass) -> None:
    far = cast.neighbour.children[0]
    entry(far)
    seat()
    assert not seats_of(far)
