"""Back at school: the seat that makes roll calls ask for the child, the days counted from them, gone again, counted as returned."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.attendance.actions.seating import follow_registers_again, seat_by_hand, seat_pupils
from apps.attendance.models import Seat
from apps.attendance.queries.seats import Held
from apps.cases.actions import returning
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.joining import follow_children
from apps.cases.actions.returning import Registered
from apps.cases.models import Case, CaseEntry, Return
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers

pytestmark = pytest.mark.django_db
WEEK = make.weekdays(TODAY - timedelta(7), TODAY - timedelta(1))


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def page(cast: Cast, role: str, case: Case) -> str:
    answer = cast.client(role).get(reverse("case_show", args=[case.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def present(case: Case) -> int:
    return facts_of(Case.objects.select_related("child", "school", "school_class").get(pk=case.pk), today=TODAY)[0].days_present


def test_registered_seen_in_class_counted_as_returned(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child, cause="weary")
    answer = send(cast, "registrar", "case_return", case.pk, on=WEEK[0], room=cast.child.school_class_id, text="已交书费")
    assert answer.status_code == 302, answer.content.decode()
    assert present(case) == 0 and "登记复学注册" in case.ledger.latest("pk").text
    early = send(cast, "registrar", "case_move", case.pk, target="returned")
    assert early.status_code == 422 and "到校满 5 个上课日" in early.content.decode()
    make.called(cast.child, WEEK, absent=WEEK[1:2])
    assert present(case) == 4 and "11月17日</span> 缺勤" in page(cast, "registrar", case)
    make.called(cast.child, [TODAY])
    assert present(case) == 5
    assert send(cast, "registrar", "case_move", case.pk, target="returned").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.task, case.owner_role) == ("returned", "place", "principal")


def test_a_child_no_roster_knows_sits_in_class_from_the_next_roll_call_on(cast: Cast) -> None:
    """Not entered is never present: the days count from the day roll calls ask for the child."""
    case = make.case(cast.child)
    make.called(cast.child, [*WEEK, TODAY])
    room = cast.child.school_class
    made = returning.register_return(case=case, registered=Registered(WEEK[0], room), by=cast.actor("registrar"), now=NOW)
    seat = Seat.objects.get(child=cast.child)
    assert (seat.school_class, seat.first_day, seat.away, seat.entered_at) == (room, TODAY + timedelta(1), "", NOW)
    assert present(case) == 0 and "2026年11月24日起在班级点名名单上" in made.entry.text


@pytest.mark.parametrize(("says", "first"), [("none", 1), ("same", 1), ("newer", 0)])
def test_a_seat_by_hand_stands_until_the_registers_say_something_newer(cast: Cast, says: str, first: int) -> None:
    registers.term()
    there = cast.home.classes[1]
    seat_by_hand(child=cast.child, room=there, today=TODAY, now=NOW)
    if says == "same":
        registers.entry(cast.child)  # a line handed in before
    if says == "newer":
        by = registers.upload("attending", of=registers.term(), school_id=cast.child.school_id, committed_at=NOW + timedelta(hours=1))
        registers.entry(cast.child, "attending", by=by)
    registers.upload("survey")
    seat_pupils(district=HOME, today=TODAY, now=NOW, held=Held())
    (standing,) = Seat.objects.filter(child=cast.child, last_day=None)
    assert standing.school_class == cast.home.classes[first]


def test_seats_by_hand_are_given_up_to_the_registers(cast: Cast) -> None:
    registers.term()
    registers.entry(cast.child)
    seat_by_hand(child=cast.child, room=cast.home.classes[0], today=TODAY, now=NOW, away="suspension")
    assert follow_registers_again(district=HOME, children=[cast.child.pk]) == 1
    seat_pupils(district=HOME, today=TODAY, now=NOW, held=Held())
    assert Seat.objects.get(child=cast.child, last_day=None).away == ""


def test_seated_again_nothing_changes_and_a_new_class_ends_the_old_seat(cast: Cast) -> None:
    old = make.seated(cast.child)
    assert seat_by_hand(child=cast.child, room=cast.home.classes[0], today=TODAY, now=NOW) == old
    new = seat_by_hand(child=cast.child, room=cast.home.classes[1], today=TODAY, now=NOW)
    old.refresh_from_db()
    assert (old.last_day, new.first_day) == (TODAY - timedelta(1), TODAY)
    back = seat_by_hand(child=cast.child, room=cast.home.classes[0], today=TODAY, now=NOW)
    assert not Seat.objects.filter(pk=new.pk).exists() and back.first_day == TODAY


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"on": TODAY + timedelta(1)}, "注册日还没有到"),
        ({"on": TODAY - timedelta(90)}, "注册日不能早于立案日"),
        ({"room": 2}, "请选择本校的班级"),
        ({"state": "monitoring"}, "不登记复学注册"),
        ({"school": None}, "还没有接收学校"),
        ({"twice": True}, "已登记复学注册"),
        ({"left": TODAY}, "注册日不能更早"),
    ],
)
def test_registrations_that_cannot_be(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    case = make.case(cast.child, change.get("state", "persuading"), **({"school": None, "school_class": None} if "school" in change else {}))
    if change.get("twice"):
        make.returned(case, on=TODAY)
    if change.get("left"):
        make.returned(case, on=TODAY - timedelta(5), ended_on=change["left"])
    registered = Registered(change.get("on", TODAY - timedelta(1)), cast.home.classes[change.get("room", 0)])
    with pytest.raises(Refused, match=sentence):
        returning.register_return(case=case, registered=registered, by=cast.actor("registrar"), now=NOW)
    assert not CaseEntry.objects.filter(text__startswith="登记复学注册").exists()


def test_gone_again_by_hand(cast: Cast) -> None:
    case = make.case(cast.child)
    make.returned(case, on=TODAY - timedelta(3))
    assert send(cast, "registrar", "case_return_end", case.pk, on=TODAY, text="").status_code == 422
    answer = send(cast, "registrar", "case_return_end", case.pk, on=TODAY - timedelta(10), text="又去打工")
    assert answer.status_code == 422 and "又去打工" in answer.content.decode(), "nothing typed is lost"
    assert send(cast, "registrar", "case_return_end", case.pk, on=TODAY, text="又去打工").status_code == 302
    assert Return.objects.get().ended_on == TODAY
    with pytest.raises(Refused, match="没有在效的复学注册"):
        returning.leave_again(case=case, on=TODAY, text="又", by=cast.actor("registrar"), now=NOW)


def flag() -> int:
    return open_cases_of_absences(district=HOME, by=SYSTEM, today=TODAY, now=NOW)


def test_gone_again_by_the_roll_calls_ends_the_return_once(cast: Cast) -> None:
    registers.term()
    make.seated(cast.child)
    case = make.case(cast.child)
    make.returned(case, on=WEEK[0])
    make.called(cast.child, WEEK, absent=WEEK[2:])
    make.absence(cast.child, WEEK[2], WEEK[4])
    assert (flag(), flag()) == (0, 0)
    assert Return.objects.get().ended_on == WEEK[2]
    (note,) = CaseEntry.objects.filter(text__startswith="登记复学后再次离校")
    assert "自2026年11月18日起连续 3 个上课日" in note.text
    assert not CaseEntry.objects.filter(text__startswith="点名显示未到校").exists(), "said once"
    case.refresh_from_db()
    assert (case.state, case.task) == ("persuading", "assign")


def test_an_absence_of_before_does_not_end_a_return(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child)
    make.returned(case, on=TODAY)
    make.called(cast.child, WEEK, absent=WEEK)
    make.absence(cast.child, WEEK[0], WEEK[4])
    flag()
    assert Return.objects.get().ended_on is None


def test_the_township_names_a_school_and_that_school_sees_the_case(cast: Cast) -> None:
    case = make.case(cast.home.children[0], school=None, school_class=None, is_never_enrolled=True)
    assert cast.client("principal").get(reverse("case_show", args=[case.pk])).status_code == 404
    assert "还没有接收学校" in page(cast, "township", case)
    school = cast.child.school
    assert send(cast, "township", "case_school", case.pk, school=school.pk, text="五年级").status_code == 302
    assert "登记复学注册" in page(cast, "principal", case)
    assert send(cast, "township", "case_school", case.pk, school=school.pk).status_code == 422, "it has the case already"
    far = send(cast, "township", "case_school", case.pk, school=cast.strangers["township"].school_id)
    assert far.status_code == 422, "another township's school is not in the list"
    assert send(cast, "principal", "case_school", case.pk, school=school.pk).status_code == 404


def test_a_named_school_keeps_the_case_until_the_child_sits_somewhere_anew(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child)
    there = cast.home.schools[1]
    returning.name_school(case=case, school=there, text="", by=cast.actor("township"), now=NOW)
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 0
    case.refresh_from_db()
    assert case.school == there
    seat_by_hand(child=cast.child, room=cast.home.classes[0], today=TODAY + timedelta(3), now=NOW)
    Seat.objects.filter(child=cast.child).update(first_day=TODAY + timedelta(3))
    follow_children(district=HOME, by=SYSTEM, now=NOW)
    case.refresh_from_db()
    assert case.school == cast.child.school


def test_forms_are_shown_to_those_alone_who_may_send_them(cast: Cast) -> None:
    case = make.case(cast.child)
    for role, here in (("registrar", True), ("principal", True), ("head_teacher", False), ("township", False), ("bureau", False), ("leader", False)):
        assert (reverse("case_return", args=[case.pk]) in page(cast, role, case)) is here, role
    for role, here in (("registrar", False), ("township", True), ("central_school", True), ("bureau", True), ("inspector", False)):
        assert (reverse("case_school", args=[case.pk]) in page(cast, role, case)) is here, role


def test_no_registration_lies_before_the_child_was_known_to_be_lost(cast: Cast) -> None:
    """Suspected it was no return; confirmed, lost again: what came before is told in words, and the days count from the registration."""
    make.seated(cast.child)
    case, by = make.case(cast.child, days=20, opened_on=TODAY - timedelta(60)), cast.actor("registrar")
    confirmed, again = TODAY - timedelta(20), TODAY - timedelta(5)
    make.entry(case, kind="moved", source="suspected", target="confirmed", happened_on=confirmed)
    make.called(cast.child, make.weekdays(confirmed - timedelta(7), TODAY))
    with pytest.raises(Refused, match="不能早于认定之日（2026年11月3日）。在这以前已经返校的"):
        returning.register_return(case=case, registered=Registered(confirmed - timedelta(1), cast.child.school_class), by=by, now=NOW)
    refused = send(cast, "registrar", "case_return", case.pk, on=confirmed - timedelta(1), room=cast.child.school_class_id, text="10月30日已到校")
    assert refused.status_code == 422 and "10月30日已到校" in refused.content.decode()
    registered = Registered(confirmed, cast.child.school_class, text="10月30日已到校。")
    returning.register_return(case=case, registered=registered, by=by, now=NOW)
    assert present(case) == len(make.weekdays(confirmed, TODAY)), "the days before it do not count"
    returning.leave_again(case=case, on=TODAY - timedelta(9), text="又走了", by=by, now=NOW)
    make.entry(case, kind="moved", source="closed", target="reopened", happened_on=again)
    with pytest.raises(Refused, match="不能早于再次辍学之日"):
        returning.register_return(case=case, registered=Registered(again - timedelta(1), cast.child.school_class), by=by, now=NOW)
    returning.register_return(case=case, registered=Registered(again, cast.child.school_class), by=by, now=NOW)


def test_a_registration_says_the_class_and_what_shows_it(cast: Cast) -> None:
    """Nothing filled in is no registration: it stops the four steps and moves the deadline."""
    make.seated(cast.child)
    case = make.case(cast.child, cause="weary")
    Case.objects.filter(pk=case.pk).update(school_class=cast.child.school_class)
    empty = send(cast, "registrar", "case_return", case.pk, on=TODAY)
    told = empty.content.decode()
    assert empty.status_code == 422 and "请选择班级；送教上门、单独教育的，选“不进班”。" in told and "请写明怎样回来的，或附注册材料。" in told
    assert not Return.objects.exists()
    assert f'<option value="{cast.child.school_class_id}" selected>' in page(cast, "registrar", case)
    assert send(cast, "registrar", "case_return", case.pk, on=TODAY, room="none", text="在家送教").status_code == 302
    assert Return.objects.get().school_class is None
