"""Taking the roll: one class-day, whoever sends it and however often; every correction is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.attendance import rules
from apps.attendance.actions.chasing import keys_of, settle_missing
from apps.attendance.actions.leaves import slips_from_roll
from apps.attendance.actions.scanning import scan
from apps.attendance.models import AbsenceRun, Mark, RollCall, RollCallChange, Seat
from apps.attendance.queries import rolls
from apps.attendance.queries.runs import write_today
from apps.attendance.queries.taking import Begun, Sheet, begin, sheet_of, write_marks
from apps.attendance.rules import MARKS_OF_ABSENCE, Code, Reason
from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.schools.models import SchoolClass

LATE_DAYS = 7  # for so long a phone keeps what it could not send (docs/decisions/0014)


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """One exception of a roll call as it was sent."""

    child_id: int
    code: str
    reason: str = ""
    note: str = ""


class Conflict(Refused):
    """Somebody else took or corrected this roll call since the page was opened; ``stored`` is what stands."""

    def __init__(self, stored: RollCall, marks: Sequence[Given]) -> None:
        last = stored.changes.filter(fills_in=False).order_by("-pk").first()
        who, at = (f"{last.by_name}（{last.by_title}）", last.at) if last else (stored.taken_title, stored.taken_at)
        what = f"{stored.day:%-m月%-d日}的{'更正' if last else '点名'}"
        super().__init__(f"{who} 已在 {timezone.localtime(at):%H:%M} 提交了{what}，您的内容没有覆盖它。", code="conflict")
        self.stored, self.marks = stored, marks


def take_roll(
    *,
    room: SchoolClass,
    day: date,
    marks: Iterable[Given],
    seen: int,
    by: Actor,
    now: datetime,
    seconds: int | None = None,
    reason: str = "",
    listed: Collection[int] | None = None,
    sheet: Sheet | None = None,
) -> RollCall:
    """Take or correct the roll of a class on a day and recompute the runs of absence it touches; ``suspected`` of what is returned says how many it
    has just made long enough.

    ``seen`` is the revision the sender saw, 0 where none was taken; ``listed`` are the pupils the sender was shown (a page may be
    hours old); ``reason`` is asked of whoever fills in or corrects an earlier day, and kept; ``sheet`` is the class on that day where the
    caller has read it. The same content twice is one roll call. Raises Refused (no school that day, a day to come, a list or a name that does
    not stand, no right to correct an earlier day) and Conflict.
    〔方案二（三）3〕每个工作日 15：00 前点名。
    """
    given = sorted(set(marks))
    sheet = sheet or sheet_of(room.pk, day=day, scope=by.scope)
    if sheet is None:
        raise Refused("这个班不归您的岗位点名。", code="scope")
    check_day(sheet.room, day, closed=rolls.why_closed(sheet.room, day), seen=seen, by=by, now=now, reason=reason)
    check_marks(given, sheet.homes, listed)
    with transaction.atomic(savepoint=False):  # nothing is refused from here on but a correction, which has its own
        taken = as_sent(sheet, given, by=by, now=now, seconds=seconds)
        begun = None if sheet.is_taken else begin(taken, children=sheet.homes, keys=keys_of(room.pk, day))
        if begun:
            taken.pk = begun.pk
            follow(taken, begun, sheet, given, by=by, now=now, reason=reason)
            return taken
    return correct(sheet, given, seen=seen, by=by, now=now, reason=reason)


def as_sent(sheet: Sheet, given: Sequence[Given], *, by: Actor, now: datetime, seconds: int | None) -> RollCall:
    """A roll call that was not taken before, not written yet."""
    return RollCall(
        school_class=sheet.room, school=sheet.room.school, district_code=sheet.room.school.district_code, day=sheet.day, expected=len(sheet.homes),
        missing=missing(given), is_late=is_late(sheet, now), seconds=seconds, taken_at=now, taken_by_id=by.user_id or None, taken_title=told(by),
    )  # fmt: skip


def follow(taken: RollCall, begun: Begun, sheet: Sheet, given: Sequence[Given], *, by: Actor, now: datetime, reason: str) -> None:
    """What a new roll call brings with it: its marks, slips, runs of absence; nobody is chased for it any more; of an earlier day it is kept
    why it was filled in."""
    today = timezone.localtime(now).date()
    write(taken, given, sheet)
    if begun.is_missed:
        settle_missing(room=sheet.room, day=taken.day, now=now)
    if reason.strip() and taken.day < today:  # one that only waited for the network has no reason
        keep_change(taken, before=[], after=given, reason=reason, by=by, now=now, fills_in=True)
    if begun.has_slips or any(is_sick(one) for one in given):
        write_slips(sheet, given, by=by, now=now)
    touched = {one.child_id for one in given if one.code not in (Code.LATE, Code.EARLY)} | set(begun.running)
    if touched and taken.day == today:
        found = write_today(district=taken.district_code, today=today, limits=sheet.since("suspected_school_days"), children=touched)
        taken.suspected = found.suspected
    elif touched:
        taken.suspected = scan(district=taken.district_code, today=today, children=touched).suspected


def is_late(sheet: Sheet, now: datetime) -> bool:
    """Whether a roll call comes after the district's cutoff, or on a later day."""
    here = timezone.localtime(now)
    return here.date() > sheet.day or rules.is_late(here.time(), cutoff=sheet.policy["roll_call_cutoff"])


def is_sick(one: Given) -> bool:
    """Whether the teacher says that a pupil is ill or was called away: that wants a slip."""
    return one.code in MARKS_OF_ABSENCE and one.reason in (Reason.SICK, Reason.PERSONAL)


def told(by: Actor) -> str:
    """Who took it, as the page says it."""
    return f"{by.name}（{by.title}）"


def missing(given: Sequence[Given]) -> int:
    """How many are not there for the whole day."""
    return sum(one.code in MARKS_OF_ABSENCE for one in given)


def check_day(room: SchoolClass, day: date, *, closed: str, seen: int, by: Actor, now: datetime, reason: str) -> None:
    """Refuse a day to come, a day without school (``closed``: why), and an earlier day where the post may not correct or says no reason.

    A teacher's roll call that had to wait for the network is no correction (``seen`` is 0, so that it overwrites nothing): it is taken late.
    """
    today = timezone.localtime(now).date()
    if day > today:
        raise Refused(f"{day:%Y年%-m月%-d日}还没有到，不能点名。", code="future")
    if closed:
        raise Refused(f"{day:%Y年%-m月%-d日}不上课（{closed}），不需要点名。", code="no_school")
    if day < today and seen == 0 and is_own(room, by) and (today - day).days <= LATE_DAYS:
        return
    if day < today and not by.may(Right.CORRECT_ROLL_CALLS):
        raise Refused("只能填写和更正今天的点名；以前的点名由学校（学籍管理员或校长）更正。", code="past")
    if day < today and not reason.strip():
        raise Refused("补填或更正以前的点名须写明原因。", code="reason")


def is_own(room: SchoolClass, by: Actor) -> bool:
    """Whether a post takes the roll of this very class."""
    return by.may(Right.TAKE_ROLL) and by.scope.level == Level.CLASS and by.scope.school_class == room.pk


def check_marks(given: Sequence[Given], expected: Collection[int], listed: Collection[int] | None = None) -> None:
    """Refuse what no honest page sends: names of other classes, two marks for one pupil, unknown codes; and a page that shows an old list."""
    children = [one.child_id for one in given]
    if len(set(children)) < len(children):
        raise Refused("同一名学生有两种情况，请只选一种。", code="twice")
    if set(children) - set(expected) or (listed is not None and set(listed) != set(expected)):
        raise Refused("名单已变动：本班今天有学生转入或离开，请核对下面的新名单后再提交。", code="list")
    if any(one.code not in set(Code) or one.reason not in {"", *Reason} for one in given):
        raise Refused("考勤情况无法识别，请刷新页面后重试。", code="code")


def stored_marks(taken: RollCall) -> list[Given]:
    """What stands for a roll call, in the order of ``Given``."""
    return sorted(Given(*row) for row in Mark.objects.filter(roll_call=taken).values_list("child_id", "code", "reason", "note"))


@transaction.atomic
def correct(sheet: Sheet, given: list[Given], *, seen: int, by: Actor, now: datetime, reason: str) -> RollCall:
    """Keep what stood and write what is sent now, where both are not the same; Conflict where the sender had not seen what stood."""
    taken: RollCall = RollCall.objects.select_for_update().get(school_class=sheet.room, day=sheet.day)
    before = stored_marks(taken)
    if before == given:
        return taken
    if taken.revision != seen:
        raise Conflict(taken, before)
    keep_change(taken, before=before, after=given, reason=reason, by=by, now=now)
    record("correct_roll_call", f"更正点名：{sheet.room} {taken.day}", by=by, object_kind="roll_call", object_id=taken.pk)
    RollCall.objects.filter(pk=taken.pk).update(revision=taken.revision + 1, missing=missing(given), expected=len(sheet.homes))
    Mark.objects.filter(roll_call=taken).delete()
    write(taken, given, sheet)
    write_slips(sheet, given, by=by, now=now)
    touched = {one.child_id for one in given}
    touched.update(AbsenceRun.objects.filter(child__in=list(sheet.homes)).exclude(ended_on__lt=taken.day).values_list("child_id", flat=True))
    if touched:
        taken.suspected = scan(district=taken.district_code, today=timezone.localtime(now).date(), children=touched).suspected
    return taken


def keep_change(
    taken: RollCall, *, before: Sequence[Given], after: Sequence[Given], reason: str, by: Actor, now: datetime, fills_in: bool = False
) -> None:
    """Keep what stood and what stands now, and why; of a day that was filled in later, that it was."""
    RollCallChange.objects.create(
        roll_call=taken, before=[listed(one) for one in before], after=[listed(one) for one in after], reason=hide_numbers(reason.strip())[:200],
        at=now, by_name=by.name, by_title=by.title, fills_in=fills_in,
    )  # fmt: skip


def listed(one: Given) -> list[str | int]:
    """A mark as it is kept in a correction."""
    return [one.child_id, one.code, one.reason, one.note]


def write(taken: RollCall, given: Iterable[Given], sheet: Sheet) -> None:
    """Write the exceptions."""
    write_marks(taken, ((one.child_id, sheet.homes[one.child_id], one.code, one.reason, one.note[:100]) for one in given))


def write_slips(sheet: Sheet, given: Iterable[Given], *, by: Actor, now: datetime) -> None:
    """Slips for whoever is ill or was called away; and what a correction or a change of class means for those of this day."""
    seats = Seat.objects.within(by.scope).on(sheet.day).filter(school_class=sheet.room, away="")
    sick = {one.child_id: one.reason for one in given if is_sick(one)}
    slips_from_roll(room=sheet.room, day=sheet.day, pupils={seat.child_id: seat for seat in seats}, sick=sick, by=by, now=now)
