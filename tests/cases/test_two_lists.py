"""Two schools list one child: a case, or an absence that goes on, is neither taken over nor ended by a class list alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.attendance.actions.scanning import scan
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import AbsenceRun, Seat
from apps.cases.actions.joining import follow_children
from apps.cases.models import Case
from apps.cases.queries.following import held
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.registers.models import Entry
from apps.schools.models import SchoolClass
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers, runs

YESTERDAY = TODAY - timedelta(3)  # the school day before


def bring() -> None:
    """As the timetable does, after some register changed: the seats, then the cases."""
    registers.upload("survey")
    seat_pupils(district=HOME, today=TODAY, now=NOW, held=held(HOME, today=TODAY))
    follow_children(district=HOME, by=SYSTEM, now=NOW)


def listed(cast: Cast, *, state: str = "studying") -> Entry:
    """The child of the cast stands in its own school's two registers, and sits in its class."""
    registers.term()
    registers.entry(cast.child, state=state)
    line = registers.entry(cast.child, "attending")
    bring()
    return line


def room_of_other(cast: Cast) -> SchoolClass:
    return cast.home.schools[2].classes.get(name="1", grade=cast.home.schools[2].classes.order_by("grade")[0].grade)


def claim(cast: Cast) -> Entry:
    """Another school writes the child into its class list."""
    room = room_of_other(cast)
    by = registers.upload("attending", school_id=room.school_id)
    return registers.entry(cast.child, "attending", by=by, unit=room.school_id, school=room.school, school_class=room)


def let_go(line: Entry) -> None:
    Entry.objects.filter(pk=line.pk).update(ended_by=line.upload, end_reason="left")


def seat_of(cast: Cast) -> Seat:
    return Seat.objects.get(child=cast.child, last_day=None)


def notices(cast: Cast) -> dict[str, str]:
    """The standing words on class lists, by school."""
    return dict(Notice.objects.standing().filter(topic="seat", role="principal").values_list("school", "sentence"))


@pytest.mark.parametrize("why", ["case", "absence"])
def test_a_class_list_takes_no_case_and_no_running_absence_from_the_school_that_has_the_child(cast: Cast, why: str) -> None:
    line = listed(cast)
    case: Case | None = runs.case(cast.child) if why == "case" else None
    if case is None:
        make.called(cast.child, [YESTERDAY], absent=[YESTERDAY])
        scan(district=HOME, today=TODAY)
        assert AbsenceRun.objects.get().ended_on is None
    claim(cast)
    bring()
    bring()
    assert seat_of(cast).school == cast.child.school
    ours, theirs = cast.child.school_id, room_of_other(cast).school_id
    told = notices(cast)
    assert set(told) == {ours, theirs} and "暂留本校" in told[ours] and "个案" not in told[theirs]
    if case:
        case.refresh_from_db()
        assert case.school_id == ours
        assert cast.client("principal").get(f"/cases/{case.pk}/").status_code == 200
    let_go(line)
    bring()
    assert seat_of(cast).school_id == theirs, "the one that had it let go"
    assert "转到他校班级名单" in notices(cast)[ours] and theirs not in notices(cast)
    if case:
        case.refresh_from_db()
        assert case.school_id == theirs
        assert Notice.objects.filter(topic="case", role="principal").values_list("school", flat=True).order_by("school").distinct().count() == 2


def test_a_lost_child_its_school_never_listed_is_enrolled_there(cast: Cast) -> None:
    """未返校: its school's own list lacks it, and that is why it has a case."""
    registers.term()
    line = registers.entry(cast.child)
    registers.entry(classmate(cast), "attending")
    bring()
    case = runs.case(cast.child)
    claim(cast)
    bring()
    case.refresh_from_db()
    assert (seat_of(cast).school_id, case.school_id) == (cast.child.school_id,) * 2
    Entry.objects.filter(pk=line.pk).update(state="transferred_out")
    bring()
    case.refresh_from_db()
    assert (seat_of(cast).school_id, case.school_id) == (room_of_other(cast).school_id,) * 2


def classmate(cast: Cast) -> Child:
    return next(child for child in cast.home.children[1:] if child.school_id == cast.child.school_id)


def test_everybody_else_goes_where_the_newest_list_says(cast: Cast) -> None:
    """A child that moved while its old school has not handed in its new list: the new one can take its roll, the old one is told."""
    listed(cast)
    claim(cast)
    bring()
    assert seat_of(cast).school_id == room_of_other(cast).school_id
    assert list(notices(cast)) == [cast.child.school_id] and cast.child.name in notices(cast)[cast.child.school_id]
    bring()
    assert Notice.objects.filter(topic="seat").count() == 1


def test_a_seat_ends_waiting_when_the_absence_does_though_no_register_changed(cast: Cast) -> None:
    listed(cast)
    make.called(cast.child, [YESTERDAY], absent=[YESTERDAY])
    scan(district=HOME, today=TODAY)
    claim(cast)
    bring()
    make.called(cast.child, [TODAY])
    scan(district=HOME, today=TODAY)
    assert AbsenceRun.objects.get().ended_on == TODAY
    seat_pupils(district=HOME, today=TODAY, now=NOW, held=held(HOME, today=TODAY))
    assert seat_of(cast).school_id == room_of_other(cast).school_id
    assert not Notice.objects.standing().filter(key__startswith="seat:").exists()


@pytest.mark.parametrize("where", ["remark", "state"])
@pytest.mark.parametrize("why", ["case", "absence"])
def test_no_word_in_a_list_takes_a_lost_child_off_the_roll_calls(cast: Cast, where: str, why: str) -> None:
    line = listed(cast)
    case = runs.case(cast.child, state="persuading") if why == "case" else None
    if case is None:
        make.called(cast.child, [YESTERDAY], absent=[YESTERDAY])
        scan(district=HOME, today=TODAY)
    if where == "remark":
        Entry.objects.filter(pk=line.pk).update(remark="休学")
    else:
        Entry.objects.filter(pk=line.pk).delete()
        Entry.objects.filter(child=cast.child, kind="enrollment").update(state="suspension")
    bring()
    assert seat_of(cast).away == ""
    scan(district=HOME, today=TODAY)
    assert not AbsenceRun.objects.exclude(ended_on=None).exists()
    told = Notice.objects.standing().filter(topic="seat")
    assert {one.role for one in told} == {"principal", "registrar"} and "仍在点名名单上" in told[0].sentence
    if case:
        make.proposal(case, "exempt", "suspension", first_day=TODAY, until=TODAY + timedelta(60))
        Case.objects.filter(pk=case.pk).update(state="exempt")
        seat_pupils(district=HOME, today=TODAY, now=NOW, held=held(HOME, today=TODAY))
        assert seat_of(cast).away == "suspension", "an approved paper is in force"
        assert not told.all().exists()


def test_a_planned_home_teaching_takes_the_child_off_the_roll_calls(cast: Cast) -> None:
    line = listed(cast)
    case = runs.case(cast.child, state="placed")
    Entry.objects.filter(pk=line.pk).update(remark="送教上门")
    later = make.placement(case, kind="home_teaching", first_day=TODAY + timedelta(1))
    bring()
    assert seat_of(cast).away == ""
    later.first_day = TODAY
    later.save()
    bring()
    assert seat_of(cast).away == "home_teaching"


def test_a_suspension_proven_by_two_people_holds_after_the_case(cast: Cast) -> None:
    line = listed(cast)
    case = runs.case(cast.child, state="cleared")
    make.called(cast.child, [YESTERDAY], absent=[YESTERDAY])
    scan(district=HOME, today=TODAY)
    Entry.objects.filter(pk=line.pk).update(remark="休学")
    bring()
    assert seat_of(cast).away == ""
    make.proposal(case, "clear", "suspension")
    bring()
    assert seat_of(cast).away == "suspension"
