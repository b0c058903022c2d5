"""Attendance from a file: roll calls that were kept elsewhere, or on paper, brought in and corrected by later files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.attendance.actions.leaves import approver_of
from apps.attendance.actions.scanning import scan
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.layouts import CODES, staged_rows
from apps.attendance.models import Leave
from apps.attendance.queries import loading
from apps.attendance.queries.loading import LeaveDay
from apps.attendance.queries.seats import Held
from apps.attendance.rules import Reason
from apps.audit.actions import record
from apps.core.errors import RefusedFile
from apps.core.excel.container import Container
from apps.core.excel.guard import guard
from apps.core.excel.read import tables
from apps.core.ids import hide_numbers, mask
from apps.core.scope import Actor
from apps.schools.queries import policy

TITLE = "补录"  # how roll calls, corrections and leave that came by a file call themselves
MOST_TOLD = 1_000  # problems of one kind: a file that is wrong throughout is told by how many there are
GRADES = "一二三四五六七八九"
# Fault -> (column, what it is called, sentence). ``number`` is masked.
SENTENCES = {
    "date_unreadable": ("date", "日期无法识别", "日期“{said}”无法识别，请写成 2026-09-01。"),
    "class_unreadable": ("class", "班级看不出年级和班号", "班级“{said}”看不出年级和班号，请写成“七年级（1）班”或“7.1”，或另设“年级”一列。"),
    "code_unknown": ("code", "考勤无法识别", f"考勤“{{said}}”无法识别，请填 {'、'.join(CODES)} 之一。"),
    "number_missing": ("student_number", "没有号码", "没有学籍号，也没有身份证号，不知道是哪名学生，请补上一种。"),
    "number_lost": ("student_number", "号码后几位已丢失", "号码以数字格式保存，后几位已丢失。请将该列设为“文本”后重新填写。"),
    "school_unknown": ("school_code", "没有这所学校", "学校标识码“{school_code}”不在本区学校名录里，请核对。"),
    "class_unknown": ("class", "没有这个班", "学校 {school_code} 这一学年没有{room}，请按名册的班级填写，或先提交名册。"),
    "day_to_come": ("date", "日期还没有到", "{day}还没有到，不能登记考勤。"),
    "no_school": ("date", "不上课的日子", "{day}{room}不上课（周末、放假、停课或不在学期内），请核对日期；确实上课的，请先改校历。"),
    "pupil_unknown": ("student_number", "查不到这个号码", "号码 {number} 在本区名册里查不到，请核对。"),
    "not_seated": ("class", "不在这个班的名单上", "{day}这名学生（{number}）不在{room}的名单上，请核对班级和日期。"),
    "away": ("code", "已办手续不在班", "{day}这名学生（{number}）已办休学、送教等手续，不在点名之列，请核对。"),
    "two_codes": ("code", "同日两种情况", "同一名学生{day}在文件里有两种情况（另见第 {other} 行），两行都没有收下，请只留对的一行。"),
    "not_all_present": ("code", "全勤与缺勤矛盾", "{day}{room}在文件里另有缺勤、请假等行，“全勤”这一行没有收下。"),
}


@dataclass(slots=True)
class RollCallsLoaded:
    """What ``load_roll_calls`` did. rows = accepted + rejected; class-days are new, corrected or unchanged; problems are
    {row, sheet_row, column, code, message}, ``row`` counting the data rows from 1, of each kind the first MOST_TOLD; ``problem_counts`` has them all,
    by code."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    leaves: int = 0
    runs: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    problem_counts: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def load_roll_calls(*, path: Path, district: str, by: Actor, now: datetime, today: date, held: Held) -> RollCallsLoaded:
    """Take in a CSV of attendance (layouts.HEADINGS): good rows are written, the others told with their row. Raises RefusedFile.

    A class-day is taken once one good row speaks of it. The same file again changes nothing; a file that says otherwise corrects, and what
    stood is kept. Leave and sick days were decided on paper: they become approved leave. Then the runs of absence are computed anew.
    〔方案二（三）2〕〔方案二（三）3〕
    """
    seats = seat_pupils(district=district, today=today, now=now, held=held)
    rows = csv_rows(path)
    result = RollCallsLoaded()
    result.rows, result.accepted = loading.stage(district=district, today=today, rows=staged_rows(rows))
    if not result.rows:
        raise RefusedFile("文件里没有一行数据。请检查是否传错了文件。", code="no_rows")
    result.rejected = result.rows - result.accepted
    if result.rejected:
        result.problem_counts = loading.fault_counts()
        result.problems = [problem(fault) for fault in loading.faults(most=MOST_TOLD)]
    values = {"now": now, "title": TITLE, "name": by.name, "by": by.title}
    result.new, result.corrected, result.unchanged = loading.write(district=district, values=values)
    if result.new or result.corrected:
        result.leaves = write_leaves(district=district, by=by, now=now, today=today)
        sentence = f"补录考勤：新增 {result.new} 个班日，更正 {result.corrected} 个，未收 {result.rejected} 行"
        record("load_roll_calls", sentence, by=by, object_kind="roll_call", rows=result.rows, rejected=result.rejected)
    if result.new or result.corrected or any(seats):
        result.runs = scan(district=district, today=today).runs
    return result


def csv_rows(path: Path) -> Iterator[Sequence[Any]]:
    """The rows of a CSV in UTF-8, with or without its mark, or GB18030; RefusedFile for any other file."""
    facts = guard(path)
    if facts.wrapped.container is not Container.TEXT:
        raise RefusedFile("考勤补录只收 CSV 文件。请在 Excel 或 WPS 里另存为 CSV 后重新装入。", code="not_csv")
    return next(tables(path, facts.wrapped, lambda: facts)).rows


def problem(fault: dict[str, Any]) -> dict[str, Any]:
    """A row that cannot stand, in words."""
    column, _, sentence = SENTENCES[fault["fault"]]
    number = (fault["student"] or fault["resident"]).partition(":")[2]
    day: date | None = fault["day"]
    words = {
        "said": hide_numbers(fault["said"]), "school_code": fault["school_code"], "number": mask(number), "other": fault["other"],
        "room": room_said(fault["grade"], fault["class_name"]), "day": f"{day:%Y年%-m月%-d日}" if day else "",
    }  # fmt: skip
    return {
        "row": fault["row"],
        "sheet_row": fault["sheet_row"],
        "column": column,
        "code": fault["fault"],
        "message": hide_numbers(sentence.format(**words)),
    }


def room_said(grade: int | None, name: str) -> str:
    """A class as people call it."""
    return f"{GRADES[grade - 1]}年级（{name}）班" if grade and grade <= len(GRADES) else f"“{name}”班"


@dataclass(slots=True)
class Span:
    """Days of leave that follow each other."""

    first: LeaveDay
    last: LeaveDay
    school_days: int = 1


def spans(days: Sequence[LeaveDay], before: dict[tuple[str, int], dict[date, date]]) -> list[Span]:
    """Neighbouring school days of one pupil with one reason, joined. ``days`` are sorted by pupil and day."""
    found: list[Span] = []
    for day in days:
        now = found[-1] if found else None
        follows = now and (now.last.child_id, now.last.reason) == (day.child_id, day.reason)
        earlier = before.get((day.school, day.grade), {}).get(day.day)
        if now and follows and earlier and now.last.day >= earlier:
            now.last, now.school_days = day, now.school_days + 1
        else:
            found.append(Span(day, day))
    return found


def write_leaves(*, district: str, by: Actor, now: datetime, today: date) -> int:
    """Make the leave by file what the marks say: new ones approved, others grown, shrunk or withdrawn. Returns how many changed.

    〔方案二（三）2〕请假须经批准：补录的请假已在纸上批准。
    """
    touched, days = loading.leave_days(title=TITLE)
    if not touched:
        return 0
    before = loading.days_before(district=district, since=min((day.day for day in days), default=today), today=today)
    standing = {
        (leave.child_id, leave.kind, leave.first_day): leave
        for leave in Leave.objects.filter(child__in=touched, state=Leave.State.APPROVED, decision=TITLE, returned_on=None)
    }
    numbers = policy(district=district, day=timezone.localtime(now).date())
    made, changed = [], []
    for span in spans(days, before):
        facts = {"last_day": span.last.day, "school_days": span.school_days, "approver": approver_of(span.school_days, span.school_days, numbers)}
        stands = standing.pop((span.first.child_id, span.first.reason, span.first.day), None)
        if stands is None:
            made.append(leave_of(span, facts, district=district, by=by, now=now))
        elif stands.last_day != span.last.day or stands.school_days != span.school_days:
            for name, value in facts.items():
                setattr(stands, name, value)
            changed.append(stands)
    Leave.objects.bulk_create(made, batch_size=2_000)
    Leave.objects.bulk_update(changed, ["last_day", "school_days", "approver"], batch_size=2_000)
    gone = Leave.objects.filter(pk__in=[leave.pk for leave in standing.values()])
    gone.update(state=Leave.State.WITHDRAWN, decided_at=now, decided_name=by.name, decided_title=by.title)
    return len(made) + len(changed) + len(standing)


def leave_of(span: Span, facts: dict[str, Any], *, district: str, by: Actor, now: datetime) -> Leave:
    """An approved leave as the paper said it; its number stands on the paper."""
    last = span.last
    return Leave(
        child_id=last.child_id, district_code=district, township_code=last.township_code, village_code=last.village_code, school_id=last.school,
        school_class_id=last.school_class, kind=last.reason, first_day=span.first.day, facts=f"{TITLE}：{Reason[last.reason.upper()].label}",
        state=Leave.State.APPROVED, asked_at=now, asked_name=by.name, asked_title=by.title, decided_at=now, decided_name=by.name,
        decided_title=by.title, decision=TITLE, **facts,
    )  # fmt: skip
