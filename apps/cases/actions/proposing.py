"""Two signatures: one person asks on a ground, another agrees or refuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks, moving
from apps.cases.actions.addressing import post_of
from apps.cases.actions.stepping import skip_step
from apps.cases.actions.writing import hold_open, write
from apps.cases.models import Case, CaseEntry, Proposal
from apps.cases.queries.facts import facts_of
from apps.cases.rules import proposing, stepping
from apps.cases.rules.climbing import paused_days
from apps.cases.rules.facts import Agreed, Facts
from apps.cases.workflow import FOLLOWS, grounds, lacking
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
from apps.core.scope import Actor
from apps.notices.actions import Telling, settle, tell
from apps.notices.rules import Topic
from apps.schools.queries import policy


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: ground, reason, from–until where it ends, files of proof."""

    kind: str
    basis: str
    text: str
    first_day: date | None = None
    until: date | None = None
    files: Sequence[ProofFile] = field(default_factory=tuple)
    where: str = ""  # the school of a ground that speaks of one


@transaction.atomic
def ask(*, case: Case, asked: Asked, by: Actor, now: datetime) -> Proposal:
    """Ask for something that takes a second signature. Refused: not this post's to ask, an ended case, an unknown ground, proof or end missing,
    a span that is too long, or the same thing is waiting already. 〔DOMAIN §4〕"""
    today = timezone.localtime(now).date()
    hold_open(case)
    basis = checked(case, asked, by=by)
    step = check_facts(case, asked, basis, by=by, today=today)
    if basis.needs_proof and not asked.files:  # last: nobody takes photographs for what cannot be asked for yet
        raise Refused(f"“{basis.label}”须附证明材料（照片或扫描件）。", code="proof")
    kind = proposing.BY_KIND[asked.kind].kind
    asked = replace(asked, text=f"毕业学校：{asked.where.strip()}。{asked.text}") if basis.needs_where else asked
    span = f"（{asked.first_day:%Y年%-m月%-d日}至{asked.until:%Y年%-m月%-d日}）" if asked.first_day and asked.until else ""
    said = f"提出{kind.label}：{basis.label}{span}。"
    entry = write(
        case=case, kind=CaseEntry.Kind.DECISION, text=said + asked.text, by=by, now=now, files=asked.files, label=basis.label,
        medical=basis.is_medical, plain=said if proposing.tells_medical(kind, basis.code) else "",
    )  # fmt: skip
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                case=case, kind=kind.value, basis=basis.code, text=hide_numbers(asked.text)[:500], first_day=asked.first_day, until=asked.until,
                step=step, entry=entry, asked_at=now, asked_user_id=by.user_id or None,
                asked_role=by.role, asked_name=by.name, asked_title=by.title,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("这件事已经提出，正在等候审定。", code="twice") from twice
    clocks.refresh(cases=[case.pk], today=today)
    case.refresh_from_db()
    tell(tellings=second_hands(made), day=today, now=now, by=by)
    record("propose", f"提出{kind.label}：{basis.label}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return made


def second_hands(proposal: Proposal) -> Iterator[Telling]:
    """Those whose signature is waited for are told, whatever comes first in the case. 〔方案三（三）〕闭环管理"""
    case = proposal.case
    said = f"{case.child.name}：{proposal.asked_title}提出“{proposal.get_kind_display()}”，请审定"
    for role in proposing.deciders(proposal.kind, has_school=case.school_id is not None):
        if role != proposal.asked_role:
            yield Telling(post_of(case, role), Topic.CASE, f"proposal:{proposal.pk}", said, reverse("case_show", args=[case.pk]))


def answer(proposal: Proposal, verdict: Proposal.Verdict) -> Telling:
    """Whoever asked hears what was decided; why stands in the ledger."""
    case = proposal.case
    said = f"{case.child.name}：您提出的“{proposal.basis_label}”，审定结果：{verdict.label}"
    return Telling(post_of(case, proposal.asked_role), Topic.ANSWER, f"decided:{proposal.pk}", said, reverse("case_show", args=[case.pk]))


def checked(case: Case, asked: Asked, *, by: Actor) -> proposing.Basis:
    """The ground; Refused with a sentence that says what is wrong."""
    if asked.kind not in proposing.BY_KIND or by.role not in proposing.askers(asked.kind, has_school=case.school_id is not None):
        raise Refused("这件事不由您的岗位提出。", code="right")
    basis = next((one for one in grounds(case.standing, asked.kind) if one.code == asked.basis), None)
    if basis is None:
        raise Refused(f"“{case.standing.label}”的个案不能以此提出，请选择列出的依据。", code="basis")
    if not asked.text.strip():
        raise Refused("请写明理由。", code="text")
    if basis.needs_where and not asked.where.strip():
        raise Refused("请写明毕业学校（哪个县区、哪所学校）。", code="where")
    return basis


def check_facts(case: Case, asked: Asked, basis: proposing.Basis, *, by: Actor, today: date) -> int | None:
    """What is asked for would hold if it were agreed today; Refused with what it still lacks. Returns the legal step that is to be skipped."""
    if basis.needs_until:
        check_span(case, asked, today=today)
    facts, numbers = facts_of(case, today=today)
    if asked.kind == proposing.Kind.SKIP:
        return skipped(facts, by=by)
    if target := FOLLOWS.get(asked.kind):
        agreed = Agreed(basis.code, today, asked.first_day, asked.until)
        if lacks := lacking(case.standing, target, kind=asked.kind, signature=agreed, facts=facts, numbers=numbers):
            raise Refused("还不能提出，缺：" + "；".join(lacks) + "。", code="missing")
    return None


def check_span(case: Case, asked: Asked, *, today: date) -> None:
    """From–until is whole, in order, not over already, and no longer than the policy allows."""
    if asked.first_day is None or asked.until is None:
        raise Refused("请写明从哪一天到哪一天；没有截止日的不能批准。", code="until")
    key = "pause_longest_days" if asked.kind == proposing.Kind.PAUSE else "exemption_longest_days"
    longest = policy(district=case.district_code, day=today)[key]
    if asked.until < max(asked.first_day, today):
        raise Refused("截止日不能早于起始日，也不能早于今天。", code="until")
    latest = min(asked.first_day, today) + timedelta(longest)  # what begins later waits from today on
    if asked.until > latest:
        raise Refused(f"最长 {longest} 日，请把截止日改到 {latest:%Y年%-m月%-d日} 或更早。", code="until")
    if asked.kind == proposing.Kind.PAUSE:
        check_pauses(case, asked.first_day, asked.until, today=today)


def check_pauses(case: Case, first_day: date, until: date, *, today: date) -> None:
    """However often a pause is asked for, the clock stands still no longer than the policy's days in all without progress, and no pause begins
    before it was asked for, which would undo a deadline that has passed. 〔DOMAIN §4〕"""
    if first_day < today:
        raise Refused("暂停不能从过去的日子算起。", code="until")
    facts, numbers = facts_of(case, today=today)
    most = numbers["pause_total_days"]
    stopped = paused_days([*facts.pauses, (first_day, until)], after=facts.progress_on, most=most + 1)
    if len(stopped) > most:
        raise Refused(f"没有进展期间累计暂停不得超过 {most} 日；请先家访或办理，或把截止日提前。", code="until")


def skipped(facts: Facts, *, by: Actor) -> int:
    """The legal step that is to be skipped, by the township that is charged with the case; Refused where none may be."""
    number = stepping.skippable(facts)
    if facts.registered_on is not None:
        raise Refused(stepping.hindrance(facts), code="order")
    if facts.assigned_to != by.scope.township:
        raise Refused("由受交办的乡镇（街道）提出跳过。", code="office")
    if number is None:
        raise Refused("最后一步不能跳过。", code="step")
    return number


@transaction.atomic
def decide(*, proposal: Proposal, agree: bool, text: str, by: Actor, now: datetime) -> str:
    """The second signature, and with it the move that follows where nothing else is lacking. Returns a sentence: what came of it.

    Refused: not this post's, the same person asked, nothing is said where it is refused, the case has gone on, or somebody decided already.
    〔方案三（三）〕闭环管理：两人签字"""
    case, kind = proposal.case, proposing.BY_KIND[proposal.kind].kind
    hold_open(case)
    check_decision(proposal, agree=agree, text=text, by=by)
    verdict = Proposal.Verdict.AGREED if agree else Proposal.Verdict.REFUSED
    finish(proposal, verdict, text, by=by, now=now)
    if agree and kind == proposing.Kind.SKIP:
        skip_step(proposal=proposal, by=by, now=now)
    said, real = f"{verdict.label}{kind.label}：{proposal.basis_label}。", agree and kind != proposing.Kind.PAUSE
    plain = said if text and proposing.tells_medical(kind, proposal.basis) else ""
    write(case=case, kind=CaseEntry.Kind.DECISION, text=said + text, by=by, now=now, progress=real, plain=plain)
    tell(tellings=[answer(proposal, verdict)], day=timezone.localtime(now).date(), now=now, by=by)
    record("decide_proposal", said, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    clocks.refresh(cases=[case.pk], today=timezone.localtime(now).date())
    case.refresh_from_db()
    if not agree or kind not in FOLLOWS:
        return f"已登记：{verdict.label}{kind.label}。"
    try:
        moving.move(case=case, target=FOLLOWS[kind], by=by, now=now, text=f"{kind.label}：{proposal.basis_label}。")
    except Refused as lacking:
        return f"已同意{kind.label}。{lacking.sentence}"
    return f"已同意{kind.label}，个案转为“{FOLLOWS[kind].label}”。"


def check_decision(proposal: Proposal, *, agree: bool, text: str, by: Actor) -> None:
    """Whether this post may say yes or no now; Refused with a sentence."""
    if by.role not in proposing.deciders(proposal.kind, has_school=proposal.case.school_id is not None):
        raise Refused("这件事不由您的岗位审定。", code="right")
    if proposal.asked_user_id is not None and proposal.asked_user_id == by.user_id:
        raise Refused("提出人和审定人不能是同一个人，请由另一人审定。", code="same")
    if not agree and not text.strip():
        raise Refused("不同意的请写明理由。", code="text")
    if agree and not grounds(proposal.case.standing, proposal.kind):
        raise Refused(f"个案已转为“{proposal.case.standing.label}”，这件事不再适用，请退回。", code="state")


@transaction.atomic
def withdraw(*, proposal: Proposal, by: Actor, now: datetime) -> Proposal:
    """Whoever asked takes it back. Refused for anybody else, and once it was decided."""
    if proposal.asked_user_id != by.user_id:
        raise Refused("只有提出人可以撤回。", code="right")
    finish(proposal, Proposal.Verdict.WITHDRAWN, "", by=by, now=now)
    case, said = proposal.case, f"撤回{proposing.BY_KIND[proposal.kind].kind.label}：{proposal.basis_label}。"
    write(case=case, kind=CaseEntry.Kind.DECISION, text=said, by=by, now=now)
    record("withdraw_proposal", said, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    clocks.refresh(cases=[proposal.case_id], today=timezone.localtime(now).date())
    proposal.case.refresh_from_db()
    return proposal


def finish(proposal: Proposal, verdict: Proposal.Verdict, text: str, *, by: Actor, now: datetime) -> None:
    """Write the verdict where none stands yet; Refused where somebody was quicker."""
    columns = {
        "verdict": verdict, "verdict_text": hide_numbers(text)[:500], "decided_at": now, "decided_user_id": by.user_id or None,
        "decided_name": by.name, "decided_title": by.title,
    }  # fmt: skip
    if not Proposal.objects.filter(pk=proposal.pk, decided_at=None).update(**columns):
        raise Refused("这件事刚刚已有结论，请刷新后查看。", code="state")
    proposal.refresh_from_db()
    settle(district=proposal.case.district_code, keys=[f"proposal:{proposal.pk}"], now=now)
