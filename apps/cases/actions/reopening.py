"""A case is begun anew: what was arranged before the child was lost again is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from apps.cases.actions import clocks
from apps.cases.actions.moving import move
from apps.cases.actions.writing import hold
from apps.cases.models import Assignment, Case, CaseEntry, Placement, Proposal, Return
from apps.cases.queries.idle import township_of
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.scope import SYSTEM, Actor
from apps.core.templatetags.zaixue import cn_date
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic

NO_LINES = dict.fromkeys(("lines_from", "lines_signed_on", "lines_on"))  # a new round has its own three lines


def begin_anew(*, cases: Collection[int], today: date, now: datetime) -> None:
    """End the registrations, placements and assignments of cases that were reopened, take back what waited for closing, and start the clock of the
    new assignment. A fixed number of writes, however many cases. 〔方案二（三）1〕一生一案"""
    if not cases:
        return
    Return.objects.filter(case__in=cases, ended_on=None).update(ended_on=Greatest(F("registered_on"), today))
    Placement.objects.filter(case__in=cases, ended_on=None).update(ended_on=Greatest(F("first_day"), today))
    Assignment.objects.filter(case__in=cases, ended_at=None).update(ended_at=now)
    Proposal.objects.filter(case__in=cases, kind=Kind.CLOSE.value, decided_at=None).update(
        verdict=Proposal.Verdict.WITHDRAWN, verdict_text="再次辍学，自动撤回", decided_at=now, decided_name=SYSTEM.name, decided_title=SYSTEM.title
    )
    clocks.refresh(cases=cases, today=today)


@transaction.atomic
def reopen(*, case: Case, on: date, text: str, by: Actor, now: datetime) -> CaseEntry:
    """A watched child learns no more, as a person found out: one taught apart, whom no roll call asks for, or before the roll calls tell. The same
    case begins anew, one repeat more.

    Refused: a case that is not watched, another post, nothing said, a day before the watching began or to come. 〔方案二（三）4〕持续家访，直至劝返"""
    today, said = timezone.localtime(now).date(), hide_numbers(text.strip())
    hold(case)
    begun = case.state_since or case.opened_on
    if case.state != State.MONITORING:
        raise Refused(f"个案现在是“{case.standing.label}”，跟踪巩固中的个案才登记又不上学。", code="state")
    if not said:
        raise Refused("请写明怎样得知、孩子现在哪里。", code="text")
    if not begun <= on <= today:
        raise Refused(f"不上学的第一天应在开始跟踪之日（{cn_date(begun)}）和今天之间。", code="on")
    told = f"再次辍学（第 {case.repeats + 1} 次）：自{cn_date(on)}起不上学。{said}"
    entry = move(case=case, target=State.REOPENED, by=by, now=now, text=told, repeats=F("repeats") + 1, **NO_LINES)
    begin_anew(cases=[case.pk], today=today, now=now)
    case.refresh_from_db()
    tell(tellings=heard(case, told, by=by), day=today, now=now, by=by)
    return entry


def heard(case: Case, said: str, *, by: Actor) -> Iterator[Telling]:
    """The township, the school and the bureau hear of it, but for whoever says so."""
    to = [Address("bureau", case.district_code)]
    if township := township_of(case):
        to.append(Address("township", case.district_code, region=township))
    if case.school_id:
        to.append(Address("principal", case.district_code, school=case.school_id))
    key, link = f"{Topic.SUSPECTED}:{case.pk}:{case.repeats}", reverse("case_show", args=[case.pk])
    yield from (Telling(one, Topic.SUSPECTED, key, f"{case.child.name}：{said}", link) for one in to if one.role != by.role)
