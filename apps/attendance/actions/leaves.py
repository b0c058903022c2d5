"""Leave slips: asked for with facts, decided by whom the length says, closed by the pupil's return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.attendance import rules
from apps.attendance.actions.scanning import scan
from apps.attendance.models import Leave, Seat
from apps.attendance.queries import rolls
from apps.attendance.rules import Reason
from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.schools.models import SchoolClass
from apps.schools.policy import Policy
from apps.schools.queries import policy

State = Leave.State
RANK = {"head_teacher": 1, "registrar": 2, "principal": 3}  # 班主任, 教务 (the registrar), 校长
LABELS = {"head_teacher": "班主任", "registrar": "教务（学籍管理员）", "principal": "校长"}


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on a leave slip."""

    kind: str
    first_day: date
    last_day: date
    facts: str
    guardian_name: str = ""
    guardian_phone: str = ""


@transaction.atomic
def ask_leave(*, seat: Seat, slip: Slip, by: Actor, now: datetime) -> Leave:
    """Enter a leave slip; one that the asker's own post may approve is approved at once. Recomputes the pupil's runs of absence.

    Raises Refused: dates that run backwards, no school day between them, another leave on these days, no facts.
    〔方案二（三）2〕请假须有事由、有审批；分级见 ``rules.who_approves``。
    """
    days = check_slip(seat, slip)
    numbers = policy(district=seat.district_code, day=slip.first_day)
    approver = approver_of(len(days) + days_just_before(seat, slip.first_day), numbers)
    mine = RANK.get(by.role, 0) >= RANK[approver]
    made = Leave.objects.create(
        **place(seat), number=next_number(seat, slip.first_day), kind=slip.kind, first_day=slip.first_day, last_day=slip.last_day,
        school_days=len(days), facts=slip.facts.strip(), guardian_name=slip.guardian_name, guardian_phone=slip.guardian_phone,
        state=State.APPROVED if mine else State.ASKED, approver=approver, asked_at=now, asked_name=by.name, asked_title=by.title,
        decided_at=now if mine else None, decided_name=by.name if mine else "", decided_title=by.title if mine else "",
    )  # fmt: skip
    record(
        "ask_leave",
        f"登记请假 {slip.first_day}—{slip.last_day}，{len(days)} 个上课日",
        by=by,
        object_kind="leave",
        object_id=made.pk,
        child_id=seat.child_id,
    )
    rescan(made, now)
    return made


def check_slip(seat: Seat, slip: Slip) -> list[date]:
    """The school days of a slip; Refused where the slip cannot stand."""
    if slip.last_day < slip.first_day:
        raise Refused("请假的结束日期早于开始日期，请改正。", code="dates")
    if not slip.facts.strip():
        raise Refused("请写明请假事由。", code="facts")
    days = rolls.school_days(room=seat.school_class, first=slip.first_day, last=slip.last_day)
    if not days:
        raise Refused("这几天都不上课，不需要请假。", code="no_school")
    other = Leave.objects.filter(
        child_id=seat.child_id, state__in=[State.ASKED, State.APPROVED], first_day__lte=slip.last_day, last_day__gte=slip.first_day, returned_on=None
    ).first()
    if other:
        raise Refused(
            f"{other.first_day:%-m月%-d日}至{other.last_day:%-m月%-d日}已有请假条（{other.get_state_display()}），日期不能重叠。", code="overlap"
        )
    return days


def place(seat: Seat) -> dict[str, object]:
    """The place columns of a row about the pupil in a seat."""
    return {
        "child_id": seat.child_id, "district_code": seat.district_code, "township_code": seat.township_code, "village_code": seat.village_code,
        "school_id": seat.school_id, "school_class_id": seat.school_class_id,
    }  # fmt: skip


def approver_of(school_days: int, numbers: Policy) -> str:
    """Who may approve so many days, by the district's numbers."""
    return rules.who_approves(school_days, head_teacher_days=numbers["leave_head_teacher_days"], office_days=numbers["leave_office_days"])


def days_just_before(seat: Seat, first_day: date) -> int:
    """School days of the leave that ends on the school day before: slips of one day each are one long leave to who approves it."""
    before = rolls.last_school_day(room=seat.school_class, before=first_day)
    total = 0
    while before and (
        found := Leave.objects.filter(
            child_id=seat.child_id, state=State.APPROVED, returned_on=None, first_day__lte=before, last_day__gte=before
        ).first()
    ):
        total += found.school_days
        before = rolls.last_school_day(room=seat.school_class, before=found.first_day)
    return total


def next_number(seat: Seat, day: date) -> str:
    """The next number of a school's slips in a year: 假〔2026〕12号."""
    head = f"假〔{day.year}〕"
    last = Leave.objects.filter(school_id=seat.school_id, number__startswith=head).count()
    return f"{head}{last + 1}号"


@transaction.atomic
def decide_leave(*, leave: Leave, is_approved: bool, words: str, by: Actor, now: datetime) -> Leave:
    """Approve or refuse a leave that waits; Refused where the post may not decide so many days or somebody decided already."""
    if RANK.get(by.role, 0) < RANK[leave.approver]:
        raise Refused(f"这张请假条共 {leave.school_days} 个上课日，须由{LABELS[leave.approver]}批准。", code="rank")
    if not is_approved and not words.strip():
        raise Refused("不批准请写明理由，班主任要据此答复家长。", code="words")
    state = State.APPROVED if is_approved else State.REFUSED
    decided = {"state": state, "decided_at": now, "decided_name": by.name, "decided_title": by.title, "decision": words.strip()[:200]}
    if not Leave.objects.filter(pk=leave.pk, state=State.ASKED).update(**decided):
        leave.refresh_from_db()
        raise Refused(f"这张请假条已由{leave.decided_name}处理：{leave.get_state_display()}。", code="state")
    leave.refresh_from_db()
    record("decide_leave", f"{leave.get_state_display()}请假 {leave.number}", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)
    rescan(leave, now)
    return leave


@transaction.atomic
def return_from_leave(*, leave: Leave, on: date, by: Actor, now: datetime) -> Leave:
    """销假: the pupil is back from a day on. Refused before the leave begins, for a day to come, or twice."""
    if on < leave.first_day:
        raise Refused("返校日期早于请假开始日期，请改正。", code="dates")
    if on > timezone.localtime(now).date():
        raise Refused("返校日期还没有到，请在学生返校当天销假。", code="future")
    if not Leave.objects.filter(pk=leave.pk, state=State.APPROVED, returned_on=None).update(returned_on=on, returned_at=now):
        raise Refused("这张请假条没有批准，或已经销假。", code="state")
    leave.refresh_from_db()
    record("return_from_leave", f"销假 {leave.number}，{on} 返校", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)
    rescan(leave, now)
    return leave


@transaction.atomic
def withdraw_leave(*, leave: Leave, by: Actor, now: datetime) -> Leave:
    """Take back a slip that nobody decided yet."""
    if not Leave.objects.filter(pk=leave.pk, state=State.ASKED).update(
        state=State.WITHDRAWN, decided_at=now, decided_name=by.name, decided_title=by.title
    ):
        raise Refused("这张请假条已经处理，不能撤回。", code="state")
    leave.refresh_from_db()
    record("withdraw_leave", f"撤回请假 {leave.number}", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)
    return leave


def rescan(leave: Leave, now: datetime) -> None:
    """The runs of the pupil, anew."""
    scan(district=leave.district_code, today=timezone.localtime(now).date(), children=[leave.child_id])


def slips_from_roll(*, room: SchoolClass, day: date, sick: Sequence[tuple[Seat, str]], by: Actor, now: datetime) -> None:
    """A pupil marked 病假 or 事假 without a slip gets one for that day: within the teacher's own days it holds, beyond it waits.

    Until somebody decides it, such a day counts as absence without leave: writing 病假 day after day silences nothing.
    """
    if not sick:
        return
    children = [seat.child_id for seat, _ in sick]
    standing = Leave.objects.filter(child__in=children, state__in=[State.ASKED, State.APPROVED], returned_on=None)
    covered = set(standing.filter(first_day__lte=day, last_day__gte=day).values_list("child_id", flat=True))
    before = rolls.last_school_day(room=room, before=day)
    waiting = {leave.child_id: leave for leave in standing.filter(state=State.ASKED, last_day=before)} if before else {}
    for seat, reason in sick:
        if seat.child_id in covered:
            continue
        if seat.child_id in waiting:
            longer(waiting[seat.child_id], seat, day)
        else:
            ask_leave(
                seat=seat, slip=Slip(kind=reason, first_day=day, last_day=day, facts=f"点名时登记：{Reason[reason.upper()].label}"), by=by, now=now
            )


def longer(waiting: Leave, seat: Seat, day: date) -> None:
    """A slip that waits grows by a day, and with it who must approve it."""
    total = waiting.school_days + 1 + days_just_before(seat, waiting.first_day)
    approver = approver_of(total, policy(district=waiting.district_code, day=day))
    Leave.objects.filter(pk=waiting.pk, state=State.ASKED).update(last_day=day, school_days=waiting.school_days + 1, approver=approver)
