"""Roll calls that are not there yet: asking the teachers, and after the cutoff telling the school and the bureau."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from urllib.parse import urlencode

from django.db import transaction

from apps.accounts.models import Post
from apps.attendance.models import RollCall
from apps.attendance.queries import board, rolls
from apps.attendance.queries.board import ClassDay
from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.scope import SYSTEM, Actor, Level, Scope
from apps.notices.actions import Address, Telling, settle, tell
from apps.notices.models import Notice
from apps.notices.querysets import NoticeQuerySet
from apps.notices.rules import Topic
from apps.schools.models import SchoolClass
from apps.schools.queries import policy

ROLL = "/roll/"
TIMES = ("first", "second", "asked")  # before the cutoff, after it, by somebody of the school


def key_of(class_id: int, day: date, time: str) -> str:
    """Under which key a missing roll call is told."""
    return f"roll:{class_id}:{day}:{time}"


def keys_of(class_id: int, day: date) -> list[str]:
    """All keys under which the missing roll call of a class-day may have been told."""
    return [key_of(class_id, day, time) for time in TIMES]


def key_of_place(place: str, day: date) -> str:
    """Under which key the missing roll calls of a place (a township's code, ``district``) are told in one line."""
    return f"roll:{day}:{place}"


def said(day: date) -> str:
    """The day in a sentence: it is also read tomorrow."""
    return f"{day:%-m月%-d日}"


@transaction.atomic
def chase(*, district: str, day: date, now: datetime, at: int) -> int:
    """Tell of the roll calls that are missing at ``at`` (1430 is 14:30); returns how many notices are new. Safe to repeat.

    From the first time of the policy on the head teachers hear of it; from the second on also the school, and the bureau in one line.
    〔方案二（三）3〕每个工作日15：00前。
    """
    numbers = policy(district=district, day=day)
    if at < numbers["roll_call_chase_first"]:
        return 0
    missing = missing_on(district, day)
    settle_places(missing, district=district, day=day, now=now)
    tellings = [ask_teacher(one, district, day, "first") for one in missing]
    if at >= numbers["roll_call_chase_second"]:
        tellings = [*late(missing, district, day), *in_one_line(missing, district, day)]
    return tell(tellings=tellings, day=day, now=now, by=SYSTEM)


def missing_on(district: str, day: date) -> list[ClassDay]:
    """The class-days of a district that nobody has taken."""
    return [one for one in board.class_days(scope=Scope(Level.DISTRICT, district), day=day) if one.taken_at is None]


def ask_teacher(one: ClassDay, district: str, day: date, time: str) -> Telling:
    """A word to the head teacher of a class."""
    to = Address("head_teacher", district, school=one.school_code, school_class=one.class_id)
    words = "还没有点名，请在截止前提交" if time == "first" else "没有按时点名，请尽快补交"
    return Telling(to, Topic.ROLL_MISSING, key_of(one.class_id, day, time), f"{one.label}{said(day)}{words}。", ROLL)


def late(missing: Iterable[ClassDay], district: str, day: date) -> Iterator[Telling]:
    """After the cutoff: the head teacher again, and the school."""
    for one in missing:
        yield ask_teacher(one, district, day, "second")
        for role in ("registrar", "principal"):
            to = Address(role, district, school=one.school_code)
            yield Telling(to, Topic.ROLL_MISSING, key_of(one.class_id, day, "second"), f"{one.label}{said(day)}没有按时点名。", ROLL)


def in_one_line(missing: list[ClassDay], district: str, day: date) -> Iterator[Telling]:
    """One sentence to the bureau, and one to each central school about its township."""
    if not missing:
        return
    link = f"{ROLL}?{urlencode({'day': day})}"
    yield Telling(Address("bureau", district), Topic.ROLL_MISSING, key_of_place("district", day), counted(missing, day), link)
    for township in sorted({one.township for one in missing}):
        told = counted([one for one in missing if one.township == township], day)
        yield Telling(Address("central_school", district, region=township), Topic.ROLL_MISSING, key_of_place(township, day), told, link)


def counted(missing: list[ClassDay], day: date) -> str:
    return f"{said(day)}截止时仍有 {len({one.school_code for one in missing})} 所学校的 {len(missing)} 个班没有点名。"


@transaction.atomic
def remind(*, room: SchoolClass, by: Actor, day: date, now: datetime) -> list[str]:
    """Ask the head teacher of a class, in the name of the school, to take the roll; returns who was asked.

    Refused: the roll is there, the class has no school that day, nobody holds the post, or it was asked today already.
    """
    if RollCall.objects.within(by.scope).filter(school_class=room, day=day).exists():
        raise Refused(f"{room}今天已经点过名。", code="taken")
    if why := rolls.why_no_school(room=room, day=day):
        raise Refused(f"{room}今天不上课（{why}），不需要点名。", code="no_school")
    held = Post.objects.within(by.scope).held_on(day).filter(role="head_teacher", school_class=room)
    names = list(held.order_by("pk").values_list("user__name", flat=True))
    if not names:
        raise Refused(f"{room}没有班主任在任，请代为点名，或请系统管理员安排岗位。", code="nobody")
    to = Address("head_teacher", room.school.district_code, school=room.school_id, school_class=room.pk)
    told = Telling(to, Topic.REMINDER, key_of(room.pk, day, "asked"), f"{by.name}（{by.title}）请您尽快提交{room}{said(day)}的点名。", ROLL)
    if not tell(tellings=[told], day=day, now=now, by=by):
        raise Refused(f"今天已经提醒过{room}的班主任，不重复提醒。", code="told")
    record("remind_roll", f"提醒点名：{room.school} {room}", by=by, object_kind="school_class", object_id=room.pk)
    return names


def settle_missing(*, room: SchoolClass, day: date, now: datetime) -> None:
    """The roll was taken: nobody need look at the notices that it was missing, nor at the line of a place where it was the last."""
    district = room.school.district_code
    settle(district=district, keys=keys_of(room.pk, day), now=now)
    if lines_of_places(district, day).exists():
        settle_places(missing_on(district, day), district=district, day=day, now=now)


def settle_places(missing: Iterable[ClassDay], *, district: str, day: date, now: datetime) -> None:
    """The lines of places where no roll call of a day is missing any more are over."""
    still = {key_of_place(place, day) for one in missing for place in ("district", one.township)}
    over = set(lines_of_places(district, day).values_list("key", flat=True)) - still
    if over:
        settle(district=district, keys=over, now=now)


def lines_of_places(district: str, day: date) -> NoticeQuerySet:
    """The standing lines to the bureau and to central schools about a day."""
    found: NoticeQuerySet = Notice.objects.standing().filter(district_code=district, topic=Topic.ROLL_MISSING, day=day, school=None)
    return found
