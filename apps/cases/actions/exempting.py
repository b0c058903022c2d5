"""缓学、休学、不具备学习条件: the application, what agreeing to it brings, the warning before its end, and the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.attendance.actions.seating import follow_registers_again
from apps.cases.actions import proposing
from apps.cases.actions.advancing import move_many
from apps.cases.actions.proposing import Asked
from apps.cases.actions.writing import write
from apps.cases.models import Assignment, Case, CaseEntry, Proposal
from apps.cases.queries import exemptions
from apps.cases.queries.idle import township_of
from apps.cases.rules.expiring import warns
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.scope import SYSTEM, Actor
from apps.core.templatetags.zaixue import cn_date
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic
from apps.schools.queries import policy


@dataclass(frozen=True, slots=True)
class Application:
    """What the form of application says beside ground, reason, term and proof."""

    due_entry: str  # when the child should enter school, or the class it attends
    guardian_name: str
    guardian_phone: str
    address: str
    proof_body: str
    proof_opinion: str


@transaction.atomic
def apply(*, case: Case, asked: Asked, application: Application, by: Actor, now: datetime) -> Proposal:
    """Apply for deferral, suspension or exemption: the first signature, and the form as it was filled in. Refused as ``proposing.ask`` refuses,
    and where no case is being persuaded. 《义务教育法》第十一条"""
    if case.standing != State.PERSUADING:
        raise Refused(f"“{case.standing.label}”的个案不能申请缓学、休学或不具备学习条件；须先交办劝返。", code="state")
    made = proposing.ask(case=case, asked=asked, by=by, now=now)
    masked = {name: hide_numbers(words) for name, words in asdict(application).items()}
    said = f"填写{made.basis_label}申请表：{application.proof_body}意见“{application.proof_opinion}”。"
    write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now, application=masked | {"proposal": made.pk})
    return made


@transaction.atomic
def warn(*, today: date, now: datetime) -> int:
    """Tell township, school and bureau once that an exemption ends soon. Returns how many notices are new. 《义务教育法》第十一条"""
    tellings: list[Telling] = []
    for district, held in exemptions.by_district(today=today).items():
        days = policy(district=district, day=today)["exemption_warning_days"]
        for one in held:
            if one.until and warns(one.until, today=today, days=days):
                left = (one.until - today).days
                said = f"{one.case.child.name}的{one.basis_label}到{cn_date(one.until)}满（还有 {left} 日），请复查；到期次日自动恢复劝返。"
                tellings += told(one.case, f"expiry:{one.pk}", said)
    return tell(tellings=tellings, day=today, now=now, by=SYSTEM)


@transaction.atomic
def expire(*, today: date, now: datetime) -> int:
    """Bring back into persuasion the cases whose exemption is over; the township that stands charged goes on, else the bureau is told to
    charge one. Safe to repeat. Returns how many. 《义务教育法》第十一条：期满恢复就学"""
    over = {one.case_id: one for rows in exemptions.by_district(today=today).values() for one in rows if one.until and one.until < today}
    moved = move_many(found=Case.objects.filter(pk__in=over, state=State.EXEMPT.value), target=State.PERSUADING, today=today, now=now)
    charged = set(Assignment.objects.filter(case__in=moved, ended_at=None).values_list("case_id", flat=True))
    tell(tellings=ended(moved, over, charged), day=today, now=now, by=SYSTEM)
    for district in {case.district_code for case in moved}:
        follow_registers_again(
            district=district, children=[case.child.merged_into_id or case.child_id for case in moved if case.district_code == district]
        )
    return len(moved)


def ended(moved: Iterable[Case], over: dict[int, Proposal], charged: set[int]) -> Iterator[Telling]:
    """Who hears that an exemption is over."""
    for case in moved:
        one = over[case.pk]
        what = "交办继续有效，请继续劝返" if case.pk in charged else "没有在效的交办，请区教体局重新交办"
        yield from told(case, f"expired:{one.pk}", f"{case.child.name}的{one.basis_label}已于{cn_date(one.until)}期满，个案恢复劝返；{what}。")


def told(case: Case, key: str, sentence: str) -> Iterator[Telling]:
    """One sentence to the township, the school and the bureau."""
    link = reverse("case_show", args=[case.pk])
    if township := township_of(case):
        yield Telling(Address("township", case.district_code, region=township), Topic.EXPIRY, key, sentence, link)
    if case.school_id:
        yield Telling(Address("principal", case.district_code, school=case.school_id), Topic.EXPIRY, key, sentence, link)
    yield Telling(Address("bureau", case.district_code), Topic.EXPIRY, key, sentence, link)
