"""Class lists follow the registers: the school's own list first, else the enrolment; moves, leavers and people away with papers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.attendance.actions.scanning import scan
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, Seat
from apps.attendance.queries.seats import Held
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
    seat_pupils(district="530113", today=TODAY, now=NOW, held=Held())


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
    assert seat_pupils(district="530113", today=TODAY, now=NOW, held=Held()) == (0, 1)
    assert seat_pupils(district="530113", today=TODAY, now=NOW, held=Held()) == (0, 0)
    upload("survey")
    assert seat_pupils(district="530113", today=TODAY, now=NOW, held=Held()) == (0, 0)


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


def absent(child: Child, room: SchoolClass, *days: date) -> None:
    """Marked absent in a class, which was taken on these days."""
    for day in days:
        taken, _ = RollCall.objects.get_or_create(
            school_class=room, day=day, defaults={"school": room.school, "district_code": "530113", "expected": 1, "taken_at": NOW, "taken_title": ""}
        )
        Mark.objects.create(child=child, district_code="530113", school=room.school, school_class=room, roll_call=taken, day=day, code="absent")


def leave(child: Child, room: SchoolClass, first: date, last: date) -> Leave:
    """An approved slip."""
    made: Leave = Leave.objects.create(
        child=child, district_code="530113", school=room.school, school_class=room, kind="sick", first_day=first, last_day=last, school_days=1,
        facts="发热", state="approved", approver="principal", asked_at=NOW, asked_name="甲", asked_title="班主任", decided_at=NOW,
    )  # fmt: skip
    return made


def merge(double: Child, into: Child | None) -> None:
    """As a comparison does: the lines go to the other child, and back to where they came from."""
    Child.objects.filter(pk=double.pk).update(merged_into=into)


def runs() -> list[tuple[int, date, int, date | None]]:
    found = AbsenceRun.objects.order_by("first_day", "child_id")
    return list(found.values_list("child_id", "first_day", "school_days", "suspected_on"))


DAYS = [TODAY - timedelta(n) for n in (5, 4, 3)]  # Wednesday to Friday


def test_two_that_are_one_share_a_seat_and_their_marks_are_read_together(home: SchoolClass) -> None:
    """docs/decisions/0012: who was merged keeps its past, so that parting brings everything back."""
    child, double = pupil(home), pupil(home)
    entry(child), entry(double)
    seat()
    absent(double, home, *DAYS[:2])
    absent(child, home, DAYS[2])
    scan(district="530113", today=DAYS[2])
    before = runs()
    assert before == [(double.pk, DAYS[0], 2, None), (child.pk, DAYS[2], 1, None)]
    merge(double, child)
    seat_pupils(district="530113", today=TODAY, now=NOW, held=Held())
    assert Seat.objects.filter(last_day=None).get().child_id == child.pk
    scan(district="530113", today=TODAY)
    assert runs() == [(child.pk, DAYS[0], 3, DAYS[2])]
    assert Mark.objects.filter(child=double).count() == 2
    merge(double, None)
    seat_pupils(district="530113", today=TODAY, now=NOW, held=Held())
    scan(district="530113", today=TODAY)
    assert runs() == before


def test_an_absence_goes_on_in_the_seat_of_the_double(home: SchoolClass) -> None:
    """The survivor was known from its household alone; the seat, the marks and the leave were its double's."""
    child, double = pupil(home), pupil(home)
    line = entry(double)
    seat()
    absent(double, home, *DAYS[:2])
    merge(double, child)
    Entry.objects.filter(pk=line.pk).update(child=child)
    upload("survey")
    seat_pupils(district="530113", today=DAYS[2], now=NOW, held=Held())
    absent(child, home, DAYS[2])
    scan(district="530113", today=TODAY)
    assert runs() == [(child.pk, DAYS[0], 3, DAYS[2])]
    assert scan(district="530113", today=TODAY, children=[double.pk]).written == 0
    assert runs() == [(child.pk, DAYS[0], 3, DAYS[2])]
    leave(double, home, DAYS[1], TODAY)
    scan(district="530113", today=TODAY)
    assert runs() == [(child.pk, DAYS[0], 1, None)]


def test_a_double_in_another_class_makes_no_run_of_a_child_who_sits_elsewhere(cast: Cast, home: SchoolClass) -> None:
    child, double, ghost = pupil(home), pupil(home), cast.home.classes[2]
    entry(child)
    entry(double, school_class=ghost)
    seat()
    absent(double, ghost, *DAYS)
    absent(pupil(home), home, *DAYS)  # the child's own class was taken
    scan(district="530113", today=TODAY)
    assert (double.pk, DAYS[0], 3, DAYS[2]) in runs()
    merge(double, child)
    Entry.objects.filter(child=double).update(child=child)
    scan(district="530113", today=TODAY)
    assert not AbsenceRun.objects.filter(child__in=[child, double]).exists()


def test_a_mark_in_a_class_that_is_not_the_pupils_does_not_count(cast: Cast, home: SchoolClass) -> None:
    child = pupil(home)
    entry(child)
    seat()
    entry(pupil(home), school_class=cast.home.classes[2])
    absent(child, cast.home.classes[2], *DAYS)
    seat()
    scan(district="530113", today=TODAY)
    assert not runs()


def test_another_district_is_left_alone(cast: Cast, home: SchoolClass) -> None:
    far = cast.neighbour.children[0]
    entry(far)
    seat()
    assert not seats_of(far)


def taken(room: SchoolClass) -> None:
    RollCall.objects.create(school_class=room, school=room.school, district_code="530113", day=TODAY, expected=1, taken_at=NOW, taken_title="")


def spans(child: Child) -> list[tuple[str, date, date | None]]:
    return [one[:3] for one in seats_of(child)]


def test_twice_moved_on_a_day_whose_roll_was_taken(cast: Cast, home: SchoolClass) -> None:
    """Otherwise the pupil stands on two lists of this day, and the second roll call breaks on the mark of the first."""
    second, third = cast.home.classes[1:3]
    child = pupil(home)
    line = entry(child)
    seat()
    taken(home)
    for room in (second, third):
        move(line, room)
        seat()
    assert spans(child) == [(str(home.pk), FIRST, TODAY), (str(third.pk), TODAY + timedelta(1), None)]


def test_off_the_list_and_on_again_on_a_day_whose_roll_was_taken(home: SchoolClass) -> None:
    """名册提交错了、撤销后当天重新提交。"""
    child = pupil(home)
    line = entry(child)
    seat()
    taken(home)
    for ended_by in (line.upload, None):
        Entry.objects.filter(pk=line.pk).update(ended_by=ended_by, end_reason="left" if ended_by else "")
        seat()
    assert spans(child) == [(str(home.pk), FIRST, TODAY), (str(home.pk), TODAY + timedelta(1), None)]


def test_the_first_list_of_a_new_class_reaches_back_into_no_other_class(cast: Cast, home: SchoolClass) -> None:
    child, last = pupil(home), TODAY - timedelta(20)
    line = entry(child)
    seat()
    Seat.objects.filter(child=child).update(last_day=last)
    move(line, cast.home.classes[1])
    seat()
    assert spans(child) == [(str(home.pk), FIRST, last), (str(cast.home.classes[1].pk), last + timedelta(1), None)]
