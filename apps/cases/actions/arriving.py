"""What a state brings with it, whoever took the case there: the paper of a closing, the seat of an exempt child, watching that begins."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.attendance.actions.seating import seat_by_hand
from apps.attendance.models import Seat
from apps.cases.actions.advancing import advance
from apps.cases.actions.writing import take_number, write
from apps.cases.letters.closing import composed
from apps.cases.models import Assignment, Case, CaseEntry, Placement, Proposal, Return
from apps.cases.rules.facts import Facts
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import State
from apps.core.scope import Actor
from apps.schools.policy import Policy
from apps.schools.queries import place_names
from apps.students.models import Child


def arrive(*, case: Case, by: Actor, now: datetime, facts: Facts, numbers: Policy) -> None:
    """Do what belongs to the state a case has just reached; ``facts`` are those it was taken there by. 〔DOMAIN §4〕"""
    today = timezone.localtime(now).date()
    if case.standing == State.CLOSED:
        seal(case, by=by, now=now, facts=facts, numbers=numbers)
    elif case.standing == State.EXEMPT:
        leave_class(case, today=today)
        off_roll_calls(case, today=today, now=now)
    elif case.standing in (State.RETURNED, State.PLACED):
        advance(today=today, now=now, cases=[case.pk])


def last_agreed(case: Case, kind: Kind) -> Proposal | None:
    """The last thing of a kind that two people signed for a case."""
    return Proposal.objects.filter(case=case, kind=kind.value, verdict=Proposal.Verdict.AGREED).order_by("pk").last()


def seal(case: Case, *, by: Actor, now: datetime, facts: Facts, numbers: Policy) -> None:
    """Number the closing, keep its form as it was signed, and end what was charged. 〔方案三（三）〕闭环管理：销号审批表"""
    proposal = last_agreed(case, Kind.CLOSE)
    assert proposal is not None  # noqa: S101 every way to here needs the two signatures
    today = timezone.localtime(now).date()
    serial = take_number(issuer=f"{case.district_code}销", year=today.year)
    office = f"{place_names([case.district_code]).get(case.district_code, '')}教育体育局"
    Proposal.objects.filter(pk=proposal.pk).update(number=f"{office}控辍销〔{today.year}〕{serial}号")
    proposal.refresh_from_db()
    form = composed(case, proposal, facts=facts, numbers=numbers)
    write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=f"销号审批表 {proposal.number}", by=by, now=now, closing=form)
    Assignment.objects.filter(case=case, ended_at=None).update(ended_at=now)


def leave_class(case: Case, *, today: date) -> None:
    """Registration and placement of an exempt child are over: it is registered anew when it comes back, and its days in class count from then."""
    Return.objects.filter(case=case, ended_on=None).update(ended_on=Greatest(F("registered_on"), today))
    Placement.objects.filter(case=case, ended_on=None).update(ended_on=Greatest(F("first_day"), today))


def off_roll_calls(case: Case, *, today: date, now: datetime) -> None:
    """No roll call expects an exempt child as long as its exemption holds; a child without a seat needs none."""
    proposal = last_agreed(case, Kind.EXEMPT)
    child = Child.objects.standing_for(case.child_id).get()
    seat = Seat.objects.filter(child=child, last_day=None).select_related("school_class__school").first()
    if seat and not seat.away:
        away = Seat.Away.SUSPENSION if proposal and proposal.basis == "suspension" else Seat.Away.OTHER
        seat_by_hand(child=child, room=seat.school_class, today=today, now=now, away=away)
