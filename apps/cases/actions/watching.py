"""跟踪巩固: notes with what the roll calls said, and the plan of care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.cases.actions.returning import done
from apps.cases.actions.writing import write
from apps.cases.models import CarePlan, Case, CaseEntry, MonitoringNote
from apps.cases.queries.facts import home_lessons
from apps.cases.queries.presence import presence
from apps.cases.rules import caring
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.labels import joined
from apps.core.proofs import ProofFile
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date

CARED_FOR = frozenset({State.PERSUADING, State.RETURNED, State.PLACED, State.MONITORING, State.REOPENED})


@dataclass(frozen=True, slots=True)
class Noted:
    """How the child is doing, in a teacher's words."""

    day: date
    study: str
    mood: str = ""
    help_given: str = ""
    files: Sequence[ProofFile] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Care:
    """Who looks after the child, how, until when."""

    teacher: str
    groups: Sequence[str]
    text: str
    first_day: date
    review_on: date


@transaction.atomic
def note(*, case: Case, noted: Noted, by: Actor, now: datetime) -> MonitoringNote:
    """A note of the watching, with the school days since the last one as the roll calls (taught apart: the lessons) say. Refused: a case that is not
    watched, a day that cannot be. 〔方案二（五）〕留得住、有收获"""
    today = timezone.localtime(now).date()
    if case.standing != State.MONITORING:
        raise Refused("只有跟踪巩固中的个案写跟踪记录。", code="state")
    begun = case.state_since or case.opened_on
    last = MonitoringNote.objects.filter(case=case, day__gte=begun).order_by("day").last()
    earliest = last.day if last else begun
    if not earliest <= noted.day <= today:
        raise Refused(f"记录日应在{cn_date(earliest)}和今天之间。", code="day")
    since = last.day + timedelta(1) if last else begun
    called, came, told_by = days_of(case, since=since, until=noted.day)
    attended = (
        f"应到 {called} 个上课日，实到 {came}（{cn_date(since)}至{cn_date(noted.day)}，以{told_by}为准）" if called else f"这段时间没有{told_by}"
    )
    said = joined(
        f"跟踪记录：{attended}", f"学习：{noted.study}", noted.mood and f"思想：{noted.mood}", noted.help_given and f"帮扶：{noted.help_given}"
    )
    entry = write(case=case, kind=CaseEntry.Kind.NOTE, text=said, by=by, now=now, on=noted.day, progress=True, files=noted.files, label="跟踪记录")
    made: MonitoringNote = MonitoringNote.objects.create(
        case=case, entry=entry, day=noted.day, mood=hide_numbers(noted.mood), study=hide_numbers(noted.study), school_days=called,
        help_given=hide_numbers(noted.help_given), present_days=came, written_at=now, by_name=by.name, by_title=by.title,
    )  # fmt: skip
    done(case, "note_monitoring", "登记跟踪记录", by=by, now=now)
    return made


def days_of(case: Case, *, since: date, until: date) -> tuple[int, int, str]:
    """School days of a span, how many of them the child came, and what says so: its lessons where it is taught at home, else its roll calls."""
    taught = home_lessons({case.pk: since}, today=until)
    if case.pk in taught:
        return *taught[case.pk], "送教记录"
    return *presence({case.pk: since}, today=until).get(case.pk, (0, 0)), "点名"


@transaction.atomic
def care(*, case: Case, planned: Care, by: Actor, now: datetime) -> CarePlan:
    """A plan of care; a later one takes its place. Refused: a case not on the way back, nothing said, a review day that cannot be.

    〔方案二（三）1〕特殊群体关心关爱。"""
    if case.standing not in CARED_FOR:
        raise Refused(f"“{case.standing.label}”的个案不订关爱方案。", code="state")
    if planned.review_on <= planned.first_day:
        raise Refused("复核日须在开始日之后。", code="review_on")
    groups = f"（{caring.said(list(planned.groups))}）" if planned.groups else ""
    said = f"关爱方案{groups}：责任教师{planned.teacher}，{cn_date(planned.first_day)}起，{cn_date(planned.review_on)}复核。{planned.text}"
    entry = write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now)
    made: CarePlan = CarePlan.objects.create(
        case=case, entry=entry, teacher=hide_numbers(planned.teacher), groups=list(planned.groups), text=hide_numbers(planned.text),
        first_day=planned.first_day, review_on=planned.review_on, by_name=by.name, by_title=by.title,
    )  # fmt: skip
    done(case, "plan_care", "订立关爱方案", by=by, now=now)
    return made
