"""Leave slips: who may approve how many days, what a slip excuses, and that writing 病假 every day silences nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from apps.attendance.actions.contacts import Word, log_contact
from apps.attendance.actions.leaves import Slip, ask_leave, decide_leave, return_from_leave, withdraw_leave
from apps.attendance.actions.rolls import take_roll
from apps.attendance.models import AbsenceRun, Contact, Leave, Seat
from apps.attendance.rules import who_approves
from apps.audit.models import Event
from apps.core.errors import Refused
from apps.schools.models import PolicyValue, SchoolClass
from tests.attendance.test_rolls import BEFORE_CUTOFF, absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast

D = date
MON, TUE, WED, THU, FRI = (TODAY - timedelta(7 - n) for n in range(5))  # 16–20 November 2026


def seat(room: SchoolClass, n: int = 0) -> Seat:
    return Seat.objects.get(child=someone(room, n))


def ask(
    cast: Cast, room: SchoolClass, first: date, last: date, *, role: str = "head_teacher", facts: str = "发热，医院就诊", kind: str = "sick"
) -> Leave:
    return ask_leave(seat=seat(room), slip=Slip(kind, first, last, facts), by=cast.actor(role), now=NOW)


@pytest.mark.parametrize(("days", "role"), [(1, "head_teacher"), (2, "registrar"), (3, "registrar"), (4, "principal"), (20, "principal")])
def test_who_approves_by_length(days: int, role: str) -> None:
    assert who_approves(days, head_teacher_days=1, office_days=3, lately=days, most=20) == role


@pytest.mark.parametrize(("lately", "role"), [(1, "head_teacher"), (5, "head_teacher"), (6, "principal")])
def test_a_day_now_and_then_is_the_principals_once_there_are_many(lately: int, role: str) -> None:
    assert who_approves(1, head_teacher_days=1, office_days=3, lately=lately, most=5) == role


@pytest.mark.parametrize("back", [False, True])
def test_slips_of_a_day_with_a_day_between_add_up(cast: Cast, room: SchoolClass, back: bool) -> None:
    """Ill every other day, a slip each: the sixth within twenty school days is the principal's, in whatever order they are entered."""
    days = [date(2026, 11, day) for day in (2, 4, 6, 10, 12, 16)]
    made = [ask(cast, room, day, day) for day in sorted(days, reverse=back)]
    assert [slip.approver for slip in made] == ["head_teacher"] * 5 + ["principal"]
    assert (made[-2].state, made[-1].state) == ("approved", "asked")
    assert ask(cast, room, date(2026, 9, 7), date(2026, 9, 7)).approver == "head_teacher", "weeks before all of them"


def test_the_teachers_own_day_is_approved_at_once_and_longer_waits(cast: Cast, room: SchoolClass) -> None:
    one = ask(cast, room, MON, MON)
    assert (one.state, one.school_days, one.number) == ("approved", 1, "假〔2026〕1号")
    three = ask(cast, room, WED, FRI)
    assert (three.state, three.approver, three.school_days) == ("asked", "registrar", 3)


def test_a_district_that_lets_teachers_approve_two(cast: Cast, room: SchoolClass) -> None:
    PolicyValue.objects.create(district_code="530113", key="leave_head_teacher_days", value=2, effective_from=D(2026, 9, 1), basis="测试")
    assert ask(cast, room, MON, TUE).state == "approved"


def test_slips_of_one_day_each_are_one_long_leave(cast: Cast, room: SchoolClass) -> None:
    assert ask(cast, room, MON, MON).state == "approved"
    second = ask(cast, room, TUE, TUE)
    assert (second.state, second.approver) == ("asked", "registrar")


def test_slips_of_one_day_each_are_one_long_leave_in_any_order(cast: Cast, room: SchoolClass) -> None:
    found = [(slip.state, slip.approver) for slip in (ask(cast, room, day, day) for day in (TODAY, FRI, THU, WED))]
    assert found == [("approved", "head_teacher"), ("asked", "registrar"), ("asked", "registrar"), ("asked", "principal")]


def test_a_day_between_two_slips_joins_them(cast: Cast, room: SchoolClass) -> None:
    assert [ask(cast, room, day, day).approver for day in (MON, THU)] == ["head_teacher"] * 2
    assert ask(cast, room, TUE, WED).approver == "principal"  # Monday to Thursday


def test_a_slip_for_a_day_of_a_suspected_run_is_the_principals(cast: Cast, room: SchoolClass) -> None:
    """三日未到校已列为疑似辍学，事后补一张一天的假条不能由班主任自批。"""
    for day in (MON, TUE, WED):
        take(cast, room, absent(room), day=day, role="principal", reason="补填")
    slip = ask(cast, room, TUE, TUE)
    assert (slip.state, slip.approver) == ("asked", "principal")
    assert AbsenceRun.objects.get().suspected_on == WED
    assert ask(cast, room, FRI, FRI).state == "approved"  # lies in no run


def test_weekends_are_no_school_days(cast: Cast, room: SchoolClass) -> None:
    assert ask(cast, room, FRI, TODAY).school_days == 2


@pytest.mark.parametrize(
    ("first", "last", "facts", "code"),
    [(FRI, MON, "发热", "dates"), (D(2026, 11, 21), D(2026, 11, 22), "发热", "no_school"), (MON, MON, "  ", "facts")],
)
def test_what_is_no_slip(cast: Cast, room: SchoolClass, first: date, last: date, facts: str, code: str) -> None:
    with pytest.raises(Refused) as told:
        ask(cast, room, first, last, facts=facts)
    assert told.value.code == code
    assert not Leave.objects.exists()


def test_two_leaves_do_not_overlap(cast: Cast, room: SchoolClass) -> None:
    ask(cast, room, MON, WED)
    with pytest.raises(Refused, match="11月16日至11月18日已有请假条"):
        ask(cast, room, WED, FRI)


def test_only_the_right_post_decides_and_only_once(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    for role in ("head_teacher", "registrar"):
        with pytest.raises(Refused, match="须由校长批准"):
            decide_leave(leave=leave, is_approved=True, words="", by=cast.actor(role), now=NOW)
    assert decide_leave(leave=leave, is_approved=True, words="同意", by=cast.actor("principal"), now=NOW).state == "approved"
    with pytest.raises(Refused, match="已批准"):
        decide_leave(leave=leave, is_approved=False, words="再查", by=cast.actor("principal"), now=NOW)


def test_a_refusal_says_why(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    with pytest.raises(Refused, match="写明理由"):
        decide_leave(leave=leave, is_approved=False, words="", by=cast.actor("principal"), now=NOW)


def absent_all_week(cast: Cast, room: SchoolClass, reason: str = "unexcused") -> None:
    for day in (MON, TUE, WED, THU, FRI):
        take(cast, room, absent(room, reason=reason), day=day, role="principal", reason="补填")


def test_an_approval_that_comes_later_excuses_what_was_counted(cast: Cast, room: SchoolClass) -> None:
    absent_all_week(cast, room)
    assert AbsenceRun.objects.get().suspected_on == WED
    leave = ask(cast, room, MON, FRI)
    assert AbsenceRun.objects.get().suspected_on == WED  # asked is not approved
    decide_leave(leave=leave, is_approved=True, words="", by=cast.actor("principal"), now=NOW)
    assert not AbsenceRun.objects.exists()


def test_sick_day_after_day_without_a_decision_silences_nothing(cast: Cast, room: SchoolClass) -> None:
    """班主任 1 日以内可自批，其后须有人批准；无人批准即按无正当理由计。"""
    for day in (MON, TUE, WED, THU):
        at = datetime.combine(day, NOW.timetz()) - timedelta(minutes=30)
        take_roll(room=room, day=day, marks=[absent(room, reason="sick")], seen=0, by=cast.actor("head_teacher"), now=at)
    slips = list(Leave.objects.order_by("first_day").values_list("first_day", "last_day", "state", "school_days", "approver"))
    assert slips == [(MON, MON, "approved", 1, "head_teacher"), (TUE, THU, "asked", 3, "principal")]
    run = AbsenceRun.objects.get()
    assert (run.first_day, run.school_days, run.suspected_on) == (TUE, 3, THU)
    decide_leave(leave=Leave.objects.get(state="asked"), is_approved=True, words="有住院证明", by=cast.actor("principal"), now=NOW)
    assert not AbsenceRun.objects.exists()


def test_a_roll_of_the_principal_approves_no_more_than_a_teachers_own_days(cast: Cast, room: SchoolClass) -> None:
    """没有事由、没有证明的病假，不因点名的是校长就算批准。"""
    for day in (MON, TUE, WED, THU):
        take(cast, room, absent(room, reason="sick"), day=day, role="principal", reason="补填")
    slips = list(Leave.objects.order_by("first_day").values_list("first_day", "last_day", "state", "approver"))
    assert slips == [(MON, MON, "approved", "head_teacher"), (TUE, THU, "asked", "principal")]
    assert AbsenceRun.objects.get().suspected_on == THU


@pytest.mark.parametrize(
    ("changed", "told"), [({"approver": "principal"}, "由校长批准"), ({"last_day": FRI, "school_days": 3}, "现在到11月20日，共 3 个上课日")]
)
def test_what_grew_meanwhile_is_not_decided_as_it_was_read(cast: Cast, room: SchoolClass, changed: dict[str, object], told: str) -> None:
    leave = ask(cast, room, WED, THU)
    Leave.objects.filter(pk=leave.pk).update(**changed)
    with pytest.raises(Refused, match=told) as refused:
        decide_leave(leave=leave, is_approved=True, words="", by=cast.actor("registrar"), now=NOW)
    assert refused.value.code == "changed"
    assert Leave.objects.get().state == "asked"


@pytest.mark.parametrize("reason", ["sick", "personal"])
def test_the_roll_stretches_no_slip_that_a_guardian_signed(cast: Cast, room: SchoolClass, reason: str) -> None:
    signed = ask(cast, room, WED, THU)
    take(cast, room, absent(room, reason=reason), day=FRI, role="principal", reason="补填")
    signed.refresh_from_db()
    assert (signed.last_day, signed.school_days) == (THU, 2)
    own = Leave.objects.get(is_from_roll=True)
    assert (own.first_day, own.last_day, own.kind, own.state, own.approver) == (FRI, FRI, reason, "asked", "registrar")


def test_a_slip_of_the_roll_grows_by_days_of_its_own_kind_alone(cast: Cast, room: SchoolClass) -> None:
    for day, reason in ((MON, "sick"), (TUE, "sick"), (WED, "personal"), (THU, "personal")):
        take(cast, room, absent(room, reason=reason), day=day, role="principal", reason="补填")
    slips = list(Leave.objects.order_by("first_day").values_list("kind", "first_day", "last_day", "approver"))
    assert slips == [("sick", MON, MON, "head_teacher"), ("sick", TUE, TUE, "registrar"), ("personal", WED, THU, "principal")]


def test_a_corrected_roll_corrects_the_kind_of_its_own_slip(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room, reason="sick"))
    take(cast, room, absent(room, reason="personal"), seen=1)
    slip = Leave.objects.get()
    assert (slip.kind, slip.facts, slip.state) == ("personal", "点名时登记：事假", "approved")
    assert Event.objects.get(verb="change_leave").object_id == slip.pk


def test_a_day_of_a_grown_slip_that_was_of_the_other_kind_has_a_slip_of_its_own(cast: Cast, room: SchoolClass) -> None:
    for day in (MON, TUE, WED):
        take(cast, room, absent(room, reason="sick"), day=day, role="principal", reason="补填")
    take(cast, room, absent(room, reason="personal"), day=WED, seen=1, role="principal", reason="家里办事")
    slips = list(Leave.objects.filter(state="asked").order_by("first_day").values_list("kind", "first_day", "last_day", "school_days"))
    assert slips == [("sick", TUE, TUE, 1), ("personal", WED, WED, 1)]


def test_a_hand_written_slip_keeps_its_kind_whatever_the_roll_says(cast: Cast, room: SchoolClass) -> None:
    ask(cast, room, TODAY, TODAY)
    take(cast, room, absent(room, reason="personal"))
    assert Leave.objects.get().kind == "sick"


def test_back_from_leave_closes_it(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, MON)
    with pytest.raises(Refused, match="早于请假开始"):
        return_from_leave(leave=leave, on=MON - timedelta(1), by=cast.actor("head_teacher"), now=NOW)
    with pytest.raises(Refused, match="还没有到"):
        return_from_leave(leave=leave, on=TODAY + timedelta(1), by=cast.actor("head_teacher"), now=NOW)
    assert return_from_leave(leave=leave, on=TUE, by=cast.actor("head_teacher"), now=NOW).returned_on == TUE
    with pytest.raises(Refused, match="已经销假"):
        return_from_leave(leave=leave, on=TUE, by=cast.actor("head_teacher"), now=NOW)


def test_a_slip_nobody_decided_can_be_taken_back(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    assert withdraw_leave(leave=leave, by=cast.actor("head_teacher"), now=NOW).state == "withdrawn"
    with pytest.raises(Refused, match="不能撤回"):
        withdraw_leave(leave=leave, by=cast.actor("head_teacher"), now=NOW)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (Word(NOW + timedelta(hours=1), "phone", "unreached"), "future"),
        (Word(NOW - timedelta(days=2), "phone", "unreached"), "before"),
        (Word(NOW, "phone", "reached"), "empty"),
        (Word(NOW, "phone", "reached", spoke_with="母亲"), "empty"),
    ],
)
def test_a_contact_that_says_nothing_is_refused(cast: Cast, room: SchoolClass, word: Word, code: str) -> None:
    with pytest.raises(Refused) as told:
        log_contact(seat=seat(room), day=TODAY, word=word, by=cast.actor("head_teacher"), now=NOW)
    assert told.value.code == code
    assert not Contact.objects.exists()


def test_a_contact_is_written_down(cast: Cast, room: SchoolClass) -> None:
    word = Word(BEFORE_CUTOFF, "phone", "reached", spoke_with="母亲", reason="sick", text="发热在家")
    made = log_contact(seat=seat(room), day=TODAY, word=word, by=cast.actor("head_teacher"), now=NOW)
    assert (made.get_result_display(), made.child_id) == ("已联系上", someone(room).pk)
