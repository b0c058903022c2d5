"""The board of a day, and asking for the roll calls that are missing."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.attendance import tasks
from apps.attendance.actions.chasing import chase
from apps.attendance.actions.rolls import Given, take_roll
from apps.attendance.models import AbsenceRun, Contact, RollCall, Seat
from apps.attendance.queries import contacting
from apps.attendance.queries.board import class_days, total
from apps.cases.tasks import seat_pupils
from apps.core import clock
from apps.notices.models import Notice
from apps.registers.models import Entry
from apps.schools.models import Closure, PolicyValue, SchoolClass
from apps.students.models import Child
from config.celery import TIMETABLE
from tests.attendance.test_roll_pages import text
from tests.cast import NOW, TODAY, Cast
from tests.factories import people, registers, school_day
from tests.factories.registers import term


@pytest.fixture
def day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Six pupils in each class of the first three schools; it is 14:40."""
    term()
    monkeypatch.setattr(clock, "now", lambda: NOW - timedelta(minutes=20))
    for room in cast.home.classes[:6]:
        school_day.pupils(room, 6, village=cast.home.villages[0].code, name=f"王{room.grade}{room.pk % 100:02d}")
    return cast


def pupils(room: SchoolClass) -> list[Child]:
    return [seat.child for seat in Seat.objects.filter(school_class=room).select_related("child").order_by("pk")]


def take(cast: Cast, room: SchoolClass, *reasons: str, role: str = "bureau", late: bool = False) -> RollCall:
    """The roll of a class with so many absent, each for a reason."""
    marks = [Given(child.pk, "absent", reason) for child, reason in zip(pupils(room), reasons, strict=False)]
    return take_roll(room=room, day=TODAY, marks=marks, seen=0, by=cast.actor(role), now=NOW if late else NOW - timedelta(hours=1))


def notices(**where: Any) -> list[tuple[str, str]]:
    return sorted(Notice.objects.filter(settled_at=None, **where).values_list("role", "sentence"))


def test_a_school_sees_taken_late_missing_reasons_and_whom_nobody_asked(day: Cast) -> None:
    first, second = day.home.classes[:2]
    take(day, first, "unexcused", "sick", "other", late=True, role="head_teacher")
    asked = pupils(first)[0]
    Contact.objects.create(
        child=asked, district_code="530113", school=first.school, school_class=first, day=TODAY, at=NOW, way="phone", result="reached",
        by_name="测", by_title="测", written_at=NOW,
    )  # fmt: skip
    page = day.client("principal").get("/roll/")
    told = text(page)
    assert "2 个班，已点名 1，其中逾时 1" in told
    assert "病假 1、无故 1、其他 1" in told and "还没有联系上家长 1 人" in told
    assert told.count("未点名") >= 1 and "提醒班主任" in told
    assert f"{asked.name} {first} 缺勤·无故 已联系上" in told
    ill, left = pupils(first)[1:3]
    assert f"{ill.name} {first} 缺勤·病假 已准假" in told  # the head teacher's own slip of one day
    assert f"{left.name} {first} 缺勤·其他 还没有联系" in told
    assert str(second) in told


def test_a_call_nobody_answered_is_no_contact(day: Cast) -> None:
    """The board and 今天要联系 say the same of everybody: reached, tried or nobody asked; 请假 without a slip is asked about too."""
    room = day.home.classes[0]
    reached, tried, unasked, on_paper = pupils(room)[:4]
    marks = [Given(child.pk, "absent", "unexcused") for child in (reached, tried, unasked)] + [Given(on_paper.pk, "leave")]
    take_roll(room=room, day=TODAY, marks=marks, seen=0, by=day.actor("head_teacher"), now=NOW - timedelta(hours=1))
    for child, result in ((reached, "unreached"), (reached, "reached"), (tried, "unreached")):
        Contact.objects.create(
            child=child, district_code="530113", school=room.school, school_class=room, day=TODAY, at=NOW, way="phone", result=result,
            by_name="测", by_title="测", written_at=NOW,
        )  # fmt: skip
    page = day.client("principal").get("/roll/")
    told, calls = text(page), [child.pk for child in pupils(room) if f'"/contacts/{child.pk}/"' in page.content.decode()]
    assert calls == [tried.pk, unasked.pk, on_paper.pk]
    assert f"{reached.name} {room} 缺勤·无故 已联系上" in told and f"{tried.name} {room} 缺勤·无故 打过未通" in told
    assert f"{unasked.name} {room} 缺勤·无故 还没有联系" in told and f"{on_paper.name} {room} 请假 还没有联系" in told
    scope = day.actor("principal").scope
    assert {run.child_id for run in contacting.to_call(scope)} == {tried.pk, unasked.pk, on_paper.pk}
    assert total(class_days(scope=scope, day=TODAY)).uncontacted == 3


def test_a_class_that_was_not_taken_is_never_present(day: Cast) -> None:
    rows = class_days(scope=day.actor("bureau").scope, day=TODAY)
    empty = total(rows)
    assert (empty.classes, empty.taken, empty.expected, empty.rate) == (6, 0, 0, "")
    take(day, day.home.classes[0], "unexcused")
    some = total(class_days(scope=day.actor("bureau").scope, day=TODAY))
    assert (some.classes, some.taken, some.open, some.expected, some.missing, some.rate) == (6, 1, 5, 6, 1, "83.3%")
    told = text(day.client("principal").get("/roll/"))
    assert "只按已点名的 1 个班、应到 6 人计算" in told


def test_a_rate_is_cut_and_not_rounded(day: Cast) -> None:
    told = total([])
    told.classes = told.taken = 1
    told.expected, told.missing = 2001, 1
    assert told.rate == "99.9%"
    told.missing = 0
    assert told.rate == "100%"


def test_nobody_taken_nobody_known(day: Cast) -> None:
    assert "谁到了、谁没到，现在不知道" in text(day.client("principal").get("/roll/"))


def test_bureau_sees_townships_then_schools_then_classes(day: Cast) -> None:
    take(day, day.home.classes[0], "unexcused")
    bureau = day.client("bureau")
    with CaptureQueriesContext(connection) as asked:
        top = bureau.get("/roll/")
    assert len(asked) <= 9
    assert "汤丹镇 1 / 4 班" in text(top) and "因民镇 0 / 2 班" in text(top)
    township = text(bureau.get("/roll/?township=530113102"))
    assert "汤丹镇中心学校 1 / 2 班" in township and "汤丹镇九年一贯制学校 0 / 2 班" in township and "因民镇中心学校" not in township
    school = bureau.get(f"/roll/?school={day.home.schools[0].pk}")
    assert pupils(day.home.classes[0])[0].name in text(school) and "提醒班主任" not in text(school)
    assert "汤丹镇中心学校 1 / 2 班" in text(day.client("township").get("/roll/"))


def test_the_number_of_queries_does_not_grow_with_the_absent(day: Cast) -> None:
    principal = day.client("principal")
    take(day, day.home.classes[0], "unexcused")
    with CaptureQueriesContext(connection) as few:
        principal.get("/roll/")
    take(day, day.home.classes[1], "unexcused", "sick", "other", "personal", "unreachable")
    with CaptureQueriesContext(connection) as many:
        principal.get("/roll/")
    assert len(few) == len(many) <= 9


def test_a_closed_school_is_not_asked(day: Cast) -> None:
    Closure.objects.create(school=day.home.schools[0], first_day=TODAY, last_day=TODAY, reason="大雪")
    assert {row.school_code for row in class_days(scope=day.actor("bureau").scope, day=TODAY)} == {school.pk for school in day.home.schools[1:3]}
    assert "这一天没有要点名的班" in text(day.client("principal").get("/roll/"))


def test_another_place_in_the_address_shows_nothing_of_it(day: Cast) -> None:
    far = day.home.schools[2].pk
    for role in ("principal", "township"):
        assert "因民镇" not in text(day.client(role).get(f"/roll/?school={far}"))


def test_one_tap_reminds_the_head_teacher_once(day: Cast) -> None:
    room, principal = day.home.classes[0], day.client("principal")

    def tap() -> str:
        return text(principal.post(f"/roll/{room.pk}/remind/", {"_key": str(uuid.uuid4())}, follow=True))

    assert f"给{room}点名" in tap()
    assert notices() == [("head_teacher", f"{day.post('principal').user.name}（{day.actor('principal').title}）请您尽快提交{room}11月23日的点名。")]
    assert "不重复提醒" in tap() and Notice.objects.count() == 1
    take(day, room)
    assert notices() == []  # settled by the roll itself
    assert "已经点过名" in tap()


def test_nobody_to_remind_is_said(day: Cast) -> None:
    room = day.home.classes[1]
    answer = day.client("registrar").post(f"/roll/{room.pk}/remind/", {"_key": str(uuid.uuid4())}, follow=True)
    assert "没有班主任在任" in text(answer) and not Notice.objects.exists()


def test_missing_roll_calls_are_chased_at_the_times_of_the_policy(day: Cast) -> None:
    """〔方案二（三）3〕: nobody before 14:30, the teachers then, after 15:10 also the school, and the others in one line."""
    take(day, day.home.classes[0])
    assert chase(district="530113", day=TODAY, now=NOW, at=1429) == 0
    assert chase(district="530113", day=TODAY, now=NOW, at=1430) == 5
    assert {role for role, _ in notices()} == {"head_teacher"}
    assert chase(district="530113", day=TODAY, now=NOW, at=1435) == 0
    told = chase(district="530113", day=TODAY, now=NOW, at=1510)
    assert told == 5 * 3 + 1 + 2  # teacher, registrar, principal of each class; bureau; two central schools
    assert notices(role="bureau") == [("bureau", "11月23日截止时仍有 3 所学校的 5 个班没有点名。")]
    assert len(notices(role="principal", school=day.home.schools[0])) == 1
    assert chase(district="530113", day=TODAY, now=NOW, at=1900) == 0
    take(day, day.home.classes[1])
    assert not notices(school_class=day.home.classes[1]) and not notices(role="principal", school=day.home.schools[0])


def test_a_line_about_a_place_is_over_with_its_last_roll_call(day: Cast) -> None:
    """点了名就自动了结: of a township, of the district, also where the last ones come the day after."""
    chase(district="530113", day=TODAY, now=NOW, at=1510)
    assert [role for role, _ in notices(school=None)] == ["bureau", "central_school", "central_school"]
    assert all("11月23日" in sentence and "今天" not in sentence for _, sentence in notices())
    rooms = day.home.classes[:6]
    for room in rooms[:4]:  # of the first township
        take(day, room)
    assert [role for role, _ in notices(school=None)] == ["bureau", "central_school"]
    there = people.actor(people.post("principal", school=rooms[4].school))
    for room in rooms[4:]:
        take_roll(room=room, day=TODAY, marks=[], seen=0, by=there, now=NOW + timedelta(1), reason="补填")
    assert notices() == []


def test_two_last_roll_calls_at_once_are_settled_by_the_next_round(day: Cast) -> None:
    """Neither saw the other's when it was taken."""
    chase(district="530113", day=TODAY, now=NOW, at=1510)
    for room in day.home.classes[:6]:
        RollCall.objects.create(school_class=room, school=room.school, district_code="530113", day=TODAY, expected=6, taken_at=NOW, taken_title="测")
    chase(district="530113", day=TODAY, now=NOW, at=1520)
    assert notices(school=None) == []


def test_the_times_are_the_districts_own(day: Cast) -> None:
    PolicyValue.objects.create(district_code="530113", key="roll_call_chase_first", value=1000, effective_from=TODAY, basis="测")
    assert chase(district="530113", day=TODAY, now=NOW, at=1005) == 6


def test_nothing_is_chased_without_school(day: Cast) -> None:
    for school in day.home.schools:
        Closure.objects.create(school=school, first_day=TODAY, last_day=TODAY, reason="大雪")
    assert chase(district="530113", day=TODAY, now=NOW, at=1600) == 0


@pytest.mark.parametrize(("hour", "is_carried"), [("14:30", False), ("14:34", False), ("14:35", True), ("14:39", True), ("14:40", False)])
def test_absences_are_carried_on_after_the_districts_own_cutoff(day: Cast, monkeypatch: pytest.MonkeyPatch, hour: str, is_carried: bool) -> None:
    PolicyValue.objects.create(district_code="530113", key="roll_call_cutoff", value=1430, effective_from=TODAY, basis="测")
    taken = take(day, day.home.classes[0], "unexcused")
    AbsenceRun.objects.all().delete()  # as if somebody had written the mark past the action
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(TODAY, time.fromisoformat(hour), ZoneInfo("Asia/Shanghai")))
    tasks.carry_absences()
    assert AbsenceRun.objects.filter(child__in=taken.marks.values("child")).exists() is is_carried


def test_the_timetable_looks_often_enough_and_warns_again_in_the_evening() -> None:
    told = {one["task"].rpartition(".")[2]: one["schedule"] for one in TIMETABLE.values()}
    assert told["carry_absences"].minute == set(range(0, 60, 5)) and told["carry_absences"].hour >= set(range(8, 21))  # cutoffs: 8:00 to 20:00
    assert (told["warn_schools"].hour, told["warn_schools"].minute) == ({16, 19}, {0})


def test_the_timetable_seats_scans_and_chases(day: Cast) -> None:
    """As beat runs them, twice: the second time changes nothing."""
    Seat.objects.all().delete()
    child = day.home.children[0]
    registers.entry(child)
    registers.upload("survey")
    for _ in range(2):
        seat_pupils()
        tasks.scan_absences()
        tasks.carry_absences()
        tasks.chase_roll_calls()
        assert Seat.objects.get().child_id == child.pk
        assert Notice.objects.count() == 1  # 14:40: the one class that has a pupil
    assert Entry.objects.exists()
