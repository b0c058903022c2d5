"""The page of a roll call: light enough for an old phone, sent once however often, corrected, refused, and two at once."""

from __future__ import annotations

import html
import re
import uuid
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, RollCallChange, Seat
from apps.core import clock
from apps.schools.models import CalendarDay, Closure, OpenDay, PolicyValue, SchoolClass
from tests.cast import NOW, TODAY, Cast
from tests.factories import people, school_day
from tests.factories.registers import term

STATIC = Path(__file__).resolve().parents[2] / "static"
AFTERNOON = NOW - timedelta(minutes=20)  # 14:40
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> SchoolClass:
    """The home class with six pupils, at 14:40 on Monday."""
    term()
    at(AFTERNOON, monkeypatch)
    home: SchoolClass = cast.home.classes[0]
    school_day.pupils(home, 6, village=cast.home.villages[0].code)
    return home


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be that time of day."""
    monkeypatch.setattr(clock, "now", lambda: moment)


def seats(room: SchoolClass) -> list[Seat]:
    return list(Seat.objects.filter(school_class=room, away="").select_related("child").order_by("child__pinyin", "child_id"))


def form(room: SchoolClass, *, day: date = TODAY, seen: int = 0, reason: str = "", **chosen: str) -> dict[str, str]:
    """What the page sends; ``chosen`` by position in the list: ``p0="sick"``."""
    fields = {f"m{seat.child_id}": chosen.get(f"p{n}", "") for n, seat in enumerate(seats(room))}
    return {"_key": str(uuid.uuid4()), "day": str(day), "seen": str(seen), "reason": reason, **fields}


def noted(room: SchoolClass, n: int, words: str) -> dict[str, str]:
    """What is written beside the n-th pupil of the list."""
    return {f"n{seats(room)[n].child_id}": words}


def marks() -> list[tuple[str, str]]:
    return [(mark.code, mark.reason) for mark in Mark.objects.order_by("child__pinyin", "child_id")]


def text(answer: Any) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_it_opens_on_todays_class_with_everybody_there(cast: Cast, room: SchoolClass) -> None:
    page = cast.client("head_teacher").get("/roll/")
    assert page.status_code == 200
    assert page.content.decode().count("<select ") == 6
    assert "距 15:00 还有 20 分钟" in text(page)
    assert not RollCall.objects.exists()


class Reader(HTMLParser):
    """The fields a browser would send from the form of a page that nobody touched."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "select":
            self.name = told["name"]
        elif tag == "option" and ("selected" in told or self.name not in self.sent):
            self.sent[self.name] = told["value"]
        elif tag == "input" and told.get("name", "csrf")[:4] != "csrf":
            self.sent[told["name"]] = told.get("value", "")


def test_the_page_as_it_opens_sends_everybody_there(cast: Cast, room: SchoolClass) -> None:
    """Without any script: what a browser reads out of the page is what the address takes."""
    teacher, reader = cast.client("head_teacher"), Reader()
    reader.feed(teacher.get("/roll/").content.decode())
    assert [value for name, value in reader.sent.items() if name.startswith("m")] == [""] * 6
    assert teacher.post(f"/roll/{room.pk}/", reader.sent).status_code == 302
    assert (RollCall.objects.get().missing, Mark.objects.count()) == (0, 0)


def test_the_page_is_light_and_asks_little(cast: Cast) -> None:
    """≤ 60 kB with its CSS and scripts for a class of 50, ≤ 8 queries; also after a correction."""
    term()
    home = cast.home.classes[0]
    school_day.pupils(home, 50, village=cast.home.villages[0].code, name="欧阳娜么")
    teacher = cast.client("head_teacher")
    with CaptureQueriesContext(connection) as asked:
        page = teacher.get("/roll/")
    linked = set(re.findall(r"/static/([\w./-]+\.(?:css|js))", page.content.decode()))
    assert linked == {"frame.css", "roll.css", "app.js", "roll.js"}
    weight = len(page.content) + sum((STATIC / name).stat().st_size for name in [*linked, "sw.js"])
    assert page.content.decode().count("<select ") == 50
    assert weight <= 60_000, weight
    assert len(asked) <= 8
    teacher.post(f"/roll/{home.pk}/", form(home, p0="other") | noted(home, 0, "外婆家有事"))
    teacher.post(f"/roll/{home.pk}/", form(home, seen=1, p1="sick"))
    teacher.get("/roll/")  # takes the messages with it
    with CaptureQueriesContext(connection) as asked:
        assert "更正记录" in text(teacher.get("/roll/"))
    assert len(asked) <= 8


@pytest.mark.parametrize(
    ("choice", "stored"),
    [
        ("unexcused", ("absent", "unexcused")),
        ("unreachable", ("absent", "unreachable")),
        ("sick", ("absent", "sick")),
        ("personal", ("absent", "personal")),
        ("other", ("absent", "other")),
        ("half", ("half", "")),
        ("late", ("late", "")),
        ("early", ("early", "")),
    ],
)
def test_every_choice_is_stored_and_shown_again(cast: Cast, room: SchoolClass, choice: str, stored: tuple[str, str]) -> None:
    teacher = cast.client("head_teacher")
    assert teacher.post(f"/roll/{room.pk}/", form(room, p2=choice)).status_code == 302
    assert marks() == [stored]
    assert f"<option value={choice} selected>" in teacher.get("/roll/").content.decode()


def test_sent_twice_it_is_one_class_day(cast: Cast, room: SchoolClass) -> None:
    """Double tap, resubmission, and the back button with a fresh key."""
    teacher, sent = cast.client("head_teacher"), form(room, p0="unexcused")
    for _ in range(2):
        answer = teacher.post(f"/roll/{room.pk}/", sent)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/roll/")
    teacher.post(f"/roll/{room.pk}/", sent | {"_key": str(uuid.uuid4())})
    assert (RollCall.objects.count(), Mark.objects.count(), RollCallChange.objects.count()) == (1, 1, 0)


def test_a_resent_form_does_not_undo_a_later_correction(cast: Cast, room: SchoolClass) -> None:
    """The answer to the first was lost; the school corrected; the phone sends the same form, with its key, again."""
    sent = form(room, p0="unexcused")
    cast.client("head_teacher").post(f"/roll/{room.pk}/", sent)
    cast.client("registrar").post(f"/roll/{room.pk}/", form(room, seen=1))
    assert cast.client("head_teacher").post(f"/roll/{room.pk}/", sent).status_code == 302
    assert not Mark.objects.exists()


def test_after_the_cutoff_it_is_taken_and_marked_late(cast: Cast, room: SchoolClass, monkeypatch: pytest.MonkeyPatch) -> None:
    at(NOW + timedelta(minutes=1), monkeypatch)
    teacher = cast.client("head_teacher")
    assert "已过 15:00，提交记为逾时" in text(teacher.get("/roll/"))
    teacher.post(f"/roll/{room.pk}/", form(room))
    assert RollCall.objects.get().is_late
    assert "逾时" in text(teacher.get("/roll/"))


def test_the_cutoff_is_the_districts_own(cast: Cast, room: SchoolClass) -> None:
    PolicyValue.objects.create(district_code="530113", key="roll_call_cutoff", value=1430, effective_from=date(2026, 9, 1), basis="测")
    assert "已过 14:30" in text(cast.client("head_teacher").get("/roll/"))


def test_two_at_once_are_shown_side_by_side_and_the_second_decides(cast: Cast, room: SchoolClass) -> None:
    subject, head = cast.client("subject_teacher"), cast.client("head_teacher")
    subject.post(f"/roll/{room.pk}/", form(room, p0="unexcused", p1="late"))
    answer = head.post(f"/roll/{room.pk}/", form(room, p0="sick", p1="late"))
    assert answer.status_code == 409
    told = text(answer)
    assert "您的内容没有覆盖它" in told and "另有 4 人两份都是到校" in told
    assert re.search(r"不同 缺勤·无故 缺勤·病假", told)
    assert marks() == [("absent", "unexcused"), ("late", "")]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.content.decode().split('id="roll"')[1]))
    assert hidden["seen"] == "1"
    assert head.post(f"/roll/{room.pk}/", hidden).status_code == 302
    assert marks() == [("absent", "sick"), ("late", "")]
    assert RollCallChange.objects.get().before[0][2] == "unexcused"


def test_a_conflict_names_who_corrected_last(cast: Cast, room: SchoolClass, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.client("subject_teacher").post(f"/roll/{room.pk}/", form(room))
    at(AFTERNOON + timedelta(minutes=9), monkeypatch)
    cast.client("principal").post(f"/roll/{room.pk}/", form(room, seen=1, p0="late"))
    told = text(cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, p1="late")))
    assert f"{cast.actor('principal').name}（{cast.actor('principal').title}） 已在 14:49 提交了11月23日的更正" in told


def test_a_correction_is_kept_and_shown(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    teacher.post(f"/roll/{room.pk}/", form(room, p0="unexcused"))
    teacher.post(f"/roll/{room.pk}/", form(room, seen=1, p0="sick", p1="late"))
    told = text(teacher.get("/roll/"))
    assert "李测01：缺勤·无故 → 缺勤·病假；李测02：到校 → 迟到" in told and "当天更正" in told


def test_an_earlier_day_is_the_schools_with_a_reason(cast: Cast, room: SchoolClass) -> None:
    teacher, principal = cast.client("head_teacher"), cast.client("principal")
    address = f"/roll/{room.pk}/?day={FRIDAY}"
    assert "由学校（学籍管理员或校长）补填和更正" in text(teacher.get(address))
    assert teacher.post(f"/roll/{room.pk}/", form(room, day=FRIDAY, seen=1)).status_code == 422
    without = principal.post(f"/roll/{room.pk}/", form(room, day=FRIDAY, p0="unexcused"))
    assert without.status_code == 422 and "写明原因" in text(without)
    assert "<option value=unexcused selected>" in without.content.decode()  # what was chosen is not lost
    assert not RollCall.objects.exists()
    done = principal.post(f"/roll/{room.pk}/", form(room, day=FRIDAY, reason="班主任外出培训，补填", p0="unexcused"))
    assert done.headers["Location"] == f"/roll/{room.pk}/?day={FRIDAY}"
    assert RollCall.objects.get().day == FRIDAY
    assert "缺勤·无故" in text(teacher.get(address))


def test_what_waited_on_the_phone_is_taken_and_what_stands_is_shown_beside_it(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    done = teacher.post(f"/roll/{room.pk}/", form(room, day=FRIDAY, p0="sick"))
    assert done.headers["Location"] == f"/roll/{room.pk}/?day={FRIDAY}"
    assert (RollCall.objects.get().day, RollCall.objects.get().is_late) == (FRIDAY, True)
    late = cast.client("subject_teacher").post(f"/roll/{room.pk}/", form(room, day=FRIDAY, p0="unexcused"))
    assert late.status_code == 409 and "缺勤·无故" in text(late)
    assert "以我的为准更正" not in text(late) and "由学校" in text(late)
    assert marks() == [("absent", "sick")]


def test_no_day_that_is_still_to_come(cast: Cast, room: SchoolClass) -> None:
    answer = cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, day=TODAY + timedelta(1)))
    assert answer.status_code == 422 and "还没有到" in text(answer)


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31"])
def test_a_day_nobody_means_is_answered_with_a_page(cast: Cast, room: SchoolClass, day: str) -> None:
    for role, url in (("head_teacher", "/roll/"), ("bureau", "/roll/"), ("principal", f"/roll/{room.pk}/")):
        assert cast.client(role).get(url, {"day": day}).status_code == 200
    assert cast.client("principal").post(f"/roll/{room.pk}/", form(room) | {"day": day}).status_code == 422
    assert not RollCall.objects.exists()


@pytest.mark.parametrize(
    ("model", "fields", "why", "following"),
    [
        (CalendarDay, {"district_code": "530113", "day": TODAY, "is_school_day": False, "note": "州庆"}, "州庆", "11月24日"),
        (Closure, {"first_day": TODAY, "last_day": date(2026, 11, 25), "reason": "大雪"}, "本校停课：大雪", "11月26日"),
    ],
)
def test_a_day_without_school_says_why_and_when_it_goes_on(
    cast: Cast, room: SchoolClass, model: Any, fields: dict[str, Any], why: str, following: str
) -> None:
    model.objects.create(**fields, **({"school": room.school} if model is Closure else {}))
    teacher = cast.client("head_teacher")
    with CaptureQueriesContext(connection) as asked:
        told = text(teacher.get("/roll/"))
    assert f"不上课（{why}），不需要点名" in told and f"下一个上课日是 2026年{following}" in told
    assert len(asked) <= 9
    refused = teacher.post(f"/roll/{room.pk}/", form(room))
    assert refused.status_code == 422 and why in text(refused)
    assert not RollCall.objects.exists()


def test_weekends_holidays_terms_and_days_of_ones_own(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    assert "不上课（周末）" in text(teacher.get("/roll/?day=2026-11-22"))
    assert "不上课（不在学期内）" in text(teacher.get("/roll/?day=2026-08-20"))
    OpenDay.objects.create(school=room.school, day=date(2026, 11, 22), reason="补课")
    assert "不上课" not in text(teacher.get("/roll/?day=2026-11-22"))


def test_a_pupil_on_leave_is_marked_so_and_one_away_is_not_asked_for(cast: Cast, room: SchoolClass) -> None:
    ill, gone = (seat.child for seat in seats(room)[:2])
    Seat.objects.filter(child=gone).update(away="suspension")
    Leave.objects.create(
        child=ill, district_code="530113", school=room.school, school_class=room, kind="sick", first_day=FRIDAY, last_day=date(2026, 11, 25),
        school_days=4, facts="发热", state="approved", approver="principal", asked_at=NOW, decided_at=NOW,
    )  # fmt: skip
    teacher = cast.client("head_teacher")
    page = teacher.get("/roll/")
    assert "<option value=leave selected>请假" in page.content.decode() and "病假至11月25日，已批准" in text(page)
    assert f"不需点名 1 人：{gone.name}（休学）" in text(page) and f"m{gone.pk}" not in page.content.decode()
    teacher.post(f"/roll/{room.pk}/", form(room, p0="leave"))
    assert marks() == [("leave", "")] and RollCall.objects.get().expected == 5
    assert not AbsenceRun.objects.exists()


def test_a_leave_that_has_just_ended_is_said_beside_the_name(cast: Cast, room: SchoolClass) -> None:
    """The first roll call after it, over the weekend; not once the return was entered, nor once a roll call told."""
    pupil = seats(room)[0].child
    leave = Leave.objects.create(
        child=pupil, district_code="530113", school=room.school, school_class=room, kind="sick", first_day=FRIDAY, last_day=FRIDAY,
        school_days=1, facts="发热", state="approved", approver="principal", asked_at=NOW, decided_at=NOW,
    )  # fmt: skip
    teacher = cast.client("head_teacher")
    words = f"{pupil.name} 请假11月20日到期，未销假"
    assert words in text(teacher.get("/roll/"))
    assert "病假至11月20日，已批准" in text(teacher.get(f"/roll/?day={FRIDAY}"))
    Leave.objects.filter(pk=leave.pk).update(returned_on=TODAY, returned_at=NOW)
    assert "未销假" not in text(teacher.get("/roll/"))
    Leave.objects.filter(pk=leave.pk).update(returned_on=None, first_day=FRIDAY - timedelta(1), last_day=FRIDAY - timedelta(1))
    assert words.replace("20", "19") in text(teacher.get("/roll/"))
    teacher.post(f"/roll/{room.pk}/", form(room, day=FRIDAY))  # there on Friday
    assert "未销假" not in text(teacher.get("/roll/"))


def test_a_page_with_an_old_list_is_not_taken_for_the_newcomers(cast: Cast, room: SchoolClass) -> None:
    """A pupil who came after the page was opened was seen by nobody: 未点名不是到校."""
    old = form(room)
    school_day.seat(cast.home.children[1], school_class=room)
    answer = cast.client("head_teacher").post(f"/roll/{room.pk}/", old)
    assert answer.status_code == 422 and "名单已变动" in text(answer)
    assert f"m{cast.home.children[1].pk}" in answer.content.decode()
    assert not RollCall.objects.exists()


def test_how_long_it_took_is_measured_and_cannot_be_made_longer(cast: Cast, room: SchoolClass, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = cast.client("head_teacher")
    opened = re.search(r'name="opened" value="([^"]+)"', teacher.get("/roll/").content.decode())[1]  # type: ignore[index]
    at(AFTERNOON + timedelta(seconds=40), monkeypatch)
    for number, (sent, seconds) in enumerate(
        [({"opened": opened, "spent": "25"}, 25), ({"opened": opened, "spent": "900"}, 40), ({"opened": "1"}, None)]
    ):
        RollCall.objects.all().delete()
        teacher.post(f"/roll/{room.pk}/", form(room) | sent)
        assert RollCall.objects.get().seconds == seconds, number


def test_words_beside_a_mark_survive_a_correction_of_another(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    teacher.post(f"/roll/{room.pk}/", form(room, p0="other"))
    Mark.objects.update(note="外婆家有事")
    teacher.post(f"/roll/{room.pk}/", form(room, seen=1, p0="other", p1="late"))
    assert Mark.objects.get(code="absent").note == "外婆家有事"


@pytest.mark.parametrize("broken", [{"seen": "x"}, {"day": "2026-13-01"}, {"seen": "-1"}])
def test_a_broken_form_changes_nothing(cast: Cast, room: SchoolClass, broken: dict[str, str]) -> None:
    assert cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room) | broken).status_code == 422
    assert not RollCall.objects.exists()


def test_an_unknown_choice_is_refused(cast: Cast, room: SchoolClass) -> None:
    assert cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, p0="asleep")).status_code == 422
    assert not RollCall.objects.exists()


def test_only_a_teachers_own_today_may_stay_on_the_phone(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    today = teacher.get("/roll/")
    assert "X-Keep-Until" in today.headers and today.headers["X-Keep-For"] == cast.client("head_teacher").get("/roll/").headers["X-Keep-For"]
    assert cast.client("subject_teacher").get("/roll/").headers["X-Keep-For"] != today.headers["X-Keep-For"]
    assert "X-Keep-Until" not in teacher.get(f"/roll/?day={FRIDAY}").headers
    for role in ("registrar", "principal", "bureau"):
        assert "X-Keep-Until" not in cast.client(role).get(f"/roll/{room.pk}/").headers


def test_logging_out_clears_the_phone(cast: Cast) -> None:
    assert cast.client("head_teacher").post("/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_worker_stands_at_the_root(db: None) -> None:
    answer = Client().get("/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript") and b"X-Keep-Until" in answer.content


def test_whoever_holds_no_class_sees_the_day_and_cannot_send(cast: Cast, room: SchoolClass) -> None:
    township = cast.client("township")
    assert "今天还没有点名" in text(township.get(f"/roll/{room.pk}/"))
    assert township.post(f"/roll/{room.pk}/", form(room)).status_code == 404
    assert people.client(cast.home.posts["village"]).get("/roll/").status_code == 404
