"""At the other end of a letter: receipt, the people who will bring the child back, the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.audit.actions import record
from apps.cases.actions import duties
from apps.cases.actions.assigning import begin_if_ready
from apps.cases.actions.duties import Named
from apps.cases.models import Guarantor
from apps.core.errors import Refused
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reporting.actions import telling
from apps.reporting.actions.moving import move, note
from apps.reporting.actions.sending import answered
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import State


@transaction.atomic
def sign_receipt(*, line: Line, by: Actor, now: datetime) -> Line:
    """签收 a letter in the name of its addressee. Refused for any other office, and where somebody signed before."""
    check_office(line, by)
    move(line, State.RECEIVED, by=by, received_at=now, received_name=by.name, received_title=by.title)
    note(line.report, f"{line.number} 已由{by.title}签收。", by=by, now=now)
    telling.over(line.report, line.kind, now=now)
    record("sign_receipt", f"签收 {line.number}", by=by, object_kind="report", object_id=line.report_id, child_id=line.report.child_id)
    return line


@transaction.atomic
def reply(*, line: Line, text: str, by: Actor, now: datetime) -> Line:
    """Answer a letter that was signed for."""
    check_office(line, by)
    text = answered(text)
    move(line, State.REPLIED, by=by, reply=text, replied_at=now, replied_name=by.name, replied_title=by.title)
    note(line.report, f"{line.addressee}答复 {line.number}：{text}", by=by, now=now)
    telling.tell_all([telling.answered(line)], by=by, now=now)
    record("reply_report", f"答复 {line.number}", by=by, object_kind="report", object_id=line.report_id, child_id=line.report.child_id)
    return line


def check_office(line: Line, by: Actor) -> None:
    """Refuse whoever does not sit in the office a letter is addressed to."""
    if not Line.objects.received_by(by.scope).filter(pk=line.pk).exists():
        raise Refused(f"这份报告主送{line.addressee}，由其签收、答复。", code="office")


@transaction.atomic
def name_people(*, report: ThreeLineReport, people: Iterable[Named], by: Actor, now: datetime) -> list[Guarantor]:
    """Name who answers for the child's return, in the township and in the village, for this child alone; only who is new is written down.

    Refused before the receipt is signed. 〔方案二（三）2〕由乡镇（街道）履行主体劝返责任，立即开展劝返工作。
    """
    line = Line.objects.received_by(by.scope).select_for_update(no_key=True).filter(report=report).first()
    if line is None or not by.may(Right.SIGN_RECEIPT):
        raise Refused("劝返责任人由主送的乡镇（街道）落实。", code="office")
    if line.received_at is None:
        raise Refused("请先签收报告，再落实责任人。", code="receipt")
    made = duties.name_for_case(case=report.case, people=people, by=by, now=now)
    begin_if_ready(case=report.case, by=by, now=now)
    return made
