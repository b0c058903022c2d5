"""Taking the roll: late, twice, by two at once, corrected, refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.attendance.actions.rolls import Conflict, Given, check_day, take_roll
from apps.attendance.models import AbsenceRun, Mark, RollCall, RollCallChange, Seat
from apps.attendance.queries.rolls import classes_of, on_day, why_closed
from apps.attendance.queries.taking import sheet_of
from apps.core.errors import Refused
from apps.schools.actions import ensure_term
from apps.schools.models import CalendarDay, Closure, OpenDay, PolicyValue, SchoolClass
from apps.schools.queries import policy, values_since
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories.children import child as make_child
from tests.factories.children import id_number

BEFORE_CUTOFF = NOW - timedelta(minutes=20)  # 14:40


@pytest.fixture
def room(cast: Cast) -> SchoolClass:
    """The home class with five pupils and the term's days."""
    ensure_term(district="530113", code="2026-2027-1")
    home: SchoolClass = cast.home.classes[0]
    for n in range(4):
        make_child(school_class=home, village=cast.home.villages[0].code, name=f"李测{n}")
    for pupil in Child.objects.filter(school_class=home):
        Seat.objects.create(
            child=pupil, district_code="530113", township_code=pupil.township_code, village_code=pupil.village_code, school=home.school,
            school_class=home, first_day=date(2026, 9, 1),
        )  # fmt: skip
    return home


def someone(room: SchoolClass, n: int = 0) -> Child:
    return Child.objects.filter(school_class=room).order_by("pk")[n]


def absent(room: SchoolClass, n: int = 0, reason: str = "unexcused") -> Given:
    return Given(someone(room, n).pk, "absent", reason)


def take(
    cast: Cast,
    room: SchoolClass,
    *marks: Given,
    day: date = TODAY,
    seen: int = 0,
    role: str = "head_teacher",
    now: datetime = BEFORE_CUTOFF,
    reason: str = "",
) -> RollCall:
    return take_roll(room=room, day=day, marks=marks, seen=seen, by=cast.actor(role), now=now, reason=reason)


def test_only_exceptions_are_stored(cast: Cast, room: SchoolClass) -> None:
    taken = take(cast, room, absent(room))
    assert (taken.expected, taken.missing, taken.is_late, taken.revision) == (5, 1, False, 1)
    assert list(Mark.objects.values_list("child_id", "code", "reason")) == [(someone(room).pk, "absent", "unexcused")]


def test_after_the_cutoff_it_is_taken_and_marked_late(cast: Cast, room: SchoolClass) -> None:
    """〔方案二（三）3〕15：00 前."""
    assert take(cast, room, now=NOW).is_late


def test_the_same_content_twice_is_one_roll_call(cast: Cast, room: SchoolClass) -> None:
    first = take(cast, room, absent(room))
    again = take(cast, room, absent(room))  # the second tap saw nothing either
    assert again.pk == first.pk
    assert (RollCall.objects.count(), Mark.objects.count(), RollCallChange.objects.count()) == (1, 1, 0)


def test_the_second_teacher_sees_what_the_first_stored(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    with pytest.raises(Conflict) as told:
        take(cast, room, absent(room, 1))
    assert told.value.marks == [absent(room)]
    assert "14:40" in told.value.sentence
    assert Mark.objects.get().child_id == someone(room).pk


def test_a_correction_keeps_what_stood(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    taken = take(cast, room, absent(room, 1), seen=1)
    change = RollCallChange.objects.get(roll_call=taken)
    assert [row[0] for row in change.before] == [someone(room).pk]
    assert [row[0] for row in change.after] == [someone(room, 1).pk]
    assert RollCall.objects.get().revision == 2


@pytest.mark.parametrize(
    ("day", "marks", "code"),
    [
        (TODAY + timedelta(1), [], "future"),
        (date(2026, 11, 22), [], "past"),
        (TODAY, [Given(0, "absent")], "list"),
        (TODAY, [Given(0, "sleeping")], "list"),
    ],
)
def test_what_is_refused(cast: Cast, room: SchoolClass, day: date, marks: list[Given], code: str) -> None:
    with pytest.raises(Refused) as told:
        take(cast, room, *marks, day=day)
    assert told.value.code == code or (code == "past" and told.value.code == "no_school")
    assert not RollCall.objects.exists()


def test_a_teacher_does_not_touch_an_earlier_day_and_the_school_says_why(cast: Cast, room: SchoolClass) -> None:
    friday = date(2026, 11, 20)
    with pytest.raises(Refused, match="由学校"):
        take(cast, room, day=friday, seen=1)
    with pytest.raises(Refused, match="写明原因"):
        take(cast, room, day=friday, role="principal")
    taken = take(cast, room, absent(room), day=friday, role="principal", reason="班主任外出培训")
    assert taken.is_late
    kept = RollCallChange.objects.get()
    assert (kept.roll_call, kept.fills_in, kept.before, [row[0] for row in kept.after]) == (taken, True, [], [someone(room).pk])
    assert (kept.reason, kept.by_name) == ("班主任外出培训", cast.actor("principal").name)
    shown = cast.client("principal").get(reverse("roll_class", args=[room.pk]), {"day": friday}).content.decode()
    assert "更正记录" in shown and "补填：班主任外出培训" in shown and f"{someone(room).name}：缺勤·无故" in shown and "到校 →" not in shown


def test_today_taken_for_the_first_time_keeps_no_correction(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room), reason="多写的原因")
    take(cast, room, absent(room), day=date(2026, 11, 20))  # by its own teacher, after the network was gone
    assert RollCall.objects.count() == 2 and not RollCallChange.objects.exists()


def test_a_whole_number_in_the_reason_is_masked(cast: Cast, room: SchoolClass) -> None:
    number, friday = id_number(78), date(2026, 11, 20)
    take(cast, room, absent(room), day=friday, role="principal", reason=f"家长持 {number} 来校")
    take(cast, room, day=friday, seen=1, role="principal", reason=f"更正 {number}")
    first, second = RollCallChange.objects.values_list("reason", flat=True)
    assert "来校" in first and "更正" in second and number not in first + second


def test_a_roll_call_that_waited_for_the_network_is_taken_late_on_its_own_day(cast: Cast, room: SchoolClass) -> None:
    """Kept on the phone on Friday afternoon, sent on Monday morning (docs/decisions/0014)."""
    friday, morning = date(2026, 11, 20), NOW.replace(hour=1)
    taken = take(cast, room, absent(room), day=friday, now=morning)
    assert (taken.day, taken.is_late, taken.missing) == (friday, True, 1)
    assert take(cast, room, absent(room), day=friday, now=morning).pk == taken.pk  # the answer was lost: the same again
    with pytest.raises(Conflict):
        take(cast, room, absent(room, 1), day=friday, role="subject_teacher", now=morning)  # shown side by side, never over the first
    with pytest.raises(Refused, match="由学校"):
        take(cast, room, absent(room, 1), day=friday, seen=1, now=morning)
    assert RollCallChange.objects.count() == 0


@pytest.mark.parametrize(("day", "is_taken"), [(date(2026, 11, 16), True), (date(2026, 11, 13), False)])
def test_it_waits_no_longer_than_a_week(cast: Cast, room: SchoolClass, day: date, is_taken: bool) -> None:
    if is_taken:
        assert take(cast, room, day=day).is_late
    else:
        with pytest.raises(Refused, match="由学校"):
            take(cast, room, day=day)


def test_only_a_class_of_ones_own_comes_late_without_a_reason(cast: Cast, room: SchoolClass) -> None:
    with pytest.raises(Refused, match="由学校"):
        check_day(cast.home.classes[1], date(2026, 11, 20), closed="", seen=0, by=cast.actor("head_teacher"), now=BEFORE_CUTOFF, reason="")


@pytest.mark.parametrize(
    ("model", "fields", "day"),
    [
        (None, {}, TODAY),
        (None, {}, date(2026, 11, 22)),
        (None, {}, date(2026, 8, 20)),
        (CalendarDay, {"day": TODAY, "is_school_day": False, "note": "州庆"}, TODAY),
        (CalendarDay, {"day": date(2026, 11, 22), "is_school_day": True}, date(2026, 11, 22)),
        (Closure, {"first_day": TODAY, "last_day": TODAY, "reason": "大雪"}, TODAY),
        (OpenDay, {"day": date(2026, 11, 22), "reason": "补课"}, date(2026, 11, 22)),
    ],
)
def test_who_takes_a_roll_hears_of_the_day_what_the_page_says(cast: Cast, room: SchoolClass, model: Any, fields: dict[str, Any], day: date) -> None:
    """``taking.sheet_of`` asks in one statement what ``rolls.on_day``, ``schools.queries`` and the seats say."""
    if model:
        model.objects.create(**fields, **({"district_code": "530113"} if model is CalendarDay else {"school": room.school}))
    Seat.objects.update(first_day=date(2026, 8, 1))
    Seat.objects.filter(child=someone(room, 0)).update(last_day=day - timedelta(1))
    Seat.objects.filter(child=someone(room, 1)).update(last_day=day)
    Seat.objects.filter(child=someone(room, 2)).update(away="suspension")
    for value, since in ((4, day), (5, day + timedelta(1))):
        PolicyValue.objects.create(district_code="530113", key="suspected_school_days", value=value, effective_from=since, basis="测")
    for role in ("head_teacher", "registrar", "central_school", "bureau"):
        scope = cast.actor(role).scope
        sheet = sheet_of(room.pk, day=day, scope=scope)
        assert sheet is not None
        assert why_closed(sheet.room, day) == why_closed(on_day(classes_of(scope).filter(pk=room.pk), day).get(), day)
        seats = Seat.objects.within(scope).on(day).filter(school_class=room, away="")
        assert sheet.homes == {seat.child_id: (seat.township_code, seat.village_code) for seat in seats}
        assert sheet.policy == policy(district="530113", day=day) and sheet.policy["suspected_school_days"] == 4
        assert sheet.since("suspected_school_days") == values_since("suspected_school_days", district="530113")
    assert sheet_of(cast.home.classes[1].pk, day=day, scope=cast.actor("head_teacher").scope) is None


def test_two_marks_for_one_pupil_are_refused(cast: Cast, room: SchoolClass) -> None:
    with pytest.raises(Refused, match="两种情况"):
        take(cast, room, absent(room), Given(someone(room).pk, "late"))


def test_a_day_without_school_says_so(cast: Cast, room: SchoolClass) -> None:
    CalendarDay.objects.create(district_code="530113", day=TODAY, is_school_day=False, note="州庆")
    with pytest.raises(Refused, match="州庆"):
        take(cast, room)


def test_the_third_day_makes_a_run_and_coming_back_ends_it(cast: Cast, room: SchoolClass) -> None:
    """〔方案二（三）2〕; Saturday and Sunday lie between."""
    for day in (date(2026, 11, 19), date(2026, 11, 20)):
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    assert AbsenceRun.objects.get().suspected_on is None
    take(cast, room, absent(room))
    run = AbsenceRun.objects.get()
    assert (run.first_day, run.school_days, run.suspected_on, run.ended_on) == (date(2026, 11, 19), 3, TODAY, None)
    take(cast, room, seen=1)
    run.refresh_from_db()
    assert (run.school_days, run.suspected_on, run.ended_on, run.end) == (2, None, TODAY, "returned")


def test_a_late_correction_of_a_day_in_between_breaks_the_run(cast: Cast, room: SchoolClass) -> None:
    for day in (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)):
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    take(cast, room, day=date(2026, 11, 19), seen=1, role="principal", reason="当天下午已到校，班主任漏改")
    assert [(run.school_days, run.suspected_on) for run in AbsenceRun.objects.order_by("first_day")] == [(1, None), (1, None)]


def test_a_class_of_another_school_year_has_no_school_today(cast: Cast, room: SchoolClass) -> None:
    """A bookmark of last year must not leave an empty roll call behind."""
    SchoolClass.objects.filter(pk=room.pk).update(school_year=2025)
    room.refresh_from_db()
    assert why_closed(on_day(SchoolClass.objects.filter(pk=room.pk), TODAY).get(), TODAY) == "不在学期内"
    with pytest.raises(Refused, match="不在学期内"):
        take(cast, room)
    assert not RollCall.objects.exists()
