"""Attendance from a file: what is read, what is refused and why, and that a later file corrects without losing what stood."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.attendance.actions import loading
from apps.attendance.actions.loading import RollCallsLoaded, load_roll_calls
from apps.attendance.actions.rolls import Given, take_roll
from apps.attendance.layouts import read_room
from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, RollCallChange, Seat
from apps.attendance.queries.seats import Held
from apps.audit.models import Event
from apps.core.errors import RefusedFile
from apps.registers.actions.load import system_actor
from apps.schools.models import CalendarDay, Closure, SchoolClass
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories.children import child as make_child
from tests.factories.registers import entry, term

MON = date(2026, 11, 16)
TUE, WED, THU, FRI = (MON + timedelta(n) for n in range(1, 5))
HEADING = "school_code,class,date,student_number,id_number,code"


@pytest.fixture
def room(cast: Cast) -> SchoolClass:
    """The home class, grade 6, with three pupils on the enrolment."""
    term()
    home: SchoolClass = cast.home.classes[0]
    for n in range(2):
        make_child(school_class=home, village=cast.home.villages[0].code, name=f"李测{n}")
    for pupil in pupils(home):
        entry(pupil)
    return home


def pupils(room: SchoolClass) -> list[Child]:
    return list(Child.objects.filter(school_class=room).order_by("pk"))


def number(child: Child) -> str:
    return f"G{child.document.number}"


def line(room: SchoolClass, day: date, code: str, child: Child | None = None, *, by_id: bool = False, name: str = "六年级(1)班") -> str:
    student, resident = ("", child.document.number) if child and by_id else (number(child) if child else "", "")
    return f"{room.school_id},{name},{day},{student},{resident},{code}"


def load(tmp_path: Path, *lines: str, encoding: str = "utf-8", heading: str = HEADING) -> RollCallsLoaded:
    path = tmp_path / "attendance.csv"
    path.write_bytes("\n".join([heading, *lines]).encode(encoding))
    return load_roll_calls(path=path, district="530113", by=system_actor("530113"), now=NOW, today=TODAY, held=Held())


def refused(tmp_path: Path, *lines: str) -> list[tuple[int, str]]:
    return [(one["row"], one["code"]) for one in load(tmp_path, *lines).problems]


def marks(room: SchoolClass) -> list[tuple[date, int, str, str]]:
    return list(Mark.objects.filter(school_class=room).order_by("day", "child_id").values_list("day", "child_id", "code", "reason"))


def test_a_file_becomes_roll_calls_marks_and_a_run(room: SchoolClass, tmp_path: Path) -> None:
    first, second, _ = pupils(room)
    rows = [line(room, day, "absent", first) for day in (MON, TUE, WED)]
    done = load(tmp_path, *rows, line(room, WED, "late", second, by_id=True), line(room, THU, "all_present"))
    assert (done.rows, done.accepted, done.rejected, done.new, done.corrected) == (5, 5, 0, 4, 0)
    assert marks(room)[-2:] == [(WED, first.pk, "absent", ""), (WED, second.pk, "late", "")]
    taken = RollCall.objects.get(day=WED)
    assert (taken.expected, taken.missing, taken.taken_by, taken.taken_title, taken.seconds) == (3, 1, None, "补录", None)
    run = AbsenceRun.objects.get()
    assert (run.child_id, run.school_days, run.suspected_on, run.ended_on) == (first.pk, 3, WED, THU)
    assert Event.objects.filter(verb="load_roll_calls").count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["六年级(1)班", "六年级（1）班", "6.1", "六年级1班", "601"])
def test_encodings_and_the_ways_rosters_write_a_class(room: SchoolClass, tmp_path: Path, encoding: str, name: str) -> None:
    rows = [line(room, MON, "缺勤", pupils(room)[0], name=name), line(room, TUE, "全勤", name=name)]
    assert load(tmp_path, *rows, encoding=encoding, heading="学校标识码,班级,日期,学籍号,身份证号,考勤").accepted == 2


def test_a_junior_class_is_read_as_juniors_say_it() -> None:
    assert [read_room(("", text, 2026)) for text in ("初一1班", "七年级(1)班", "7.1", "1班")] == [(7, "1"), (7, "1"), (7, "1"), (None, "1")]
    assert read_room(("七年级", "1班", 2026)) == (7, "1")


def test_what_is_refused_is_told_with_row_and_sentence(cast: Cast, room: SchoolClass, tmp_path: Path) -> None:
    first, second, third = pupils(room)
    other = cast.home.classes[1]
    elsewhere = make_child(school_class=other, village=cast.home.villages[0].code)
    entry(elsewhere)
    done = load(
        tmp_path,
        line(room, MON, "absent", first),
        line(room, MON, "absent", first).replace(room.school_id, "9999999999"),
        line(room, MON, "absent", first, name="六年级(9)班"),
        line(room, MON, "absent", first, name="一班"),
        f"{room.school_id},6.1,{MON},G000000000000000000,,absent",
        line(room, MON, "absent", elsewhere),
        line(room, MON + timedelta(5), "absent", first),
        line(room, TODAY + timedelta(1), "absent", first),
        line(room, TUE, "absent", second),
        line(room, TUE, "late", second),
        line(room, TUE, "asleep", third),
        line(room, MON, "absent"),
        f"{room.school_id},6.1,某日,{number(first)},,absent",
        f"{room.school_id},6.1,{MON},,5.30113E+17,absent",
        line(room, MON, "all_present"),
    )
    assert [(one["row"], one["code"]) for one in done.problems] == [
        (2, "school_unknown"), (3, "class_unknown"), (4, "class_unreadable"), (5, "pupil_unknown"), (6, "not_seated"), (7, "no_school"),
        (8, "day_to_come"), (9, "two_codes"), (10, "two_codes"), (11, "code_unknown"), (12, "number_missing"), (13, "date_unreadable"),
        (14, "number_lost"), (15, "not_all_present"),
    ]  # fmt: skip
    assert (done.rows, done.accepted, done.rejected) == (15, 1, 14)
    assert {one["row"]: one["sheet_row"] for one in done.problems}[7] == 8
    told = {one["code"]: one["message"] for one in done.problems}
    assert "9999999999" in told["school_unknown"] and "六年级（9）班" in told["class_unknown"] and "2026年11月21日" in told["no_school"]
    assert "第 11 行" in told["two_codes"] or "第 10 行" in told["two_codes"]
    assert elsewhere.document.number not in json.dumps(done.problems)
    assert not RollCall.objects.exclude(day=MON).exists()  # a class-day of which no row is good is not taken


def test_of_each_kind_of_problem_the_first_are_told_and_all_are_counted(room: SchoolClass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOST_TOLD", 3)
    first, second, _ = pupils(room)
    twice = [line(room, TUE, "absent", second), line(room, TUE, "late", second)]
    bad = [line(room, MON, "asleep", first)] * 30 + [line(room, MON, "absent")] * 2
    done = load(tmp_path, *bad, *twice, line(room, WED, "absent", first))
    assert (done.rows, done.accepted, done.rejected) == (35, 1, 34)
    assert done.problem_counts == {"code_unknown": 30, "number_missing": 2, "two_codes": 2}
    assert [(one["row"], one["code"]) for one in done.problems] == [
        (1, "code_unknown"), (2, "code_unknown"), (3, "code_unknown"), (31, "number_missing"), (32, "number_missing"), (33, "two_codes"),
        (34, "two_codes"),
    ]  # fmt: skip
    assert "另见第 35 行" in done.problems[-2]["message"]


def test_a_closure_and_papers_are_respected(room: SchoolClass, tmp_path: Path) -> None:
    first, second, _ = pupils(room)
    load(tmp_path, line(room, MON, "all_present"))
    Closure.objects.create(school=room.school, first_day=TUE, last_day=TUE, reason="下雪")
    CalendarDay.objects.create(district_code="530113", day=WED, is_school_day=False, note="州庆")
    Seat.objects.filter(child=second).update(away="suspension")
    rows = [line(room, TUE, "absent", first), line(room, WED, "all_present"), line(room, THU, "absent", second)]
    assert refused(tmp_path, *rows) == [(1, "no_school"), (2, "no_school"), (3, "away")]


def test_the_same_file_again_changes_nothing(room: SchoolClass, tmp_path: Path) -> None:
    first, second, _ = pupils(room)
    rows = [line(room, MON, "sick", first), line(room, TUE, "sick", first), line(room, TUE, "absent", second), line(room, WED, "all_present")]
    load(tmp_path, *rows)
    stood = marks(room), list(Leave.objects.values()), list(AbsenceRun.objects.values())
    again = load(tmp_path, *rows)
    assert (again.accepted, again.new, again.corrected, again.unchanged, again.leaves) == (4, 0, 0, 3, 0)
    assert (marks(room), list(Leave.objects.values()), list(AbsenceRun.objects.values())) == stood
    assert not RollCallChange.objects.exists()


def test_a_later_file_corrects_and_what_stood_is_kept(room: SchoolClass, tmp_path: Path) -> None:
    first, second, _ = pupils(room)
    load(tmp_path, *[line(room, day, "absent", first) for day in (MON, TUE, WED)])
    assert AbsenceRun.objects.get().suspected_on == WED
    done = load(tmp_path, line(room, TUE, "late", first), line(room, TUE, "absent", second))
    assert (done.new, done.corrected) == (0, 1)
    change = RollCallChange.objects.get()
    assert (change.before, change.after) == ([[first.pk, "absent", "", ""]], [[first.pk, "late", "", ""], [second.pk, "absent", "", ""]])
    assert (change.reason, change.by_name) == ("补录", "系统")
    assert RollCall.objects.get(day=TUE).revision == 2
    assert not AbsenceRun.objects.filter(suspected_on__isnull=False).exists()


def test_what_a_teacher_wrote_beside_the_same_mark_stays(cast: Cast, room: SchoolClass, tmp_path: Path) -> None:
    first, second, _ = pupils(room)
    load(tmp_path, line(room, MON, "all_present"))  # seats
    given = Given(first.pk, "absent", "unexcused", "去了昆明")
    take_roll(room=room, day=TODAY, marks=[given], seen=0, by=cast.actor("head_teacher"), now=NOW)
    assert load(tmp_path, line(room, TODAY, "absent", first)).unchanged == 1
    load(tmp_path, line(room, TODAY, "absent", first), line(room, TODAY, "absent", second))
    assert Mark.objects.get(child=first).note == "去了昆明"
    assert Mark.objects.get(child=first).reason == "unexcused"


def test_a_refused_row_takes_no_mark_away(room: SchoolClass, tmp_path: Path) -> None:
    """未收下的行不能让学生变成到校."""
    first, second, _ = pupils(room)
    load(tmp_path, line(room, MON, "absent", first))
    done = load(tmp_path, line(room, MON, "asleep", first), line(room, MON, "absent", second))
    assert (done.rejected, done.corrected) == (1, 1)
    assert {child for _, child, _, _ in marks(room)} == {first.pk, second.pk}


def test_leave_by_file_is_approved_and_joined_over_the_weekend(room: SchoolClass, tmp_path: Path) -> None:
    """补录的请假已在纸上批准：不计为无正当理由未到校."""
    first, second, _ = pupils(room)
    rows = [line(room, day, "sick", first) for day in (THU, FRI, TODAY)] + [line(room, TUE, "leave", first)]
    load(tmp_path, *rows, *[line(room, day, "leave", second) for day in (MON, WED)])
    slips = Leave.objects.order_by("child_id", "first_day").values_list(
        "child_id", "kind", "first_day", "last_day", "school_days", "state", "approver"
    )
    assert list(slips) == [
        (first.pk, "personal", TUE, TUE, 1, "approved", "head_teacher"),
        (first.pk, "sick", THU, TODAY, 3, "approved", "registrar"),
        (second.pk, "personal", MON, MON, 1, "approved", "head_teacher"),
        (second.pk, "personal", WED, WED, 1, "approved", "head_teacher"),
    ]
    assert not AbsenceRun.objects.exists()


def test_leave_by_file_follows_the_correction(room: SchoolClass, tmp_path: Path) -> None:
    first = pupils(room)[0]
    load(tmp_path, *[line(room, day, "sick", first) for day in (MON, TUE, WED, THU)])
    load(tmp_path, line(room, TUE, "absent", first))
    assert list(Leave.objects.filter(state="approved").order_by("first_day").values_list("first_day", "last_day")) == [(MON, MON), (WED, THU)]
    load(tmp_path, line(room, WED, "all_present"), line(room, THU, "all_present"))
    assert list(Leave.objects.filter(state="approved").values_list("first_day", "last_day")) == [(MON, MON)]
    assert list(Leave.objects.filter(state="withdrawn").values_list("first_day", "last_day")) == [(WED, THU)]
    load(tmp_path, line(room, TUE, "sick", first))
    assert list(Leave.objects.filter(state="approved").values_list("first_day", "last_day", "school_days")) == [(MON, TUE, 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"school_code,class,date\n1,2,3", "columns_missing"), (HEADING.encode(), "no_rows"), (b"PK\x03\x04", "not_a_table"), (b"", "empty")],
)
def test_a_file_that_is_no_attendance_is_refused_whole(room: SchoolClass, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "attendance.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedFile) as told:
        load_roll_calls(path=path, district="530113", by=system_actor("530113"), now=NOW, today=TODAY, held=Held())
    assert told.value.code in (code, "rotten", "not_csv")
    assert not RollCall.objects.exists()


def test_the_command_tells_json_and_words(room: SchoolClass, tmp_path: Path) -> None:
    path = tmp_path / "attendance.csv"
    path.write_text("\n".join([HEADING, line(room, MON, "absent", pupils(room)[0]), line(room, MON, "asleep", pupils(room)[1])]))
    out = StringIO()
    call_command("load_roll_calls", path, json=True, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    assert {key: told[key] for key in ("rows", "accepted", "rejected")} == {"rows": 2, "accepted": 1, "rejected": 1}
    assert told["seconds"] >= 0
    out = StringIO()
    call_command("load_roll_calls", path, stdout=out)
    assert "第 3 行" in out.getvalue()
    with pytest.raises(CommandError, match="没有这个文件") as missing:
        call_command("load_roll_calls", tmp_path / "none.csv")
    assert missing.value.returncode == 2
