"""Calling guardians: who is on today's list, what comes back tomorrow, what an answer leads to; the early hints."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.actions.telling import warn_schools
from apps.attendance.models import Contact, Leave, Mark, Seat
from apps.attendance.queries import contacting, hints
from apps.attendance.rules import pattern_hint
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.schools.models import School, SchoolClass
from apps.schools.policy import Policy
from apps.schools.rules import is_market_day
from apps.students.models import Child
from tests.attendance.test_leave_pages import page, send, slip
from tests.attendance.test_leaves import FRI, MON, THU, TUE, WED, ask
from tests.attendance.test_rolls import absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast
from tests.factories import school_day

D = date
NUMBERS = Policy({})


def names(cast: Cast, role: str = "head_teacher") -> list[int]:
    return [run.child_id for run in contacting.to_call(cast.actor(role).scope)]


def told(result: str = "unreached", **changed: Any) -> dict[str, Any]:
    return {"result": result, "way": "phone", "at": f"{TODAY}T00:00", **changed}


def test_an_unanswered_call_comes_back_with_the_next_day(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room), day=FRI, role="principal", reason="补填")
    pupil = someone(room).pk
    assert names(cast) == [pupil]
    assert send(cast, "head_teacher", "contact_new", pupil, **told()).url == reverse("contact_list")
    assert names(cast) == [pupil]  # nobody was reached
    reached = told("reached", spoke_with="母亲", reason="unexcused", whereabouts="在家", text="明天返校")
    assert send(cast, "head_teacher", "contact_new", pupil, **reached).status_code == 302
    assert names(cast) == [] and "已联系上，还未到校" in page(cast, "head_teacher", "contact_list")
    take(cast, room, absent(room))  # and is absent again today
    assert names(cast) == [pupil]
    shown = page(cast, "head_teacher", "contact_list")
    assert "2 个上课日未到" in shown and "在家" in shown


def test_a_pupil_who_is_back_or_on_leave_is_not_called(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room), absent(room, 1), day=FRI, role="principal", reason="补填")
    ask(cast, room, FRI, FRI)  # of the first pupil
    assert names(cast) == [someone(room, 1).pk]
    take(cast, room)
    assert names(cast) == []


def test_one_tap_calls_the_number_that_is_known(cast: Cast, room: SchoolClass) -> None:
    Child.objects.filter(pk=someone(room).pk).update(guardian_phone="13800000000、0871-6212345")
    take(cast, room, absent(room), absent(room, 1))
    Child.objects.filter(pk=someone(room, 1).pk).update(guardian_phone="")
    shown = page(cast, "head_teacher", "contact_list")
    assert 'href="tel:13800000000"' in shown and 'href="tel:0871-6212345"' in shown and "没有登记电话" in shown
    for role in ("subject_teacher", "bureau", "inspector", "village"):
        assert cast.client(role).get(reverse("contact_list")).status_code == 404


def test_an_answer_leads_to_a_leave_with_what_was_said(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    answer = send(
        cast, "head_teacher", "contact_new", someone(room).pk, then="leave", **told("reached", spoke_with="母亲", reason="sick", text="高烧住院")
    )
    assert answer.url == reverse("leave_new", args=[someone(room).pk]) + f"?contact={Contact.objects.get().pk}"
    assert "高烧住院" in cast.client("head_teacher").get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"result": "reached"}, "写明联系到谁"),
        ({"at": "2026-11-29T08:00"}, "还没有到"),
        ({"at": "2026-11-01T08:00"}, "早于缺勤当天"),
        ({"result": ""}, "必填"),
    ],
)
def test_a_contact_that_says_nothing_comes_back(cast: Cast, room: SchoolClass, changed: dict[str, str], words: str) -> None:
    take(cast, room, absent(room))
    answer = send(cast, "head_teacher", "contact_new", someone(room).pk, **(told(text="打了三次") | changed))
    shown = answer.content.decode()
    assert answer.status_code == 422 and "打了三次" in shown and (words in shown or words == "必填")
    assert not Contact.objects.exists()


def test_all_that_is_wrong_with_a_contact_is_told_at_once(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    answer = send(cast, "head_teacher", "contact_new", someone(room).pk, **told("reached", at="2026-11-29T08:00", way="?"))
    assert set(answer.context["form"].errors) == {"at", "way", "spoke_with", "reason"}


def test_the_same_word_twice_is_one_contact(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    browser, form = cast.client("head_teacher"), {"_key": str(uuid.uuid4()), **told()}
    for _ in range(2):
        browser.post(reverse("contact_new", args=[someone(room).pk]), form)
    assert Contact.objects.count() == 1


def test_another_class_is_out_of_reach(cast: Cast, room: SchoolClass) -> None:
    for child in (cast.strangers["class"], cast.strangers["school"], cast.strangers["district"]):
        Seat.objects.create(
            child=child, district_code=child.district_code, school=child.school, school_class=child.school_class, first_day=D(2026, 9, 1)
        )
        assert cast.client("head_teacher").get(reverse("contact_new", args=[child.pk])).status_code == 404


def test_whoever_has_moved_is_out_of_reach_of_the_old_class_and_school(cast: Cast, room: SchoolClass) -> None:
    def answers() -> list[int]:
        urls = [reverse(name, args=[someone(room).pk]) for name in ("contact_new", "leave_new")]
        return [cast.client(role).get(url).status_code for role in ("head_teacher", "principal") for url in urls]

    first = Seat.objects.get(child=someone(room))
    Seat.objects.filter(pk=first.pk).update(last_day=FRI)
    assert answers() == [200] * 4  # between two classes it is still the last one's
    for place, told in ((cast.home.classes[1], [404, 404, 200, 200]), (cast.home.classes[2], [404] * 4)):
        Seat.objects.filter(child=first.child, last_day=None).delete()
        later = school_day.seat(first.child, school_class=place, first_day=TODAY + timedelta(1))
        assert answers() == [200] * 4  # the old class's until the new one has it
        Seat.objects.filter(pk=later.pk).update(first_day=TODAY)
        assert answers() == told
    assert send(cast, "head_teacher", "leave_new", first.child_id, **slip(TODAY, TODAY)).status_code == 404
    assert not Leave.objects.exists()


def test_the_list_asks_few_questions(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, *(absent(room, n) for n in range(5)))
    client = cast.client("head_teacher")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("contact_list")).content.decode().count("1 个上课日未到") == 5
    assert len(asked) <= 14, len(asked)


def test_the_second_day_is_told_to_the_school_alone(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room), day=FRI, role="principal", reason="补填")
    scope = cast.actor("principal").scope
    assert not hints.second_day(scope, limit=3).exists()
    take(cast, room, absent(room))
    assert [run.child_id for run in hints.second_day(scope, limit=3)] == [someone(room).pk]
    assert "再缺一个上课日即疑似辍学的学生 1 人" in page(cast, "principal", "workbench")
    assert "再缺一个上课日" not in page(cast, "township", "workbench")


def warned(cast: Cast, role: str) -> list[str]:
    return list(Notice.objects.standing().to(cast.actor(role)).values_list("sentence", flat=True))


def test_early_warnings_are_told_to_the_school_once(cast: Cast, room: SchoolClass) -> None:
    """〔方案二（三）2〕第 3 日才报乡镇和区教体局；第 2 日和规律性缺课只告诉学校。"""
    for day in FRIDAYS:
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    take(cast, room, day=THU, role="principal", reason="补填")  # there on Thursday
    take(cast, room, absent(room))
    told = {"district": "530113", "by": SYSTEM, "today": TODAY, "now": NOW}
    assert [warn_schools(**told) for _ in range(2)] == [4, 0]
    for role in ("head_teacher", "principal"):
        words = warned(cast, role)
        assert any("再缺一个上课日即疑似辍学" in one for one in words) and any("在星期五。提示，不是结论" in one for one in words), words
    assert warned(cast, "township") == warned(cast, "bureau") == []
    take(cast, room, seen=1)  # it came after all
    warn_schools(**told)
    assert [one for one in warned(cast, "principal") if "再缺" in one] == []


FRIDAYS = [D(2026, 10, 23), D(2026, 10, 30), D(2026, 11, 13), FRI]


@pytest.mark.parametrize(
    ("days", "market", "hint"),
    [
        (FRIDAYS, [], "近期 4 次缺课中有 4 次在星期五"),
        (FRIDAYS[:2], [], ""),  # twice is no habit
        ([*FRIDAYS[:3], MON, TUE, WED, THU], [], ""),  # less than half of all
        ([*FRIDAYS[:3], MON, TUE, WED], [], "近期 6 次缺课中有 3 次在星期五"),
        ([*FRIDAYS[:3], MON, TUE, WED, THU, THU], [], "近期缺课 8 次（含半天）"),
        ([MON, WED, FRI], [MON, WED, FRI], "近期 3 次缺课中有 3 次在赶集日或赶集次日"),
        ([], [], ""),
    ],
)
def test_a_habit_has_its_reason(days: list[date], market: list[date], hint: str) -> None:
    assert pattern_hint(days, times=3, most=8, after_market=market) == hint


def test_a_pupil_absent_on_fridays_is_a_hint_and_leave_is_not(cast: Cast, room: SchoolClass) -> None:
    for day in FRIDAYS:
        take(cast, room, absent(room), absent(room, 1), day=day, role="principal", reason="补填")
    for day in FRIDAYS:
        ask(cast, room, day, day, role="principal")  # the first pupil's absences are excused afterwards
    found = hints.habits(cast.actor("principal").scope, today=TODAY, numbers=NUMBERS)
    assert [(habit.child_id, habit.why, list(habit.days)) for habit in found] == [(someone(room, 1).pk, "近期 4 次缺课中有 4 次在星期五", FRIDAYS)]
    assert "在星期五" in page(cast, "head_teacher", "contact_list")


def test_a_leave_excuses_no_day_after_the_return(cast: Cast, room: SchoolClass) -> None:
    for day in FRIDAYS:
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    ask(cast, room, FRIDAYS[0], FRIDAYS[-1])
    Leave.objects.update(state="approved", decided_at=NOW)
    assert not hints.habits(cast.actor("principal").scope, today=TODAY, numbers=NUMBERS)
    Leave.objects.update(returned_on=FRIDAYS[0])
    assert [habit.days for habit in hints.habits(cast.actor("principal").scope, today=TODAY, numbers=NUMBERS)] == [tuple(FRIDAYS)]


def test_days_after_the_market_are_a_hint_where_the_school_has_one(cast: Cast, room: SchoolClass) -> None:
    days = [D(2026, 11, 3), D(2026, 11, 9), D(2026, 11, 18)]  # Tuesday, Monday, Wednesday
    for day in days:
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    scope = cast.actor("principal").scope
    assert not hints.habits(scope, today=TODAY, numbers=NUMBERS)
    School.objects.filter(pk=room.school_id).update(market="1")  # Mondays
    assert [habit.why for habit in hints.habits(scope, today=TODAY, numbers=NUMBERS)] == []  # Wednesday is neither
    Mark.objects.filter(day=D(2026, 11, 18)).update(day=D(2026, 11, 17))
    assert [habit.why for habit in hints.habits(scope, today=TODAY, numbers=NUMBERS)] == ["近期 3 次缺课中有 3 次在赶集日或赶集次日"]


def test_market_days_go_by_the_week_or_by_the_twelve_animals() -> None:
    """2000年1月1日为戊午（属马）日；每十二天一轮。"""
    assert is_market_day(D(2000, 1, 1), market="马") and not is_market_day(D(2000, 1, 2), market="马")
    horses = [D(2026, 11, 1) + timedelta(n) for n in range(30) if is_market_day(D(2026, 11, 1) + timedelta(n), market="马")]
    assert [(later - one).days for one, later in zip(horses, horses[1:], strict=False)] == [12] * (len(horses) - 1)
    assert is_market_day(D(2026, 11, 22), market="7") and not is_market_day(D(2026, 11, 23), market="7")
    assert not is_market_day(D(2026, 11, 23), market="")
