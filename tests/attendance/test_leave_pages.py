"""Pages of leave: a slip from the teacher to the principal and back, what each post sees, the papers."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, datetime, time
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.actions.leaves import Slip, ask_leave, decide_leave, return_from_leave, withdraw_leave
from apps.attendance.actions.rolls import take_roll
from apps.attendance.actions.scanning import scan
from apps.attendance.letters import rows
from apps.attendance.models import AbsenceRun, Contact, Leave, LeaveProof, Seat
from apps.attendance.queries import leaving
from apps.attendance.queries.waiting import due
from apps.audit.models import Event
from apps.core import clock
from apps.core.proofs import proof_path
from apps.notices.models import Notice
from apps.schools.models import PolicyValue, SchoolClass
from apps.schools.policy import Policy
from tests.attendance.test_leaves import FRI, MON, THU, TUE, WED, absent_all_week, ask, seat
from tests.attendance.test_rolls import BEFORE_CUTOFF, absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast
from tests.core.test_proofs import photograph
from tests.factories.children import id_number

NUMBERS = Policy({})


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def page(cast: Cast, role: str, name: str, *args: Any, **query: Any) -> str:
    answer = cast.client(role).get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def slip(first: date, last: date, **changed: Any) -> dict[str, Any]:
    told = {"kind": "sick", "first_day": first, "last_day": last, "facts": "阑尾炎手术", "guardian_name": "杨父", "guardian_phone": "13800000000"}
    return told | changed


def test_from_the_teacher_to_the_principal_and_back(
    cast: Cast, room: SchoolClass, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_DIR = tmp_path
    monkeypatch.setattr(clock, "now", lambda: NOW)
    file = SimpleUploadedFile("病历.jpg", photograph())
    answer = send(cast, "head_teacher", "leave_new", someone(room).pk, proofs=file, left_at=f"{MON}T10:20", **slip(MON, FRI))
    leave = Leave.objects.get()
    assert answer.url == reverse("leave_show", args=[leave.pk])
    assert (leave.state, leave.approver, leave.school_days) == ("asked", "principal", 5)
    told = page(cast, "head_teacher", "leave_show", leave.pk)
    assert "等待校长批准" in told and "病历.jpg" in told and "10:20" in told and reverse("leave_decide", args=[leave.pk]) not in told
    assert b"TestPhone" not in proof_path(LeaveProof.objects.get().stored_name).read_bytes()
    assert "等我批准的请假条 1 张" in page(cast, "principal", "workbench")
    assert send(cast, "principal", "leave_decide", leave.pk, answer="no").status_code == 422  # no words
    assert send(cast, "registrar", "leave_decide", leave.pk, answer="yes").status_code == 422  # not so many days
    assert send(cast, "principal", "leave_decide", leave.pk, answer="yes", words="同意").status_code == 302
    assert "已批准" in page(cast, "head_teacher", "leave_show", leave.pk)
    assert 'name="at" value="15:00"' in page(cast, "head_teacher", "leave_show", leave.pk)  # the hour it is
    early = send(cast, "head_teacher", "leave_return", leave.pk, on=TODAY, at="15:01")
    assert early.status_code == 422 and "返校时间还没有到" in early.content.decode()
    assert send(cast, "head_teacher", "leave_return", leave.pk, on=FRI, at="08:10").status_code == 302
    told = page(cast, "head_teacher", "leave_show", leave.pk)
    assert "已销假" in told and "2026年11月20日 08:10" in told
    leave.refresh_from_db()
    assert leave.returned_on == FRI


def test_whoever_decides_hears_of_it_and_the_teacher_of_the_answer(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    (told,) = Notice.objects.standing().to(cast.actor("principal"))
    assert "请假 5 个上课日，等待您批准" in told.sentence and "发热" not in told.sentence
    assert told.link == reverse("leave_show", args=[leave.pk])
    assert not Notice.objects.standing().to(cast.actor("registrar")).exists()
    decide_leave(leave=leave, is_approved=False, words="请补医院证明", by=cast.actor("principal"), now=NOW)
    assert not Notice.objects.standing().to(cast.actor("principal")).exists()
    assert [one.sentence for one in Notice.objects.to(cast.actor("head_teacher"))] == [f"{leave.child.name}的请假条未批准：请补医院证明"]


def test_a_slip_that_is_taken_back_waits_for_nobody(cast: Cast, room: SchoolClass) -> None:
    withdraw_leave(leave=ask(cast, room, MON, FRI), by=cast.actor("head_teacher"), now=NOW)
    assert not Notice.objects.standing().exists()


def test_a_slip_that_grows_is_told_to_the_next_post(cast: Cast, room: SchoolClass) -> None:
    for day in (MON, TUE, WED, THU):
        at = datetime.combine(day, BEFORE_CUTOFF.timetz())
        take_roll(room=room, day=day, marks=[absent(room, reason="sick")], seen=0, by=cast.actor("head_teacher"), now=at)
    assert Notice.objects.to(cast.actor("registrar")).count() == Notice.objects.to(cast.actor("principal")).count() == 1


def test_a_refused_slip_keeps_what_was_typed(cast: Cast, room: SchoolClass) -> None:
    answer = send(cast, "head_teacher", "leave_new", someone(room).pk, **slip(date(2026, 11, 21), date(2026, 11, 22)))
    told = answer.content.decode()
    assert answer.status_code == 422 and "这几天都不上课" in told and "阑尾炎手术" in told
    assert not Leave.objects.exists()


def test_all_that_is_wrong_with_a_slip_is_told_at_once(cast: Cast, room: SchoolClass) -> None:
    weekend = slip(date(2026, 11, 21), date(2026, 11, 22), facts="", guardian_name="", left_at="2026-11-25T08:00")
    answer = send(cast, "head_teacher", "leave_new", someone(room).pk, **weekend)
    assert set(answer.context["form"].errors) == {"facts", "guardian_name", "left_at", "first_day"}
    told = answer.content.decode()
    assert "这几天都不上课" in told and "离校时间和请假日期对不上" in told
    backwards = send(cast, "head_teacher", "leave_new", someone(room).pk, **slip(TODAY, FRI, kind=""))
    assert set(backwards.context["form"].errors) == {"kind", "last_day"}
    assert not Leave.objects.exists()


def test_proof_may_come_later(cast: Cast, room: SchoolClass, settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    take(cast, room, absent(room, reason="sick"))
    leave = Leave.objects.get()
    answer = send(cast, "head_teacher", "leave_proof_add", leave.pk)
    assert answer.status_code == 422 and "请选择证明" in answer.content.decode()
    broken = send(cast, "head_teacher", "leave_proof_add", leave.pk, proofs=SimpleUploadedFile("坏.jpg", b"\xff\xd8\xff"))
    assert broken.status_code == 422 and "可能已损坏" in broken.content.decode()
    send(cast, "head_teacher", "leave_proof_add", leave.pk, proofs=SimpleUploadedFile("病历.jpg", photograph()))
    assert "病历.jpg" in page(cast, "principal", "leave_show", leave.pk)
    file = cast.client("principal").get(reverse("leave_proof", args=[LeaveProof.objects.get().pk]))
    assert file.content.startswith(b"\xff\xd8\xff") and file.headers["X-Content-Type-Options"] == "nosniff"
    Leave.objects.update(state="withdrawn")
    assert send(cast, "head_teacher", "leave_proof_add", leave.pk, proofs=SimpleUploadedFile("a.pdf", b"%PDF-")).status_code == 422
    assert LeaveProof.objects.count() == 1


def test_proofs_are_for_the_school_and_the_bureau_and_each_download_is_written_down(
    cast: Cast, room: SchoolClass, settings: Any, tmp_path: Any
) -> None:
    settings.UPLOAD_DIR = tmp_path
    send(cast, "head_teacher", "leave_new", someone(room).pk, proofs=SimpleUploadedFile("病历.jpg", photograph()), **slip(MON, FRI))
    leave, address = Leave.objects.get(), reverse("leave_proof", args=[LeaveProof.objects.get().pk])
    for role in ("township", "central_school", "inspector"):
        assert cast.client(role).get(address).status_code == 404
        told = page(cast, role, "leave_show", leave.pk)
        assert "病历.jpg" not in told and address not in told and "附有证明 1 份，只供学校和区教体局查看" in told
    assert not Event.objects.filter(verb="open_leave_proof").exists()
    for role in ("head_teacher", "registrar", "principal", "bureau"):
        assert address in page(cast, role, "leave_show", leave.pk)
        assert cast.client(role).get(address).status_code == 200
        event = Event.objects.filter(verb="open_leave_proof").latest("pk")
        assert (event.post_title, event.object_id, event.child_id) == (cast.actor(role).title, leave.pk, leave.child_id)
    assert Event.objects.filter(verb="open_leave_proof").count() == 4


def test_the_same_form_twice_is_one_slip(cast: Cast, room: SchoolClass) -> None:
    browser, form = cast.client("head_teacher"), {"_key": str(uuid.uuid4()), **slip(MON, MON)}
    for _ in range(2):
        browser.post(reverse("leave_new", args=[someone(room).pk]), form)
    assert Leave.objects.count() == 1


def test_a_slip_begins_with_what_the_guardian_said(cast: Cast, room: SchoolClass) -> None:
    place = {name: getattr(seat(room), name) for name in ("child", "district_code", "school", "school_class")}
    contact = Contact.objects.create(
        **place, day=MON, at=NOW, way="phone", result="reached", spoke_with="外婆", reason="personal", whereabouts="昆明", text="奶奶去世，回老家", by_name="甲",
        by_title="班主任", written_at=NOW,
    )  # fmt: skip
    told = page(cast, "head_teacher", "leave_new", someone(room).pk, contact=contact.pk)
    assert all(words in told for words in ("奶奶去世，回老家", "外婆", f'value="{MON}"')) and re.search(r'value="personal"[^>]*checked', told)
    other = page(cast, "head_teacher", "leave_new", someone(room, 1).pk, contact=contact.pk)
    assert "奶奶去世" not in other  # of another pupil


def test_numbers_of_a_school_follow_one_another(cast: Cast, room: SchoolClass) -> None:
    numbers = [ask(cast, room, day, day).number for day in (MON, WED, FRI)]
    assert numbers == ["假〔2026〕1号", "假〔2026〕2号", "假〔2026〕3号"]


def late(cast: Cast) -> list[Leave]:
    """The leaves of the home district that ended while the pupil is still absent."""
    return list(Leave.objects.filter(pk__in=leaving.overdue(cast.actor("bureau").scope, today=TODAY)))


def test_who_should_be_back(cast: Cast, room: SchoolClass) -> None:
    """〔方案二（三）2〕到期未返校的，从下一个上课日起按无正当理由计。"""
    ask(cast, room, MON, MON)
    assert not late(cast)  # nobody has called the roll since
    take(cast, room, absent(room), day=TUE, role="principal", reason="补填")
    assert [leave.first_day for leave in late(cast)] == [MON]
    assert "到期未返校" in page(cast, "head_teacher", "leave_list", state="overdue")
    assert "请假到期没有返校的学生 1 人" in page(cast, "head_teacher", "workbench")
    assert due(cast.actor("township"), today=TODAY, numbers=NUMBERS).overdue == 0  # the school's business
    take(cast, room, day=WED, role="principal", reason="补填")
    assert not late(cast)
    assert "点名已到校" in page(cast, "head_teacher", "leave_list", state="all")


def test_a_leave_that_follows_is_not_overdue(cast: Cast, room: SchoolClass) -> None:
    ask(cast, room, MON, MON)
    later = ask(cast, room, TUE, TUE)
    decide_leave(leave=later, is_approved=True, words="", by=cast.actor("registrar"), now=NOW)
    take(cast, room, absent(room, reason="sick"), day=TUE, role="principal", reason="补填")
    assert not late(cast)
    Leave.objects.filter(pk=later.pk).update(returned_on=TUE)  # back that day by the slip, yet absent by the roll call
    scan(district="530113", today=TODAY)
    assert [leave.first_day for leave in late(cast)] == [MON]


def approved(cast: Cast, room: SchoolClass, first: date, last: date, n: int = 0) -> Leave:
    made = ask_leave(seat=seat(room, n), slip=Slip("sick", first, last, "住院"), by=cast.actor("principal"), now=NOW)
    assert made.state == "approved"
    return made


def test_long_sick_leave_asks_for_suspension_papers(cast: Cast, room: SchoolClass) -> None:
    """学籍管理办法：病假三个月以上应办休学；中间到校一天即重新计算。"""
    scope = cast.actor("principal").scope
    approved(cast, room, date(2026, 9, 1), date(2026, 10, 15))
    approved(cast, room, date(2026, 10, 16), date(2026, 11, 27))
    approved(cast, room, date(2026, 11, 2), date(2026, 11, 27), n=1)
    assert [(one.child_id, one.first_day, one.last_day) for one in leaving.long_sick(scope, today=TODAY, limit=88)] == [
        (someone(room).pk, date(2026, 9, 1), date(2026, 11, 27))
    ]
    assert not leaving.long_sick(scope, today=TODAY, limit=89)
    PolicyValue.objects.create(district_code="530113", key="suspension_sick_days", value=60, effective_from=date(2026, 9, 1), basis="测试")
    assert "应办休学" in page(cast, "principal", "leave_list") and "应办休学" in page(
        cast, "principal", "leave_show", Leave.objects.earliest("pk").pk
    )
    assert "应办休学" not in page(cast, "principal", "leave_show", Leave.objects.latest("pk").pk)
    assert "连续病假满 60 日的学生 1 人" in page(cast, "principal", "workbench")
    assert not leaving.long_sick(cast.actor("township").scope.__class__(), today=TODAY, limit=10)  # nobody's scope


def test_a_day_in_class_between_two_sick_leaves_begins_anew(cast: Cast, room: SchoolClass) -> None:
    scope = cast.actor("principal").scope
    approved(cast, room, date(2026, 10, 12), MON)
    approved(cast, room, WED, THU)
    assert [(one.first_day, one.last_day) for one in leaving.long_sick(scope, today=TODAY, limit=39)] == [(date(2026, 10, 12), THU)]
    take(cast, room, day=TUE, role="principal", reason="补填")
    assert not leaving.long_sick(scope, today=TODAY, limit=39)
    assert [(one.first_day, one.last_day) for one in leaving.long_sick(scope, today=TODAY, limit=36)] == [(date(2026, 10, 12), MON)]
    Seat.objects.filter(child=someone(room)).update(away="suspension")
    assert not leaving.long_sick(scope, today=TODAY, limit=36)  # the papers are there


def test_closing_a_slip_every_evening_makes_no_shorter_leave(cast: Cast, room: SchoolClass) -> None:
    one = ask(cast, room, MON, MON)
    return_from_leave(leave=one, on=TUE, by=cast.actor("head_teacher"), now=NOW)
    assert ask(cast, room, TUE, TUE).approver == "registrar"  # two days together


def test_many_sick_pupils_cost_no_more_questions(cast: Cast, room: SchoolClass) -> None:
    def cost(*pupils: int, day: date) -> int:
        marks = [absent(room, n, "sick") for n in pupils]
        with CaptureQueriesContext(connection) as asked:
            take(cast, room, *marks, day=day, role="principal", reason="补填")
        return len(asked)

    cost(*range(5), day=MON)
    one = cost(0, day=WED)
    assert cost(*range(5), day=FRI) == one
    assert Leave.objects.count() == 11 and Event.objects.filter(verb="ask_leave").count() == 11


def test_a_corrected_roll_takes_back_its_own_slip(cast: Cast, room: SchoolClass) -> None:
    """病假改为无故：当天的请假条随点名作废，不再算准假。"""
    take(cast, room, absent(room, reason="sick"))
    assert not AbsenceRun.objects.exists()
    take(cast, room, absent(room), seen=1)
    assert Leave.objects.get().state == "withdrawn"
    assert AbsenceRun.objects.get().school_days == 1


def test_a_corrected_roll_leaves_nobody_waiting_for_its_slip(cast: Cast, room: SchoolClass) -> None:
    ask(cast, room, FRI, FRI)
    take(cast, room, absent(room, reason="sick"))  # the second day in a row: the registrar's to decide
    assert Notice.objects.standing().to(cast.actor("registrar")).exists()
    take(cast, room, seen=1)
    assert not Notice.objects.standing().to(cast.actor("registrar")).exists()


def test_a_slip_that_had_grown_by_a_corrected_day_is_shorter_again(cast: Cast, room: SchoolClass) -> None:
    for day in (MON, TUE, WED):
        at = datetime.combine(day, BEFORE_CUTOFF.timetz())
        taken = take_roll(room=room, day=day, marks=[absent(room, reason="sick")], seen=0, by=cast.actor("head_teacher"), now=at)
    take_roll(room=room, day=WED, marks=[absent(room)], seen=taken.revision, by=cast.actor("head_teacher"), now=at)
    waiting = Leave.objects.get(state="asked")
    assert (waiting.first_day, waiting.last_day, waiting.school_days) == (TUE, TUE, 1)


def test_a_slip_written_by_hand_outlives_a_corrected_roll(cast: Cast, room: SchoolClass) -> None:
    ask(cast, room, TODAY, TODAY)
    take(cast, room, absent(room, reason="sick"))
    take(cast, room, absent(room), seen=1)
    assert Leave.objects.get().state == "approved"


def test_the_list_asks_few_questions(cast: Cast, room: SchoolClass) -> None:
    absent_all_week(cast, room)
    for n in range(5):
        ask_leave(seat=seat(room, n), slip=Slip("personal", TODAY, TODAY, "家中有事"), by=cast.actor("head_teacher"), now=NOW)
    client = cast.client("head_teacher")
    with CaptureQueriesContext(connection) as asked:
        told = client.get(reverse("leave_list")).content.decode()
    assert told.count("家中有事") == 5 and len(asked) <= 14, len(asked)


def test_a_slip_on_paper(cast: Cast, room: SchoolClass) -> None:
    leave = ask_leave(
        seat=seat(room), slip=Slip("sick", MON, MON, "发热", "杨父", "13800000000", left_at=datetime.combine(MON, BEFORE_CUTOFF.timetz())),
        by=cast.actor("head_teacher"), now=NOW,
    )  # fmt: skip
    answer = cast.client("head_teacher").get(reverse("leave_slip_docx", args=[leave.pk]))
    tables = docx.Document(io.BytesIO(answer.content)).tables
    heads = [table.rows[0].cells[0].text for table in tables[::2]]
    assert heads == ["第一联　学校存", "第二联　班主任存", "第三联　家长存"]
    words = "\n".join(cell.text for row in tables[1].rows for cell in row.cells)
    assert all(one in words for one in (leave.child.name, "2026年11月16日", "发热", "杨父　13800000000", "已批准", "14:40", "　　月　　日　　时"))
    assert printed_return(return_from_leave(leave=leave, on=TUE, by=cast.actor("head_teacher"), now=NOW)) == "2026年11月17日　　时　　分"
    Leave.objects.update(returned_on=None)
    back = return_from_leave(leave=leave, on=TUE, at=time(7, 50), by=cast.actor("head_teacher"), now=NOW)
    assert printed_return(back) == "2026年11月17日 07:50"
    pdf = cast.client("head_teacher").get(reverse("leave_slip_pdf", args=[leave.pk]))
    assert pdf.content.startswith(b"%PDF-") and pdf.headers["Content-Type"] == "application/pdf"
    assert b"/Type/Pages/Count 1/" in pdf.content  # one sheet of A4


def printed_return(leave: Leave) -> str:
    """What stands behind 返校时间 on the paper."""
    return next(row[row.index("返校时间") + 1] for row in rows(leave) if "返校时间" in row)


@pytest.mark.parametrize("role", ["subject_teacher", "village", "liaison", "administrator"])
def test_slips_are_not_for_everybody(cast: Cast, room: SchoolClass, role: str) -> None:
    leave = ask(cast, room, MON, MON)
    for name in ("leave_show", "leave_slip_pdf"):
        assert cast.client(role).get(reverse(name, args=[leave.pk])).status_code == 404


def test_a_slip_nobody_decided_is_taken_back_on_its_page(cast: Cast, room: SchoolClass) -> None:
    leave = ask(cast, room, MON, FRI)
    assert send(cast, "head_teacher", "leave_withdraw", leave.pk).status_code == 302
    assert "已撤回" in page(cast, "head_teacher", "leave_show", leave.pk)
    told = send(cast, "head_teacher", "leave_withdraw", leave.pk)
    assert told.status_code == 302


def test_the_card_of_a_child_says_its_school_days(cast: Cast, room: SchoolClass) -> None:
    absent_all_week(cast, room)
    ask(cast, room, TODAY, TODAY, facts="复查")
    told = page(cast, "head_teacher", "child_show", someone(room).pk)
    assert "疑似辍学 11月18日" in page(cast, "township", "child_show", someone(room).pk)
    assert "点名 5 次，到校 0 次，缺勤 5 次" in told and "疑似辍学 11月18日" in told and "假〔2026〕1号" in told
    assert "本学期考勤" not in page(cast, "village", "child_show", someone(room).pk)


def test_a_run_of_a_day_or_two_is_the_schools(cast: Cast, room: SchoolClass) -> None:
    """〔方案二（三）2〕第 3 日才报乡镇和区教体局。"""
    take(cast, room, absent(room))
    for role, is_shown in (("head_teacher", True), ("principal", True), ("township", False), ("bureau", False), ("inspector", False)):
        assert ("连续未到校（无正当理由）" in page(cast, role, "child_show", someone(room).pk)) is is_shown, role


def test_a_whole_number_typed_into_a_slip_or_a_contact_is_masked(cast: Cast, room: SchoolClass) -> None:
    number = id_number(77)
    send(cast, "head_teacher", "leave_new", someone(room).pk, **slip(MON, FRI, facts=f"住院，证件 {number}", guardian_name=f"杨父{number}"))
    leave = Leave.objects.get()
    send(cast, "principal", "leave_decide", leave.pk, answer="no", words=f"请补 {number} 的证明")
    told = {"result": "reached", "way": "phone", "at": f"{TODAY}T00:01", "spoke_with": number, "whereabouts": number, "text": number}
    assert send(cast, "head_teacher", "contact_new", someone(room).pk, **told).status_code == 302
    pages = [
        page(cast, "principal", name, key)
        for name, key in (("leave_show", leave.pk), ("contact_new", someone(room).pk), ("child_show", someone(room).pk))
    ]
    assert not [shown for shown in pages if number in shown]
    assert all(number not in str(row) for model in (Leave, Contact, Notice, Event) for row in model.objects.values())
