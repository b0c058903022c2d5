"""Hints for inspectors: each kind found with its reason, and its honest neighbour left alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.actions.leaves import Slip, ask_leave
from apps.attendance.actions.rolls import Given
from apps.attendance.models import Leave, Mark, RollCall, Seat
from apps.attendance.queries import honesty
from apps.schools.models import SchoolClass
from apps.schools.policy import Policy
from tests.attendance.test_leave_pages import page
from tests.attendance.test_leaves import FRI, MON, THU, TUE, WED, seat
from tests.attendance.test_rolls import absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast
from tests.factories import registers

WEEK = (MON, TUE, WED, THU, FRI)
NUMBERS = Policy({"honesty_full_days": 5, "honesty_same_days": 3, "honesty_fast_times": 2})


def hints(cast: Cast, numbers: Policy = NUMBERS) -> dict[int, dict[str, str]]:
    return {hint.room.pk: hint.whys for hint in honesty.hints(cast.actor("inspector").scope, today=TODAY, numbers=numbers)}


def week(cast: Cast, room: SchoolClass, *marks: Given, days: tuple[date, ...] = WEEK) -> None:
    for day in days:
        take(cast, room, *marks, day=day, role="principal", reason="补填")


def test_a_class_that_is_always_full(cast: Cast, room: SchoolClass) -> None:
    week(cast, room)
    assert hints(cast) == {room.pk: {"full": "近 30 天点名 5 次，没有一人次缺勤、迟到、请假（应到 5 人）"}}
    take(cast, room, Given(someone(room).pk, "late"))
    assert hints(cast) == {}  # one pupil late is enough to be believed


def test_a_class_that_was_full_for_a_few_days_is_left_alone(cast: Cast, room: SchoolClass) -> None:
    week(cast, room, days=WEEK[:4])
    assert hints(cast) == {}


def test_rolls_sent_faster_than_one_can_look(cast: Cast, room: SchoolClass) -> None:
    week(cast, room, absent(room), days=(MON, TUE, WED))
    RollCall.objects.update(seconds=2)
    assert "fast" not in hints(cast).get(room.pk, {})  # five pupils are seen at a glance
    RollCall.objects.update(seconds=60, expected=40)
    RollCall.objects.filter(day=MON).update(seconds=2)
    assert "fast" not in hints(cast).get(room.pk, {})
    RollCall.objects.filter(day=TUE).update(seconds=4)
    assert hints(cast)[room.pk] == {"fast": "近 30 天点名 3 次，其中 2 次从打开到提交不足 5 秒"}
    assert "用时 2 秒" in page(cast, "inspector", "honesty_class", room.pk)


def test_the_same_list_again_and_again(cast: Cast, room: SchoolClass) -> None:
    week(cast, room, absent(room), absent(room, 1), days=(MON, TUE, WED))
    assert hints(cast) == {room.pk: {"same": "连续 3 次点名的缺勤名单完全相同（2 人）"}}
    assert "名单与前一次完全相同" in page(cast, "inspector", "honesty_class", room.pk)


def test_a_class_nobody_called_has_no_days(cast: Cast, room: SchoolClass) -> None:
    assert honesty.days_of(room, today=TODAY, numbers=NUMBERS) == []


@pytest.mark.parametrize("case", ["one pupil", "broken", "on leave"])
def test_a_list_that_may_well_repeat(cast: Cast, room: SchoolClass, case: str) -> None:
    marks = [absent(room)] if case == "one pupil" else [absent(room), absent(room, 1)]
    if case == "on leave":
        for n in (0, 1):
            ask_leave(seat=seat(room, n), slip=Slip("sick", MON, FRI, "住院"), by=cast.actor("principal"), now=NOW)
    week(cast, room, *marks, days=(MON, TUE))
    if case == "broken":
        week(cast, room, absent(room, 2), days=(WED,))
    week(cast, room, *marks, days=(THU,))
    assert hints(cast) == {}


def test_the_same_list_after_the_return_from_leave(cast: Cast, room: SchoolClass) -> None:
    for n in (0, 1):
        ask_leave(seat=seat(room, n), slip=Slip("sick", MON, FRI, "住院"), by=cast.actor("principal"), now=NOW)
    week(cast, room, absent(room), absent(room, 1), days=(TUE, WED, THU))
    assert hints(cast) == {}
    Leave.objects.update(returned_on=TUE)
    assert hints(cast) == {room.pk: {"same": "连续 3 次点名的缺勤名单完全相同（2 人）"}}


def test_there_while_on_leave(cast: Cast, room: SchoolClass) -> None:
    ask_leave(seat=seat(room), slip=Slip("sick", MON, WED, "住院"), by=cast.actor("principal"), now=NOW)
    week(cast, room, absent(room), days=(MON, TUE))
    assert hints(cast) == {}
    week(cast, room, absent(room, 1), days=(WED,))
    assert hints(cast) == {room.pk: {"leave": "1 名学生在准假期间被点为到校，共 1 人次"}}
    shown = page(cast, "inspector", "honesty_class", room.pk)
    assert f"{someone(room).name}：准假期间点为到校" in shown


@pytest.mark.parametrize("kind", ["transferred", "elsewhere"])
def test_there_while_a_register_says_elsewhere(cast: Cast, room: SchoolClass, kind: str) -> None:
    pupil = someone(room)
    week(cast, room, absent(room, 1), days=(MON, TUE))
    registers.entry(pupil, "attending")
    assert hints(cast) == {}
    if kind == "transferred":
        registers.entry(pupil, "enrollment", state="transferred_out")
    else:
        other = cast.home.classes[2]
        registers.entry(pupil, "attending", school=other.school, school_class=other, unit=other.school_id)
    assert hints(cast) == {room.pk: {"elsewhere": "1 名学生的名册记为转出、休学或在别校就读，点名却记为到校，共 2 人次"}}
    assert f"{pupil.name}：名册记为转出" in page(cast, "bureau", "honesty_class", room.pk)


def test_a_pupil_away_with_papers_is_no_hint(cast: Cast, room: SchoolClass) -> None:
    week(cast, room, absent(room, 1), days=(MON, TUE))
    registers.entry(someone(room), "enrollment", state="suspension")
    Seat.objects.filter(child=someone(room)).update(away="suspension")
    assert hints(cast) == {}


def test_the_page_says_that_it_is_no_verdict_and_filters(cast: Cast, room: SchoolClass) -> None:
    week(cast, room, absent(room), absent(room, 1))
    shown = page(cast, "inspector", "honesty_list")
    assert "提示，不是结论" in shown and "名单雷同" in shown and reverse("honesty_class", args=[room.pk]) in shown
    assert "没有提示" in page(cast, "inspector", "honesty_list", kind="leave")
    assert "没有提示" in page(cast, "inspector", "honesty_list", township=cast.home.townships[1].code)


def test_the_pages_ask_as_much_for_many_classes_as_for_one(cast: Cast, room: SchoolClass) -> None:
    def cost(name: str, *args: Any) -> int:
        client = cast.client("inspector")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name, args=args)).status_code == 200
        return len(asked)

    week(cast, room, absent(room), absent(room, 1))
    one = cost("honesty_list"), cost("honesty_class", room.pk)
    for other in cast.home.classes[1:]:
        pupils = [child for child in cast.home.children if child.school_class_id == other.pk]
        for n in range(5):
            day = MON + timedelta(n)
            roll = RollCall.objects.create(
                school_class=other, school=other.school, district_code="530113", day=day, expected=20, taken_at=NOW, taken_title="班主任", seconds=1
            )
            Mark.objects.bulk_create(
                Mark(roll_call=roll, child=p, district_code="530113", school=other.school, school_class=other, day=day, code="absent") for p in pupils
            )
    assert (cost("honesty_list"), cost("honesty_class", room.pk)) == one
    assert len(hints(cast, Policy({"honesty_fast_times": 5}))) == len(cast.home.classes)


def test_only_inspectors_and_the_bureau_of_the_district(cast: Cast, room: SchoolClass) -> None:
    for role in ("principal", "head_teacher", "township", "central_school", "village"):
        assert cast.client(role).get(reverse("honesty_list")).status_code == 404
    assert cast.client("inspector").get(reverse("honesty_class", args=[cast.neighbour.classes[0].pk])).status_code == 404
