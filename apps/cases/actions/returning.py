"""Back at school: which school takes the child in, registered there again, gone again before it counts, counted as returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.attendance.actions.seating import seat_by_hand
from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.assigning import begin_if_ready
from apps.cases.actions.moving import move
from apps.cases.actions.writing import hold, write
from apps.cases.models import Case, CaseEntry, Placement, Proposal, Return
from apps.cases.queries.facts import facts_of
from apps.cases.queries.persuading import lost_on
from apps.cases.queries.presence import presence
from apps.cases.queries.teaching import last_lessons
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.proofs import ProofFile
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date
from apps.schools.models import School, SchoolClass
from apps.schools.rules import stage_of_grade
from apps.students.models import Child

BEFORE_RETURN = frozenset({State.CONFIRMED, State.REOPENED, State.PERSUADING})  # it may come back before anybody was charged with it


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration: from which day, in which class (None: taught at home, no class expects it), what there is to say, files of proof."""

    on: date
    room: SchoolClass | None = None
    text: str = ""
    files: Sequence[ProofFile] = field(default_factory=tuple)


def person(case: Case) -> Child:
    """The child of a case, or the one it was merged into: whose seat it is."""
    found: Child = Child.objects.standing_for(case.child_id).get()
    return found


@transaction.atomic
def name_school(*, case: Case, school: School, text: str, by: Actor, now: datetime) -> CaseEntry:
    """Say which school takes the child in; its people see the case from now on. Refused: another district's school, one that is closed, the
    school that has the case already, a case that is not on the way back. 〔方案二（三）2〕乡镇主体劝返责任；〔方案二（五）〕接收学校"""
    if case.standing not in BEFORE_RETURN:
        raise Refused(f"“{case.standing.label}”的个案不能安排接收学校。", code="state")
    if school.district_code != case.district_code or not school.is_open:
        raise Refused("请选择本区在办的学校。", code="school")
    if school.pk == case.school_id:
        raise Refused(f"{school.name}已经是这件个案的学校。", code="twice")
    if Return.objects.filter(case=case, ended_on=None).exists():
        raise Refused("已在学校登记复学注册；确需改到别的学校，请学校先登记再次离校。", code="state")
    if not Case.objects.filter(pk=case.pk, state=case.state, school_id=case.school_id).update(school_id=school.pk, school_class_id=None):
        raise Refused("个案刚刚有人办理过，请刷新后查看。", code="state")
    before = case.school
    said = f"安排接收学校：{school.name}" + (f"（原为{before.name}）" if before else "") + f"。{text}"
    entry = write(case=case, kind=CaseEntry.Kind.ASSIGNED, text=said, by=by, now=now, school=school.pk)
    done(case, "name_school", f"安排接收学校：{school.name}", by=by, now=now)
    begin_if_ready(case=case, by=by, now=now)  # its headmaster and teachers may have been the last ones to be known
    return entry


@transaction.atomic
def register_return(*, case: Case, registered: Registered, by: Actor, now: datetime) -> Return:
    """The child is on the roll of a school again. It gets a seat in its class, so that the roll calls ask for it: the days present are counted
    by them from that day on, never typed. Refused: a case that is not on the way back, another school, a day that cannot be, twice.

    No registration lies before the child was confirmed as lost (or lost again). A suspected child that is back in class is no return but 已排除,
    with two signatures (DOMAIN §4); was it back before the confirmation was written and nobody said so, the case goes the whole way: registered on
    that day at the earliest, the days it came before told in words, its days present counted from there. 〔方案二（三）4〕劝返复学。"""
    today = timezone.localtime(now).date()
    hold(case)
    school = check_registration(case, registered, today=today)
    room = registered.room
    since = fruitless_since(case, today=today)
    said = f"登记复学注册：{case.school}{f' {room}' if room else ''}，{cn_date(registered.on)}注册。"
    if since:
        said += f"此前注册后一天没来，期限仍自{cn_date(since)}起算。"
    if room:
        said += counted_from(seat_by_hand(child=person(case), room=room, today=today, now=now).first_day)
    entry = write(
        case=case, kind=CaseEntry.Kind.NOTE, text=said + registered.text, by=by, now=now, on=registered.on, progress=True, files=registered.files,
        label="复学注册", counts_on=since,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made: Return = Return.objects.create(
                case=case, entry=entry, school=school, school_class=room, registered_on=registered.on, by_name=by.name, by_title=by.title
            )
    except IntegrityError as twice:
        raise Refused("已登记复学注册。", code="twice") from twice
    Case.objects.filter(pk=case.pk).update(school_class=room, **({"stage": stage_of_grade(room.grade)} if room else {}))
    done(case, "register_return", "登记复学注册", by=by, now=now)
    return made


def counted_from(day: date) -> str:
    """From when on the days present count, in words."""
    return f"该生自{cn_date(day)}起在班级点名名单上，到校天数按点名计。"


def fruitless_since(case: Case, *, today: date) -> date | None:
    """The day of the earlier registration of this round after which nobody has seen the child learn: another one brings no new time. None where
    there is none, or the child came since, or was exempted since: then it lawfully stayed away. 〔方案二（三）4〕劝返复学以到校为准，不因重新登记而重新起算"""
    last = Return.objects.filter(case=case, registered_on__gte=lost_on(case)[1]).select_related("entry").order_by("pk").last()
    exempted = Proposal.objects.filter(case=case, kind=Kind.EXEMPT.value, verdict=Proposal.Verdict.AGREED)
    if last is None or exempted.filter(decided_at__gte=last.entry.written_at).exists():
        return None
    came = presence({case.pk: last.counts_on}, today=today).get(case.pk, (0, 0))[1]
    taught = last_lessons([case.pk]).get(case.pk)
    return None if came or (taught and taught >= last.counts_on) else last.counts_on


def check_registration(case: Case, registered: Registered, *, today: date) -> School:
    """The school that registers the child; Refused with a sentence where that cannot be."""
    if case.standing not in BEFORE_RETURN:
        raise Refused(f"“{case.standing.label}”的个案不登记复学注册。", code="state")
    if case.school is None:
        raise Refused("还没有接收学校，请乡镇或区教体局先安排。", code="school")
    if registered.room and registered.room.school_id != case.school_id:
        raise Refused("请选择本校的班级。", code="room")
    check_day(case, registered.on, today=today)
    last = Return.objects.filter(case=case, ended_on__gt=registered.on).order_by("ended_on").last()
    if last:
        raise Refused(f"{cn_date(last.ended_on)}登记过再次离校，注册日不能更早。", code="on")
    return case.school


def check_day(case: Case, on: date, *, today: date) -> None:
    """A registration lies between the day on which the child was known to be lost, in this round of its case, and today."""
    word, begun = lost_on(case)
    if on > today:
        raise Refused("注册日还没有到，请在注册后登记。", code="on")
    if on < begun:
        hint = "在这以前已经返校的，注册日填这一天，实际返校的日子写在“说明”里；到校天数自注册日起按点名计。"
        raise Refused(f"注册日不能早于{word}（{cn_date(begun)}）。{hint}", code="on")


@transaction.atomic
def leave_again(*, case: Case, on: date, text: str, by: Actor, now: datetime) -> Return:
    """The child is gone again before it counted as returned, or was placed and never came: the registration ends, a placement with it, and the
    township persuades on. Refused: none stands, a day that cannot be, nothing said. A registration without one whole day in class was no progress:
    it is taken back. 〔方案二（三）4〕持续家访，直至劝返"""
    today = timezone.localtime(now).date()
    hold(case)
    standing: Return | None = Return.objects.filter(case=case, ended_on=None).first()
    if standing is None or not may_leave(case, today=today):
        raise Refused("没有在效的复学注册。", code="state")
    if not standing.registered_on <= on <= today:
        raise Refused(f"离校日应在注册日（{cn_date(standing.registered_on)}）和今天之间。", code="on")
    if not text.strip():
        raise Refused("请写明离校的情况。", code="text")
    if not Return.objects.filter(pk=standing.pk, ended_on=None).update(ended_on=on):
        raise Refused("复学注册刚刚已经结束，请刷新后查看。", code="state")
    came = presence({case.pk: standing.registered_on}, today=on).get(case.pk, (0, 0))[1]
    back = [] if came else [standing.entry_id]
    write(case=case, kind=CaseEntry.Kind.NOTE, text=f"登记复学后再次离校：{cn_date(on)}。{text}", by=by, now=now, on=on, takes_back=back)
    if case.standing == State.PLACED:
        Placement.objects.filter(case=case, ended_on=None).update(ended_on=Greatest(F("first_day"), on))
        move(case=case, target=State.PERSUADING, by=by, now=now)
    done(case, "leave_again", "登记再次离校", by=by, now=now)
    standing.refresh_from_db()
    return standing


def may_leave(case: Case, *, today: date) -> bool:
    """Whether a child that is registered can be gone again before it counted as returned: also where it is placed and nobody has seen it learn."""
    return case.standing in BEFORE_RETURN or (case.standing == State.PLACED and facts_of(case, today=today)[0].is_unseen)


def done(case: Case, verb: str, said: str, *, by: Actor, now: datetime) -> None:
    """What every change of a case ends with: the clocks, the log."""
    clocks.refresh(cases=[case.pk], today=timezone.localtime(now).date())
    case.refresh_from_db()
    record(verb, said, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
