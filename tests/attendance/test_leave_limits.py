"""Leave slips at their limits: dates nobody means, a child with two numbers, runs that are over, days that stopped being school days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from apps.attendance.actions.leaves import Slip, ask_leave
from apps.attendance.models import AbsenceRun, Leave, LeaveProof, Seat
from apps.attendance.queries import honesty, leaving
from apps.core.errors import Refused
from apps.schools.models import Closure, SchoolClass
from apps.schools.policy import Policy
from apps.students.models import Child
from tests.attendance.test_leave_pages import page, send, slip
from tests.attendance.test_leaves import FRI, MON, THU, TUE, WED, ask, seat
from tests.attendance.test_rolls import absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast


@pytest.fixture
def merged(room: SchoolClass) -> Seat:
    """The old seat of a pupil whose two numbers turned out to be one child: that of the first pupil of the class."""
    old = seat(room, 1)
    Child.objects.filter(pk=old.child_id).update(merged_into=someone(room))
    return Seat.objects.select_related("child").get(pk=old.pk)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(1, 1, 1), TODAY), (date(1900, 1, 1), TODAY), (TODAY, date(9999, 12, 31)), (TODAY, TODAY + timedelta(400)),
        (TODAY, date(2027, 3, 8)),
    ],
)  # fmt: skip
def test_no_slip_goes_beyond_its_term(cast: Cast, room: SchoolClass, first: date, last: date) -> None:
    with pytest.raises(Refused, match="不能跨学期") as told:
        ask(cast, room, first, last)
    assert told.value.code == "term"


def test_a_slip_to_the_end_of_the_term_stands(cast: Cast, room: SchoolClass) -> None:
    assert ask(cast, room, TODAY, date(2027, 2, 14), role="principal").state == "approved"


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "2026-09-01T08:00", "2026-11-28T08:00", "9999-12-31T23:59"])
def test_an_hour_of_leaving_that_is_none_comes_back(cast: Cast, room: SchoolClass, at: str) -> None:
    answer = send(cast, "head_teacher", "leave_new", someone(room).pk, left_at=at, **slip(TODAY, TODAY))
    assert answer.status_code == 422 and "离校时间和请假日期对不上" in answer.content.decode()
    assert not Leave.objects.exists()


@pytest.mark.parametrize("state", ["approved", "withdrawn"])
def test_a_day_is_covered_under_every_number_of_a_child(cast: Cast, room: SchoolClass, merged: Seat, state: str) -> None:
    ask_leave(seat=merged, slip=Slip("sick", WED, WED, "发热"), by=cast.actor("head_teacher"), now=NOW)
    Leave.objects.update(state=state)
    take(cast, room, absent(room, reason="sick"), day=WED, role="principal", reason="补填")
    assert Leave.objects.filter(child=someone(room)).count() == (state == "withdrawn")  # the roll writes no second slip
    if state == "approved":
        with pytest.raises(Refused, match="日期不能重叠"):
            ask(cast, room, WED, WED)


def test_days_beside_count_under_every_number_of_a_child(cast: Cast, room: SchoolClass, merged: Seat) -> None:
    ask_leave(seat=merged, slip=Slip("sick", TUE, TUE, "发热"), by=cast.actor("head_teacher"), now=NOW)
    found = ask(cast, room, WED, WED)
    assert (found.state, found.approver) == ("asked", "registrar")


def test_a_leave_under_an_old_number_is_overdue_and_over_with_the_child(cast: Cast, room: SchoolClass, merged: Seat) -> None:
    ask_leave(seat=merged, slip=Slip("sick", WED, WED, "发热"), by=cast.actor("head_teacher"), now=NOW)
    Seat.objects.filter(pk=merged.pk).update(last_day=WED)
    take(cast, room, absent(room), day=THU, role="principal", reason="补填")
    scope = cast.actor("bureau").scope
    assert leaving.overdue(scope, today=TODAY) == [Leave.objects.get(child=merged.child_id).pk]
    take(cast, room, day=FRI, role="principal", reason="补填")
    (leave,) = leaving.standing(Leave.objects.all(), today=TODAY)
    assert leave.came_back and not leaving.overdue(scope, today=TODAY)


def test_there_while_on_leave_under_an_old_number(cast: Cast, room: SchoolClass, merged: Seat) -> None:
    ask_leave(seat=merged, slip=Slip("sick", WED, WED, "发热"), by=cast.actor("head_teacher"), now=NOW)
    Seat.objects.filter(pk=merged.pk).update(last_day=TUE)
    take(cast, room, absent(room, 2), day=WED, role="principal", reason="补填")
    (found,) = honesty.hints(cast.actor("inspector").scope, today=TODAY, numbers=Policy({}))
    assert found.whys == {"leave": "1 名学生在准假期间被点为到校，共 1 人次"}


def test_a_slip_inside_a_run_that_is_over_is_the_principals_too(cast: Cast, room: SchoolClass) -> None:
    """返校以后补一张一天的假条，会让已报告的疑似辍学不再成立，同样不能由班主任自批。"""
    for day in (MON, TUE, WED):
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    take(cast, room, day=THU, role="principal", reason="补填")
    assert (AbsenceRun.objects.get().suspected_on, AbsenceRun.objects.get().ended_on) == (WED, THU)
    found = ask(cast, room, TUE, TUE)
    assert (found.state, found.approver) == ("asked", "principal")
    assert AbsenceRun.objects.get().suspected_on == WED


def test_a_slip_whose_first_day_was_closed_afterwards_is_taken_back_whole(cast: Cast, room: SchoolClass) -> None:
    for day in (MON, WED, THU):  # the first is the teacher's own, the next two grow to one that waits
        take(cast, room, absent(room, reason="sick"), day=day, role="principal", reason="补填")
    grown = Leave.objects.get(first_day=WED)
    Leave.objects.filter(pk=grown.pk).update(state="asked", decided_at=None, approver="registrar", last_day=THU, school_days=2)
    Leave.objects.filter(first_day=THU).delete()
    Closure.objects.create(school=room.school, first_day=WED, last_day=WED, reason="停水")
    take(cast, room, day=THU, seen=1, role="principal", reason="更正")
    grown.refresh_from_db()
    assert (grown.state, grown.first_day, grown.last_day) == ("withdrawn", WED, THU)


def test_what_grew_since_the_page_was_read_is_not_decided(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    assert 'name="read_until" value="2026-11-20"' in page(cast, "principal", "leave_show", leave.pk)
    Leave.objects.update(last_day=TODAY, school_days=6)
    refused = send(cast, "principal", "leave_decide", leave.pk, answer="yes", read_until=FRI)
    assert refused.status_code == 422 and "共 6 个上课日" in refused.content.decode()
    assert send(cast, "principal", "leave_decide", leave.pk, answer="yes", read_until=TODAY).status_code == 302


@pytest.mark.parametrize(
    ("role", "reads"), [("principal", True), ("bureau", True), ("township", False), ("central_school", False), ("inspector", False)]
)
def test_what_a_pupil_is_ill_of_is_for_school_and_bureau(cast: Cast, room: SchoolClass, role: str, reads: bool) -> None:
    """〔个人信息保护法 第二十八条〕医疗健康属敏感个人信息。"""
    leave = ask_leave(
        seat=seat(room), slip=Slip("sick", MON, MON, "癫痫发作", "杨父", "13800000000", datetime.combine(MON, NOW.timetz())),
        by=cast.actor("head_teacher"), now=NOW,
    )  # fmt: skip
    for told in (page(cast, role, "leave_show", leave.pk), page(cast, role, "leave_list", state="all")):
        assert "病假" in told and ("癫痫" in told) is reads
    assert ("13800000000" in page(cast, role, "leave_show", leave.pk)) is reads
    for name in ("leave_slip_pdf", "leave_slip_docx"):
        assert cast.client(role).get(reverse(name, args=[leave.pk])).status_code == (200 if reads else 404)
    assert not LeaveProof.objects.exists()
