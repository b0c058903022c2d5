"""Who hears of a slip that waits or is decided, of class lists that do not agree, and the early warnings, which are the school's alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.attendance.models import Leave
from apps.attendance.queries import hints
from apps.attendance.queries.seats import Moved, Seated, Waiting
from apps.core.scope import SYSTEM, Actor, Level, Scope
from apps.notices.actions import Address, Telling, settle, tell
from apps.notices.models import Notice
from apps.notices.rules import Topic
from apps.schools.models import School, SchoolClass
from apps.schools.queries import policy

SCHOOL = ("head_teacher", "principal")  # who hears of early warnings: 〔方案二（三）2〕第 3 日才报乡镇和区教体局


def key_of(leave: Leave) -> str:
    """The matter of a slip that waits."""
    return f"leave:{leave.pk}"


def tell_waiting(leaves: Sequence[Leave], *, by: Actor, now: datetime) -> None:
    """The post that has to decide hears of each slip that waits, once; what the child is ill of is not in the sentence."""
    waiting = [leave for leave in leaves if leave.state == Leave.State.ASKED]
    tellings = [
        Telling(
            address(leave.approver, leave.district_code, leave.school_class), Topic.LEAVE, key_of(leave),
            f"{leave.child.name}（{leave.school_class}）请假 {leave.school_days} 个上课日，等待您批准", link=reverse("leave_show", args=[leave.pk]),
        )
        for leave in waiting
    ]  # fmt: skip
    if tellings:
        tell(tellings=tellings, day=timezone.localtime(now).date(), now=now, by=by)


def tell_decided(leave: Leave, *, by: Actor, now: datetime) -> None:
    """Nobody need decide any more; the head teacher hears what came of it."""
    settle(district=leave.district_code, keys=[key_of(leave)], now=now)
    to = address("head_teacher", leave.district_code, leave.school_class)
    sentence = f"{leave.child.name}的请假条{leave.get_state_display()}" + (f"：{leave.decision}" if leave.decision else "")
    told = Telling(to, Topic.DECIDED, f"{key_of(leave)}:decided", sentence, link=reverse("leave_show", args=[leave.pk]))
    tell(tellings=[told], day=timezone.localtime(now).date(), now=now, by=by)


def address(role: str, district: str, room: SchoolClass) -> Address:
    """A post of a class's school: of the class itself for its head teacher."""
    return Address(role, district, school=room.school_id, school_class=room.pk if role == "head_teacher" else None)


@transaction.atomic
def warn_schools(*, district: str, by: Actor, today: date, now: datetime) -> int:
    """Tell head teachers and principals of pupils on the day before a suspected dropout, and of absences that come back like a habit.

    Township and bureau hear nothing yet. Safe to repeat; a warning whose pupil is back is settled. Returns how many are new.
    """
    scope, numbers = Scope(Level.DISTRICT, district), policy(district=district, day=today)
    tellings = [*_second_day(scope, numbers["suspected_school_days"]), *_habits(scope, today=today)]
    standing = Notice.objects.standing().filter(district_code=district, topic=Topic.SECOND_DAY)
    over = set(standing.values_list("key", flat=True)) - {one.key for one in tellings}
    if over:
        settle(district=district, keys=over, now=now)
    return tell(tellings=tellings, day=today, now=now, by=by)


def _second_day(scope: Scope, limit: int) -> Iterator[Telling]:
    for run in hints.second_day(scope, limit=limit):
        words = f"{run.child.name}（{run.school_class}）已连续 {run.school_days} 个上课日无正当理由未到校，再缺一个上课日即疑似辍学"
        link = reverse("contact_new", args=[run.child_id])
        for role in SCHOOL:
            yield Telling(
                address(role, scope.district, run.school_class), Topic.SECOND_DAY, f"second_day:{run.child_id}:{run.first_day}", words, link=link
            )


def _habits(scope: Scope, *, today: date) -> Iterator[Telling]:
    """A habit is told once a month."""
    for habit in hints.habits(scope, today=today, numbers=policy(district=scope.district, day=today)):
        for role in SCHOOL:
            yield Telling(
                address(role, scope.district, habit.room), Topic.PATTERN, f"pattern:{habit.child_id}:{today:%Y-%m}",
                f"{habit.name}（{habit.room}）：{habit.why}。提示，不是结论", link=reverse("contact_new", args=[habit.child_id]),
            )  # fmt: skip


def tell_of_seats(district: str, done: Seated, *, state: str, now: datetime) -> None:
    """The principals hear which pupils went to another school's class list, once for each ``state`` of the registers; and of each that waits,
    until it is settled: both schools, where two have it. 〔方案二（三）3〕学籍与实际在校情况相一致"""
    names = names_of(done)
    waiting = [one for each in done.waiting for one in _waiting(district, each, names)]
    tellings = [*waiting, *_gone(district, done.moved, names, state)]
    standing = Notice.objects.standing().filter(district_code=district, topic=Topic.SEAT, key__startswith=WAITS)
    over = set(standing.values_list("key", flat=True)) - {one.key for one in waiting}
    if over:
        settle(district=district, keys=over, now=now)
    if tellings:
        tell(tellings=tellings, day=timezone.localtime(now).date(), now=now, by=SYSTEM)


WAITS = "seat:"  # what the matters begin with that last until a school mends its list
NAMED = 5  # pupils that a sentence names


def names_of(done: Seated) -> dict[str, str]:
    """The schools that changed seats speak of, by code."""
    codes = {code for one in done.moved for code in (one.from_school, one.school)}
    codes |= {code for one in done.waiting for code in (one.stays_at, one.claimed_by) if code}
    return dict(School.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}


def _waiting(district: str, one: Waiting, names: dict[str, str]) -> Iterator[Telling]:
    if one.stays_at and one.claimed_by:
        key = f"{WAITS}{one.child}:{one.claimed_by}"
        ours, theirs = names[one.stays_at], names[one.claimed_by]
        here = f"{one.name}：{theirs}的在校名册里也有。该生正在缺勤或有未结个案，点名和个案暂留本校；已去该校的，请提交去掉该生的在校名册，随即转去"
        there = f"{one.name}：{ours}的名册里也有，点名暂由该校负责。确在本校就读的，请与该校核实，该校在名册中去掉后即转来"
        yield Telling(Address("principal", district, school=one.stays_at), Topic.SEAT, key, here, link=reverse("register_list"))
        yield Telling(Address("principal", district, school=one.claimed_by), Topic.SEAT, key, there, link=reverse("register_list"))
    if one.is_kept_on and one.school:
        said = f"{one.name}：名册写着休学或送教，但正在缺勤或有未结个案，仍在点名名单上；请在个案中办理手续，批准后生效"
        yield Telling(Address("principal", district, school=one.school), Topic.SEAT, f"{WAITS}{one.child}:away", said)
        yield Telling(Address("registrar", district, school=one.school), Topic.SEAT, f"{WAITS}{one.child}:away", said)


def _gone(district: str, moved: Sequence[Moved], names: dict[str, str], state: str) -> Iterator[Telling]:
    """One sentence for a school, however many went."""
    for school, rows in groupby(moved, key=lambda one: one.from_school):
        gone = list(rows)
        some = "、".join(f"{one.name}（{names[one.school]}）" for one in gone[:NAMED])
        words = f"{len(gone)} 名学生转到他校班级名单：{some}{'等' if len(gone) > NAMED else ''}。有误的请与该校核实"
        yield Telling(Address("principal", district, school=school), Topic.SEAT, f"gone:{state}", words)
