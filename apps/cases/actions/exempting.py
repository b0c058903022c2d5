"""缓学、休学、不具备学习条件: the application, what agreeing to it brings, the warning before its end, and the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.attendance.actions.seating import follow_registers_again
from apps.audit.actions import record
from apps.cases.actions import proposing
from apps.cases.actions.advancing import move_many
from apps.cases.actions.proposing import Asked
from apps.cases.actions.writing import hold, write
from apps.cases.models import Assignment, Case, CaseEntry, Proposal
from apps.cases.queries import exemptions
from apps.cases.queries.idle import township_of
from apps.cases.rules.expiring import is_over, warns
from apps.cases.rules.proposing import Kind, deciders
from apps.cases.workflow import State, grounds
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
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
    and where no case is being persuaded or watched. 《义务教育法》第十一条"""
    if not grounds(case.standing, Kind.EXEMPT):
        raise Refused(f"“{case.standing.label}”的个案不能申请缓学、休学或不具备学习条件；没有返校的须先交办劝返。", code="state")
    made = proposing.ask(case=case, asked=asked, by=by, now=now)
    masked = {name: hide_numbers(words) for name, words in asdict(application).items()}
    said = f"填写{made.basis_label}申请表"
    words, extra = f"{said}：{application.proof_body}意见“{application.proof_opinion}”。", masked | {"proposal": made.pk}
    write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=words, by=by, now=now, plain=f"{said}。", application=extra)
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
def end_early(*, case: Case, text: str, files: Sequence[ProofFile] = (), by: Actor, now: datetime) -> Proposal:
    """The child is well again before its exemption ends: it ends today, with the reason, and persuasion goes on as after its last day. Whoever may
    grant one may end one; the paper stays as it was signed. Refused for anybody else, without a reason, and where none is in force.

    《义务教育法》第十一条：延缓入学或者休学的原因消失，应当就学。"""
    today, reason = timezone.localtime(now).date(), hide_numbers(text.strip())
    if by.role not in deciders(Kind.EXEMPT):
        raise Refused("由批准的区教体局提前结束。", code="right")
    if not reason:
        raise Refused("请写明提前结束的理由。", code="text")
    hold(case)
    held = next((one for rows in exemptions.by_district(today=today, cases=[case.pk]).values() for one in rows), None)
    if held is None or held.until is None or held.until < today:
        raise Refused("没有在效的缓学、休学或不具备学习条件。", code="state")
    held.ended_on = today
    held.save(update_fields=["ended_on"])
    said = f"提前结束{held.basis_label}（原至{cn_date(held.until)}）"
    write(
        case=case, kind=CaseEntry.Kind.DECISION, text=f"{said}：{reason}", by=by, now=now, files=files, label="提前结束", progress=True, medical=True,
        plain=f"{said}。",
    )  # fmt: skip
    record("end_exemption", f"{said}。", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    expire(today=today, now=now, cases=[case.pk])
    case.refresh_from_db()
    return held


@transaction.atomic
def expire(*, today: date, now: datetime, cases: Collection[int] | None = None) -> int:
    """Bring back into persuasion the cases (of some, or of all) whose exemption is over; the township that stands charged goes on, else the bureau
    is told to charge one. Safe to repeat. Returns how many. 《义务教育法》第十一条：期满恢复就学"""
    found = exemptions.by_district(today=today, cases=cases).values()
    over = {one.case_id: one for rows in found for one in rows if one.holds_until and is_over(one.holds_until, today=today)}
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
        when = f"已于{cn_date(one.ended_on)}提前结束" if one.ended_on else f"已于{cn_date(one.until)}期满"
        yield from told(case, f"expired:{one.pk}", f"{case.child.name}的{one.basis_label}{when}，个案恢复劝返；{what}。")


def told(case: Case, key: str, sentence: str) -> Iterator[Telling]:
    """One sentence to the township, the school and the bureau."""
    link = reverse("case_show", args=[case.pk])
    if township := township_of(case):
        yield Telling(Address("township", case.district_code, region=township), Topic.EXPIRY, key, sentence, link)
    if case.school_id:
        yield Telling(Address("principal", case.district_code, school=case.school_id), Topic.EXPIRY, key, sentence, link)
    yield Telling(Address("bureau", case.district_code), Topic.EXPIRY, key, sentence, link)
