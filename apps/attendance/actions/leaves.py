"""Leave slips: asked for with facts, decided by whom the length says, closed by the pupil's return."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.attendance import rules
from apps.attendance.actions.scanning import scan
from apps.attendance.actions.telling import key_of, tell_decided, tell_waiting
from apps.attendance.models import AbsenceRun, Leave, LeaveProof, Seat
from apps.attendance.queries import rolls
from apps.attendance.queries.excuses import numbers_of
from apps.attendance.rules import Reason
from apps.audit.actions import event, record, record_all
from apps.core.errors import Fault, Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile, keep, prepared, proof_path
from apps.core.scope import Actor
from apps.notices.actions import settle
from apps.schools.models import School, SchoolClass
from apps.schools.policy import Policy
from apps.schools.queries import policy
from apps.schools.rules import term_of

State = Leave.State
RANK = {"head_teacher": 1, "registrar": 2, "principal": 3}  # 班主任, 教务 (the registrar), 校长
AROUND = 120  # days before and after a slip in which those that adjoin it are looked for: more than any number of days a school may approve
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
    left_at: datetime | None = None


@transaction.atomic
def ask_leave(*, seat: Seat, slip: Slip, by: Actor, now: datetime, proofs: Sequence[ProofFile] = ()) -> Leave:
    """Enter a leave slip; one that the asker's own post may approve is approved at once. Recomputes the pupil's runs of absence.

    Raises Refused: dates that run backwards, no school day between them, another leave on these days, no facts, a proof that is none.
    〔方案二（三）2〕请假须有事由、有审批；分级见 ``rules.who_approves``。
    """
    hold([seat])
    days = check_slip(seat, slip)
    numbers = policy(district=seat.district_code, day=slip.first_day)
    approver = approvers(seat.school_class, {seat.child_id: Asked(slip.first_day, slip.last_day, len(days))}, numbers)[seat.child_id]
    made = written(seat, slip, school_days=len(days), approver=approver, by=by, now=now)
    (made.number,) = next_numbers(school=seat.school_id, year=slip.first_day.year, many=1)
    made.save(force_insert=True)
    keep_proofs(made, proofs, by=by, now=now)
    record("ask_leave", asked_words(made), by=by, object_kind="leave", object_id=made.pk, child_id=seat.child_id)
    tell_waiting([made], by=by, now=now)
    rescan(made, now)
    return made


def hold(seats: Sequence[Seat]) -> None:
    """Nobody else enters a slip for these pupils until this transaction ends: two at once would not see each other's days."""
    found = Seat.objects.filter(child__in=members(numbers_of([seat.child_id for seat in seats])))  # of earlier classes too: one pupil, one lock
    list(found.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def written(seat: Seat, slip: Slip, *, school_days: int, approver: str, by: Actor, now: datetime, from_roll: bool = False) -> Leave:
    """A leave slip as it is stored, not stored yet and without its number; approved at once where the asker's own post may. Of a slip from the
    roll nobody has seen a word or a proof: it holds at once only within a head teacher's own days, whoever takes the roll."""
    mine = RANK.get(by.role, 0) >= RANK[approver] and (approver == "head_teacher" or not from_roll)
    return Leave(
        **place(seat), kind=slip.kind, first_day=slip.first_day, last_day=slip.last_day, school_days=school_days,
        facts=hide_numbers(slip.facts.strip()), guardian_name=hide_numbers(slip.guardian_name), guardian_phone=hide_numbers(slip.guardian_phone),
        left_at=slip.left_at, is_from_roll=from_roll, state=State.APPROVED if mine else State.ASKED, approver=approver, asked_at=now,
        asked_name=by.name, asked_title=by.title, decided_at=now if mine else None, decided_name=by.name if mine else "",
        decided_title=by.title if mine else "",
    )  # fmt: skip


def asked_words(leave: Leave) -> str:
    """What the log says of a new slip."""
    return f"登记请假 {leave.first_day}—{leave.last_day}，{leave.school_days} 个上课日"


def keep_proofs(leave: Leave, proofs: Sequence[ProofFile], *, by: Actor, now: datetime) -> None:
    """Store the files of a slip, all or none."""
    for proof in [prepared(one) for one in proofs]:
        LeaveProof.objects.create(leave=leave, created_title=by.title, created_at=now, **asdict(keep(proof)))


@transaction.atomic
def add_proofs(*, leave: Leave, proofs: Sequence[ProofFile], by: Actor, now: datetime) -> None:
    """Bring proof for a slip that is there already, as those the roll call wrote. Refused for a slip that is refused or taken back."""
    if leave.state not in (State.ASKED, State.APPROVED):
        raise Refused("这张请假条已经作废，不能再补证明；请重新开请假条。", code="state")
    if not proofs:
        raise Refused("请选择证明的照片或 PDF。", code="empty")
    keep_proofs(leave, proofs, by=by, now=now)
    record("add_leave_proof", f"补交请假证明 {leave.number}", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)


def open_proof(*, proof: LeaveProof, by: Actor) -> bytes | None:
    """The content of a file of proof, and a line in the log that this post took it; None where the file is gone.

    〔个人信息保护法 第二十八条〕医疗健康属敏感个人信息。"""
    path = proof_path(proof.stored_name)
    if not path.is_file():
        return None
    leave = proof.leave
    record("open_leave_proof", f"下载请假证明 {leave.number}", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)
    return path.read_bytes()


def check_slip(seat: Seat, slip: Slip) -> list[date]:
    """The school days of a slip; Refused where the slip cannot stand."""
    days, faults = looked_at(seat, slip)
    for fault in faults:
        raise fault.refused()
    return days


def looked_at(seat: Seat, slip: Slip) -> tuple[list[date], list[Fault]]:
    """The school days of a slip, and all that is wrong with it; of dates that run backwards or over two terms no days are counted."""
    found = []
    if slip.last_day < slip.first_day:
        found.append(Fault("last_day", "dates", "请假的结束日期早于开始日期，请改正。"))
    if not slip.facts.strip():
        found.append(Fault("facts", "facts", "请写明请假事由。"))
    if slip.first_day <= slip.last_day and term_of(slip.first_day) != term_of(slip.last_day):
        found.append(Fault("last_day", "term", "一张请假条不能跨学期：请写到本学期末为止，下学期再请；长期不能到校的，应办休学。"))
    if slip.left_at and not slip.first_day - timedelta(rolls.LONGEST_HOLIDAY) <= timezone.localtime(slip.left_at).date() <= slip.last_day:
        found.append(Fault("left_at", "left", "离校时间和请假日期对不上，请改正；还没有离校的不用填。"))
    if any(fault.field == "last_day" for fault in found):
        return [], found
    days = rolls.school_days(room=seat.school_class, first=slip.first_day, last=slip.last_day)
    if not days:
        found.append(Fault("first_day", "no_school", "这几天都不上课，不需要请假。"))
    if other := standing(seat).filter(first_day__lte=slip.last_day, last_day__gte=slip.first_day).first():
        span = f"{other.first_day:%-m月%-d日}至{other.last_day:%-m月%-d日}"
        found.append(Fault("first_day", "overlap", f"{span}已有请假条（{other.get_state_display()}），日期不能重叠。"))
    return days, found


def standing(seat: Seat) -> QuerySet[Leave]:
    """The slips of a pupil, under all its numbers, that hold or wait."""
    return Leave.objects.filter(child__in=numbers_of([seat.child_id])[seat.child_id], state__in=[State.ASKED, State.APPROVED], returned_on=None)


def place(seat: Seat) -> dict[str, object]:
    """The place columns of a row about the pupil in a seat."""
    return {
        "child_id": seat.child_id, "district_code": seat.district_code, "township_code": seat.township_code, "village_code": seat.village_code,
        "school_id": seat.school_id, "school_class_id": seat.school_class_id,
    }  # fmt: skip


def approver_of(school_days: int, lately: int, numbers: Policy) -> str:
    """Who may approve so many days, and so many with those of the last weeks, by the district's numbers."""
    return rules.who_approves(
        school_days, head_teacher_days=numbers["leave_head_teacher_days"], office_days=numbers["leave_office_days"], lately=lately,
        most=numbers["leave_window_most"],
    )  # fmt: skip


class Asked(NamedTuple):
    """The days of a slip that is entered or grows."""

    first: date
    last: date
    school_days: int


def approvers(room: SchoolClass, asked: dict[int, Asked], numbers: Policy) -> dict[int, str]:
    """Child -> who must approve its slip, for pupils of one class: by its days and those beside it together, and by those of the last weeks; the
    principal where a day of it lies in a run of absence that made the pupil a suspected dropout, also in one that is over: a day taken out of it
    would undo the report.

    〔方案二（三）2〕已列为疑似辍学的，事后补假不能由班主任自行批准。
    """
    if not asked:
        return {}
    family = numbers_of(asked)
    around = days_around(room, asked, family, window=numbers["leave_window_days"])
    runs = list(AbsenceRun.objects.suspected().filter(child__in=members(family)).values_list("child_id", "first_day", "last_day"))
    struck = {
        child for child, slip in asked.items() for one, first, last in runs if one in family[child] and first <= slip.last and last >= slip.first
    }
    told = {}
    for child, slip in asked.items():
        beside, lately = around[child]
        told[child] = "principal" if child in struck else approver_of(slip.school_days + beside, slip.school_days + lately, numbers)
    return told


def members(family: dict[int, list[int]]) -> set[int]:
    """All numbers of all children."""
    return {number for numbers in family.values() for number in numbers}


def days_around(room: SchoolClass, asked: dict[int, Asked], family: dict[int, list[int]], *, window: int) -> dict[int, tuple[int, int]]:
    """Child -> school days of leave, approved or waiting, that adjoin its slip on either side, and those among the ``window`` before or after it, for
    pupils of one class.

    A slip that was closed counts up to the day of return: closing it every evening makes no shorter leave of it.
    """
    begin, end = min(slip.first for slip in asked.values()) - timedelta(AROUND), max(slip.last for slip in asked.values()) + timedelta(AROUND)
    slips = Leave.objects.filter(child__in=members(family), state__in=[State.ASKED, State.APPROVED], first_day__lte=end, last_day__gte=begin)
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for child, one, last, back in slips.values_list("child_id", "first_day", "last_day", "returned_on"):
        spans[child].append((one, min(last, back - timedelta(1)) if back else last))
    days = rolls.school_days(room=room, first=begin, last=end) if spans else []
    around = {}
    for child, slip in asked.items():
        covered = {d for d in days for number in family[child] for one, last in spans.get(number, ()) if one <= d <= last}
        beside = rules.days_beside(slip.first, slip.last, covered=covered, school_days=days)
        around[child] = beside, rules.days_lately(slip.first, slip.last, covered=covered, school_days=days, window=window)
    return around


def next_numbers(*, school: str, year: int, many: int) -> list[str]:
    """The next numbers of a school's slips in a year: 假〔2026〕12号. Whoever asks at the same time waits until this transaction ends."""
    School.objects.select_for_update(no_key=True).get(pk=school)
    head = f"假〔{year}〕"
    used = Leave.objects.filter(school_id=school, number__startswith=head).count()  # slips are never deleted
    return [f"{head}{used + n}号" for n in range(1, many + 1)]


@transaction.atomic
def decide_leave(*, leave: Leave, is_approved: bool, words: str, by: Actor, now: datetime, read_until: date | None = None) -> Leave:
    """Approve or refuse a leave that waits; Refused where the post may not decide so many days or somebody decided already, and where the slip
    ends on another day now than on the page that was read (``read_until``)."""
    if RANK.get(by.role, 0) < RANK[leave.approver]:
        raise Refused(f"这张请假条共 {leave.school_days} 个上课日，须由{LABELS[leave.approver]}批准。", code="rank")
    if not is_approved and not words.strip():
        raise Refused("不批准请写明理由，班主任要据此答复家长。", code="words")
    state = State.APPROVED if is_approved else State.REFUSED
    decided = {"state": state, "decided_at": now, "decided_name": by.name, "decided_title": by.title, "decision": hide_numbers(words.strip())[:200]}
    as_read = Leave.objects.filter(pk=leave.pk, approver=leave.approver, last_day=read_until or leave.last_day)  # it may grow with the roll
    if not as_read.filter(state=State.ASKED).update(**decided):
        leave.refresh_from_db()
        if leave.state == State.ASKED:
            now_said = f"{leave.last_day:%-m月%-d日}，共 {leave.school_days} 个上课日，由{LABELS[leave.approver]}批准"
            raise Refused(f"这张请假条刚刚随点名变了：现在到{now_said}。请核对后再处理。", code="changed")
        raise Refused(f"这张请假条已由{leave.decided_name}处理：{leave.get_state_display()}。", code="state")
    leave.refresh_from_db()
    record("decide_leave", f"{leave.get_state_display()}请假 {leave.number}", by=by, object_kind="leave", object_id=leave.pk, child_id=leave.child_id)
    tell_decided(leave, by=by, now=now)
    rescan(leave, now)
    return leave


@transaction.atomic
def return_from_leave(*, leave: Leave, on: date, by: Actor, now: datetime, at: time | None = None) -> Leave:
    """销假: the pupil is back from a day on, ``at`` an hour where that is known. Refused before the leave begins, for a time to come, or twice."""
    if on < leave.first_day:
        raise Refused("返校日期早于请假开始日期，请改正。", code="dates")
    if on > timezone.localtime(now).date():
        raise Refused("返校日期还没有到，请在学生返校当天销假。", code="future")
    back = timezone.make_aware(datetime.combine(on, at)) if at else None
    if back and back > now:
        raise Refused("返校时间还没有到，请在学生返校后销假。", code="future")
    if not Leave.objects.filter(pk=leave.pk, state=State.APPROVED, returned_on=None).update(returned_on=on, returned_at=back):
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
    settle(district=leave.district_code, keys=[key_of(leave)], now=now)
    return leave


def rescan(leave: Leave, now: datetime) -> None:
    """The runs of the pupil, anew."""
    scan(district=leave.district_code, today=timezone.localtime(now).date(), children=[leave.child_id])


def slips_from_roll(*, room: SchoolClass, day: date, pupils: dict[int, Seat], sick: dict[int, str], by: Actor, now: datetime) -> None:
    """A pupil marked 病假 or 事假 (``sick``: child -> reason) without a slip gets one for that day: within the teacher's own days it
    holds, beyond it waits; a slip of this day alone is taken back, or is of the other kind, when the roll is corrected.

    Until somebody decides it, such a day counts as absence without leave: writing 病假 day after day silences nothing.
    """
    if sick:
        hold([pupils[child] for child in sick])
    mine = Leave.objects.filter(child__in=list(pupils), state__in=[State.ASKED, State.APPROVED], returned_on=None)
    today = mine.filter(first_day__lte=day, last_day__gte=day)
    follow_correction(today.filter(is_from_roll=True, last_day=day), room=room, day=day, sick=sick, by=by, now=now)
    uncovered = not_covered(sick, day=day)
    if not uncovered:
        return
    numbers = policy(district=room.school.district_code, day=day)
    before = rolls.last_school_day(room=room, before=day)
    waiting = mine.filter(child__in=uncovered, state=State.ASKED, is_from_roll=True, last_day=before)
    grown = longer(waiting, room=room, day=day, sick=sick, numbers=numbers)
    new = sorted(uncovered - {slip.child_id for slip in grown})
    approver = approvers(room, dict.fromkeys(new, Asked(day, day, 1)), numbers)
    made = [
        written(
            pupils[child], Slip(sick[child], day, day, said_by_roll(sick[child])),
            school_days=1, approver=approver[child], by=by, now=now, from_roll=True,
        )
        for child in new
    ]  # fmt: skip
    for leave, number in zip(made, next_numbers(school=room.school_id, year=day.year, many=len(made)), strict=True):
        leave.number = number
    Leave.objects.bulk_create(made)
    tell_waiting([*grown, *made], by=by, now=now)
    record_all(event("ask_leave", asked_words(one), by=by, object_kind="leave", object_id=one.pk, child_id=one.child_id) for one in made)


def not_covered(children: Collection[int], *, day: date) -> set[int]:
    """Those who have no leave, approved or waiting, on a day, under any of their numbers."""
    if not children:
        return set()
    family = numbers_of(children)
    standing = Leave.objects.filter(child__in=members(family), state__in=[State.ASKED, State.APPROVED], returned_on=None)
    covered = set(standing.filter(first_day__lte=day, last_day__gte=day).values_list("child_id", flat=True))
    return {child for child in children if covered.isdisjoint(family[child])}


def said_by_roll(kind: str) -> str:
    """The facts of a slip that a roll call wrote."""
    return f"点名时登记：{Reason[kind.upper()].label}"


def follow_correction(slips: QuerySet[Leave], *, room: SchoolClass, day: date, sick: dict[int, str], by: Actor, now: datetime) -> None:
    """Slips of the roll that end on a day whose roll call says otherwise now: of this day alone they are void, or of the other kind; those that
    wait and had grown by that day are shorter again."""
    found = [slip for slip in slips if slip.kind != sick.get(slip.child_id)]
    before = rolls.last_school_day(room=room, before=day) if any(slip.first_day < day for slip in found) else None
    alone, grown = ([slip for slip in found if (before is None or slip.first_day > before) is one] for one in (True, False))
    take_back([slip for slip in alone if slip.child_id not in sick], grown, before=before, by=by, now=now)
    changed = [slip for slip in alone if slip.child_id in sick]
    for slip in changed:
        slip.kind = sick[slip.child_id]
        slip.facts = said_by_roll(slip.kind)
    if changed:
        Leave.objects.bulk_update(changed, ["kind", "facts"])
        told = (event("change_leave", f"点名更正，请假 {one.number} 改为{one.get_kind_display()}", by=by, object_kind="leave", object_id=one.pk,
                      child_id=one.child_id) for one in changed)  # fmt: skip
        record_all(told)


def take_back(void: Sequence[Leave], grown: Sequence[Leave], *, before: date | None, by: Actor, now: datetime) -> None:
    """Slips that a corrected roll call made void, and those that wait and had grown by that day: they end the school day ``before`` again."""
    told = {"state": State.WITHDRAWN, "decided_at": now, "decided_name": by.name, "decided_title": by.title, "decision": "点名已更正"}
    if void:
        Leave.objects.filter(pk__in=[slip.pk for slip in void]).update(**told)
        settle(district=void[0].district_code, keys=[key_of(slip) for slip in void], now=now)
    if grown:
        waiting = Leave.objects.filter(pk__in=[slip.pk for slip in grown], state=State.ASKED, school_days__gt=1)
        waiting.update(last_day=before, school_days=F("school_days") - 1)


def longer(waiting: QuerySet[Leave], *, room: SchoolClass, day: date, sick: dict[int, str], numbers: Policy) -> list[Leave]:
    """Slips of the roll that wait grow by a day of the same kind, and with it who must approve them."""
    found = waiting.select_related("child", "school_class").select_for_update(of=("self",))
    slips = [slip for slip in found if slip.kind == sick[slip.child_id]]
    approver = approvers(room, {slip.child_id: Asked(slip.first_day, day, slip.school_days + 1) for slip in slips}, numbers)
    for slip in slips:
        slip.last_day, slip.school_days, slip.approver = day, slip.school_days + 1, approver[slip.child_id]
    Leave.objects.bulk_update(slips, ["last_day", "school_days", "approver"])
    return slips
