"""四步法: a paper is issued under the township's number, served with its proof, skipped by consent, or made void and issued anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.writing import hold, take_number, write
from apps.cases.letters import steps as letters
from apps.cases.letters.handover import said
from apps.cases.letters.official import government
from apps.cases.models import Case, CaseEntry, LegalStep, Proposal, Service
from apps.cases.queries.facts import facts_of
from apps.cases.queries.persuading import background
from apps.cases.rules import stepping
from apps.cases.rules.facts import Facts
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date
from apps.schools.policy import Policy
from apps.schools.queries import place_names, policy

VOID = "作废："  # begins the reason for which a void paper stopped


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper as the township fills it in."""

    paper: str
    addressee: str
    days: int | None = None
    text: str = ""
    court: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """How a paper reached somebody, under the names of the columns."""

    way: str
    served_on: date
    place: str
    received_by: str
    servers: str
    relation: str = ""
    witness: str = ""
    text: str = ""
    files: Sequence[ProofFile] = field(default_factory=tuple)


@transaction.atomic
def issue_step(*, case: Case, told: Issued, by: Actor, now: datetime) -> LegalStep:
    """Number, compose and issue the next paper of the four steps.

    Refused with a sentence: another township's case, no persuasion under way, the step before not served or its term not over, another paper
    than the next, a term outside its limits, nothing said of what is decided or asked. 〔方案二（七）4〕"""
    today = timezone.localtime(now).date()
    facts, numbers = _standing(case, by=by, today=today)
    _check_next(facts, told, numbers)
    known, names = background(case), place_names([by.scope.township])
    township = names[by.scope.township]
    limits = stepping.term_limits(told.paper, numbers=numbers)
    days = told.days or (limits[0] if limits else None)
    addressee, text, court = (hide_numbers(words.strip()) for words in (told.addressee, told.text, told.court))
    ground = letters.Ground(
        child=said(known.child.name, known.child.sex, known.child.birth_date), name=known.child.name, guardian=addressee,
        address=known.child.address, school=known.child.school.name if known.child.school else "", away=known.away, visits=len(known.visits),
        earlier=known.served, township=township, government=government(township), contact=f"联系人：{by.name}。", days=days,
        text=f"{text.rstrip('。')}。" if text else "", court=court,
    )  # fmt: skip
    number = f"{ground.government}控辍〔{today.year}〕{take_number(issuer=by.scope.township, year=today.year)}号"
    letter = letters.compose(told.paper, ground, number=number, day=cn_date(today))
    term = f"，期限 {days} 日" if days else ""
    entry = write(
        case=case, kind=CaseEntry.Kind.DOCUMENT, text=f"发出《{letter.title}》{number}，受送达人{addressee}{term}。", by=by, now=now, progress=True,
        counts_on=min((paper.issued_on for paper in void_papers(case, told.paper)), default=None),
    )  # fmt: skip
    made = LegalStep.objects.create(
        case=case, round=case.repeats, step=stepping.STEP_OF[told.paper], paper=told.paper, entry=entry, office=by.scope.township,
        addressee=court if told.paper in stepping.TO_COURT else addressee, number=number, letter=letter.stored(), term_days=days, issued_on=today,
        issued_at=now, issued_name=by.name, issued_title=by.title,
    )  # fmt: skip
    _after(case, f"发出《{letter.title}》{number}", "issue_step", by=by, today=today)
    return made


def _standing(case: Case, *, by: Actor, today: date) -> tuple[Facts, Policy]:
    """The facts of a case that this township may take a legal step in, the case held until the end; Refused otherwise."""
    if not by.may(Right.ISSUE_STEPS):
        raise Refused("“四步法”文书由乡镇（街道）签发。", code="right")
    hold(case)
    if case.state != State.PERSUADING:
        raise Refused(f"个案现在是“{case.standing.label}”，劝返中的个案才办理“四步法”。", code="state")
    facts, numbers = facts_of(case, today=today)
    if facts.assigned_to != by.scope.township:
        raise Refused("这件个案没有交办您所在的乡镇（街道），由受交办的乡镇（街道）办理。", code="office")
    return facts, numbers


def _check_next(facts: Facts, told: Issued, numbers: Policy) -> None:
    """Refused where this paper may not be issued now."""
    if hindered := stepping.hindrance(facts):
        raise Refused(hindered, code="order")
    if told.paper not in [paper.code for paper in stepping.next_papers(facts)]:
        raise Refused(f"现在应办理的是第{stepping.next_step(facts)}步，请刷新后查看。", code="order")
    if not told.addressee.strip():
        raise Refused("请填写监护人（受送达人）姓名。", code="addressee")
    if fault := stepping.term_fault(told.paper, days=told.days, numbers=numbers):
        raise Refused(fault, code="days")
    asks = stepping.BY_PAPER[told.paper].asks
    if asks and not told.text.strip():
        raise Refused(f"请写明{asks}。", code="text")
    if told.paper in stepping.TO_COURT and not told.court.strip():
        raise Refused("请写明向哪个人民法院提出。", code="court")


@transaction.atomic
def serve_step(*, step: LegalStep, told: Served, by: Actor, now: datetime) -> Service:
    """Write down the proof of service of a paper; its term runs from the next day.

    Refused: a case that is no longer persuaded, a paper that was served or stopped, what the way of service needs and lacks, no picture of the
    signed sheet. 〔方案二（七）4〕《民事诉讼法》第八十八条至第九十五条"""
    case, today = step.case, timezone.localtime(now).date()
    _standing(case, by=by, today=today)
    step.refresh_from_db()
    if step.is_skipped or step.stopped_on is not None:
        raise Refused("这一步已经终止或跳过，不再登记送达。", code="state")
    if step.services.exists():
        raise Refused("这份文书的送达已经登记。", code="state")
    words = {name: hide_numbers(getattr(told, name).strip()) for name in ("place", "received_by", "relation", "servers", "witness", "text")}
    addressee = words["received_by"] if step.paper in stepping.TO_COURT else step.addressee  # whoever takes it at a court
    fault = stepping.service_fault(
        way=told.way, issued_on=step.issued_on, served_on=told.served_on, today=today, addressee=addressee,
        received_by=words["received_by"], relation=words["relation"], witness=words["witness"],
    )  # fmt: skip
    if fault:
        raise Refused(fault, code="service")
    if not told.files:
        raise Refused("请附上送达回证的照片或扫描件。", code="files")
    ends = stepping.term_end(
        step.paper, served_on=told.served_on, numbers=policy(district=case.district_code, day=told.served_on), days=step.term_days
    )
    label = Service.Way(told.way).label
    until = f"，期限至{cn_date(ends)}" if ends else ""
    text = f"《{step.title}》{step.number} {label}：{words['received_by']}（{words['place']}）{until}。"
    before = [one.service.served_on for one in void_papers(case, step.paper) if one.service is not None]
    entry = write(
        case=case, kind=CaseEntry.Kind.DOCUMENT, text=text, by=by, now=now, on=told.served_on, progress=True, files=told.files, label="送达回证",
        counts_on=min([*before, told.served_on]) if before else None,
    )  # fmt: skip
    made = Service.objects.create(
        step=step, entry=entry, way=told.way, served_on=told.served_on, written_at=now, by_name=by.name, by_title=by.title, **words
    )
    LegalStep.objects.filter(pk=step.pk).update(term_ends_on=ends)
    _after(case, f"登记送达：{step.number}", "serve_step", by=by, today=today)
    return made


@transaction.atomic
def void_step(*, step: LegalStep, text: str, by: Actor, now: datetime) -> LegalStep:
    """Make the last paper of a case void, with its reason: it stays in the register, its number is not given again, and the step is issued
    anew. What was served wrongly is mended this way. An edit is no progress: what the void paper was is taken back, and the one issued anew counts
    from the day of the first. Refused: no reason, an earlier paper, one that stopped."""
    case, today = step.case, timezone.localtime(now).date()
    _standing(case, by=by, today=today)
    text = hide_numbers(text.strip())
    if not text:
        raise Refused("请写明为什么作废。", code="text")
    last = LegalStep.objects.standing().filter(case=case, round=case.repeats).order_by("step", "pk").last()
    if last is None or last.pk != step.pk or step.is_skipped:
        raise Refused("只能作废最后一份文书，请刷新后查看。", code="order")
    LegalStep.objects.filter(pk=step.pk).update(stopped_on=today, stopped_text=f"{VOID}{text}"[:200])
    step.refresh_from_db()
    lines = [step.entry_id, *step.services.values_list("entry_id", flat=True)]
    said = f"作废《{step.title}》{step.number}：{text}。"
    write(case=case, kind=CaseEntry.Kind.CORRECTION, text=said, by=by, now=now, corrects=step.entry, takes_back=lines)
    _after(case, f"作废文书：{step.number}", "void_step", by=by, today=today)
    return step


def void_papers(case: Case, paper: str) -> list[LegalStep]:
    """The papers of one kind that were made void since the case is persuaded, in order, each with its proof of service."""
    found = LegalStep.objects.filter(case=case, round=case.repeats, paper=paper, stopped_text__startswith=VOID)
    return list(found.filter(issued_on__gte=case.state_since or case.opened_on).order_by("pk").prefetch_related("services"))


def skip_step(*, proposal: Proposal, by: Actor, now: datetime) -> LegalStep:
    """The bureau agreed: the step is passed over. Called with the decision, in its transaction. Refused where the case went on meanwhile."""
    case, today = proposal.case, timezone.localtime(now).date()
    hold(case)
    facts, _ = facts_of(case, today=today)
    if case.state != State.PERSUADING or stepping.skippable(facts) != proposal.step:
        raise Refused("个案的“四步法”已有变化，请退回这件申请，由乡镇重新提出。", code="state")
    assert proposal.step is not None  # noqa: S101 equal to a number
    label = stepping.BY_NUMBER[proposal.step].label
    text = f"经区教体局同意，跳过第{proposal.step}步“{label}”：{proposal.basis_label}。"
    entry = write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=text, by=by, now=now)
    return LegalStep.objects.create(
        case=case, round=case.repeats, step=proposal.step, entry=entry, office=facts.assigned_to, is_skipped=True, issued_on=today, issued_at=now,
        issued_name=by.name, issued_title=by.title,
    )  # fmt: skip


def _after(case: Case, sentence: str, verb: str, *, by: Actor, today: date) -> None:
    """The clocks and the log."""
    clocks.refresh(cases=[case.pk], today=today)
    case.refresh_from_db()
    record(verb, sentence, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
