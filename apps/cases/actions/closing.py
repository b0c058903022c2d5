"""销号: the two signatures, the move that comes with the second one, and the paper of both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.cases.actions import proposing
from apps.cases.actions.exempting import grant
from apps.cases.actions.moving import move, open_way
from apps.cases.actions.proposing import Asked
from apps.cases.actions.writing import take_number, write
from apps.cases.letters.closing import composed
from apps.cases.models import Assignment, Case, CaseEntry, Proposal
from apps.cases.queries.facts import facts_of
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import State, lacking
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.schools.queries import place_names

TARGETS = {Kind.CLOSE: State.CLOSED, Kind.EXEMPT: State.EXEMPT}  # what a second signature brings with it


@transaction.atomic
def ask_to_close(*, case: Case, asked: Asked, by: Actor, now: datetime) -> Proposal:
    """The first signature. Refused as ``proposing.ask`` refuses, and where the ground itself still lacks something. 〔方案三（三）〕闭环管理"""
    today = timezone.localtime(now).date()
    facts, numbers = facts_of(case, today=today)
    lacks = lacking(case.standing, State.CLOSED, kind=Kind.CLOSE, basis=asked.basis, facts=facts, numbers=numbers)
    if lacks is None:
        raise Refused(f"“{case.standing.label}”的个案不能以这个理由销号。", code="basis")
    if lacks:
        raise Refused("还不能提出销号，缺：" + "；".join(lacks) + "。", code="missing")
    return proposing.ask(case=case, asked=asked, by=by, now=now)


@transaction.atomic
def settle(*, proposal: Proposal, agree: bool, text: str, by: Actor, now: datetime) -> Proposal:
    """The second signature on a closing or an exemption, and at once what it brings. Refused as the signature or the move is refused: then neither
    is made. 〔方案三（三）〕闭环管理，两人签字"""
    if proposal.kind not in TARGETS:
        raise Refused("这件事不在这里审定。", code="kind")
    proposing.decide(proposal=proposal, agree=agree, text=text, by=by, now=now)
    if agree:
        carry_out(case=proposal.case, kind=proposal.kind, by=by, now=now)
    proposal.refresh_from_db()
    return proposal


@transaction.atomic
def carry_out(*, case: Case, kind: str, by: Actor, now: datetime) -> None:
    """What was agreed to is done: the case is closed with its paper, or waits in its exemption. Refused where it was not agreed to, or something
    is missing now."""
    if kind == Kind.EXEMPT:
        grant(case=case, by=by, now=now)
        return
    today = timezone.localtime(now).date()
    open_way(case, State.CLOSED, by=by, today=today)
    proposal = Proposal.objects.filter(case=case, kind=Kind.CLOSE.value, verdict=Proposal.Verdict.AGREED).order_by("pk").last()
    assert proposal is not None  # noqa: S101 the way is open only after two signatures
    facts, numbers = facts_of(case, today=today)
    serial = take_number(issuer=f"{case.district_code}销", year=today.year)
    office = f"{place_names([case.district_code]).get(case.district_code, '')}教育体育局"
    Proposal.objects.filter(pk=proposal.pk).update(number=f"{office}控辍销〔{today.year}〕{serial}号")
    proposal.refresh_from_db()
    paper = composed(case, proposal, facts=facts, numbers=numbers, today=today)
    move(case=case, target=State.CLOSED, by=by, now=now, text=f"销号：{proposal.basis_label}。{proposal.number}")
    write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=f"销号审批表 {proposal.number}", by=by, now=now, closing=paper)
    Assignment.objects.filter(case=case, ended_at=None).update(ended_at=now)
