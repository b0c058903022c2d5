"""分类安置: the plan of a placement, what came of it on its review days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.cases.actions.advancing import advance, seat_placed
from apps.cases.actions.moving import move
from apps.cases.actions.returning import done
from apps.cases.actions.writing import attach, write
from apps.cases.models import Case, CaseEntry, Placement, PlacementReview
from apps.cases.queries.facts import facts_of
from apps.cases.queries.persuading import lost_on
from apps.cases.rules import placing
from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import Placing
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date
from apps.schools.models import School, SchoolClass
from apps.schools.queries import policy

PLACEABLE = frozenset({State.PERSUADING, State.RETURNED, State.PLACED, State.MONITORING})
Outcome = PlacementReview.Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """A placement as somebody plans it. ``room`` None: no class expects the child. Files: the plan, the scan of the panel's advice."""

    cause: str
    kind: str
    room: SchoolClass | None
    teacher: str
    assessment: str
    plan: str
    panel_on: date | None
    panel_advice: str
    first_day: date
    review_on: date
    plan_files: Sequence[ProofFile] = field(default_factory=tuple)
    panel_files: Sequence[ProofFile] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review found; ``next_on`` where the placement goes on."""

    day: date
    outcome: str
    text: str
    next_on: date | None = None
    files: Sequence[ProofFile] = field(default_factory=tuple)


@transaction.atomic
def place(*, case: Case, plan: Plan, by: Actor, now: datetime) -> Placement:
    """Write down a placement; the case goes on to 已安置 and 跟踪巩固 by itself where nothing is missing. Refused with a sentence: a kind that does
    not fit the cause, no assessment or panel's advice where they are needed, a plan stands already. The first plan of a round is progress, those
    that follow are none: to plan and to undo silences nobody. 〔方案二（五）〕〔方案二（六）〕"""
    today = timezone.localtime(now).date()
    is_first = not Placement.objects.filter(case=case, entry__happened_on__gte=lost_on(case)[1]).exists()
    school = check_plan(case, plan, facts_of(case, today=today)[0])
    check_days(case, plan, today=today)
    kind = placing.PLACINGS[plan.kind]
    said = f"分类安置：{placing.CAUSES[plan.cause]} → {kind}；{case.school} {plan.room or ''}，责任教师{plan.teacher}，{cn_date(plan.first_day)}起。"
    entry = write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now, progress=is_first, files=plan.plan_files, label="安置方案")
    attach(files=plan.panel_files, by=by, now=now, label="残疾人教育专家委员会建议", medical=True, case=case, entry=entry)
    try:
        with transaction.atomic():
            made: Placement = Placement.objects.create(
                case=case, entry=entry, cause=plan.cause, kind=plan.kind, school=school, school_class=plan.room, teacher=hide_numbers(plan.teacher),
                assessment=hide_numbers(plan.assessment), plan=hide_numbers(plan.plan), panel_on=plan.panel_on,
                panel_advice=hide_numbers(plan.panel_advice), first_day=plan.first_day, review_on=plan.review_on, by_name=by.name, by_title=by.title,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("已有在办的安置方案；要改方式，请先登记复核，结论选“须调整”。", code="twice") from twice
    Case.objects.filter(pk=case.pk).update(cause=plan.cause, **({"school_class": plan.room} if plan.room else {}))
    done(case, "place_child", f"分类安置：{kind}", by=by, now=now)
    go_on(case, made, by=by, now=now)
    return made


def go_on(case: Case, placement: Placement, *, by: Actor, now: datetime) -> None:
    """The moves that a new placement allows: to 已安置 by whoever placed the child, to 跟踪巩固 by itself."""
    today = timezone.localtime(now).date()
    if case.standing == State.PERSUADING or (case.standing == State.RETURNED and placement.kind != Placing.AS_BEFORE):
        try:
            with transaction.atomic():
                move(case=case, target=State.PLACED, by=by, now=now)
        except Refused:
            return  # the plan stands; the page says what the move lacks
    advance(today=today, now=now, cases=[case.pk])  # 原班就读 goes straight on
    case.refresh_from_db()
    asked_for = case.standing == State.MONITORING or (case.standing == State.PLACED and not placing.by_lessons(placement.kind))
    if asked_for and placement.first_day <= today:  # a special school's class says whether it comes
        seat_placed(placement, today=today, now=now)


def check_plan(case: Case, plan: Plan, facts: Facts) -> School:
    """The school that places the child; Refused with a sentence that says what is wrong."""
    if case.standing not in PLACEABLE:
        raise Refused(f"“{case.standing.label}”的个案不办理安置。", code="state")
    if case.school is None:
        raise Refused("还没有接收学校，请乡镇或区教体局先安排。", code="school")
    if why := placing.why_not(plan.cause, plan.kind, is_back=case.standing != State.PERSUADING):
        raise Refused(f"不能这样安置：{why}。", code="kind")
    if not plan.plan.strip():
        raise Refused("请写明安置方案。", code="plan")
    if placing.needs_assessment(plan.cause) and not plan.assessment.strip():
        raise Refused("在家上学、入寺入教的，须先评估学识情况，请写明评估结果。", code="assessment")
    check_advice(plan, is_disabled=facts.is_disabled)
    if plan.review_on <= plan.first_day:
        raise Refused("复核日须在开始日之后。", code="review_on")
    return case.school


def check_days(case: Case, plan: Plan, *, today: date) -> None:
    """Refused where the plan begins, or is looked at, so late that nobody would be asked for it meanwhile. 〔DOMAIN §4〕安置期限、复核日"""
    numbers = policy(district=case.district_code, day=today)
    latest = today + timedelta(numbers["placement_begin_days"])
    if plan.first_day > latest:
        raise Refused(f"开始日最迟为{cn_date(latest)}。", code="first_day")
    check_next(case, plan.review_on, after=max(plan.first_day, today), today=today, code="review_on")


def check_next(case: Case, day: date, *, after: date, today: date, code: str) -> None:
    """Refused where the next review is later than the policy allows."""
    latest = after + timedelta(policy(district=case.district_code, day=today)["review_longest_days"])
    if day > latest:
        raise Refused(f"复核日最迟为{cn_date(latest)}。", code=code)


def check_advice(plan: Plan, *, is_disabled: bool) -> None:
    """Refused where the panel's advice is missing, or half of it."""
    if (is_disabled or placing.needs_panel(plan.cause, plan.kind)) and (plan.panel_on is None or not plan.panel_advice.strip()):
        raise Refused("须有残疾人教育专家委员会的建议：请写明日期和内容，附扫描件。", code="panel_advice")
    if (plan.panel_on is None) != (not plan.panel_advice.strip()):
        raise Refused("专家委员会的建议须写明日期和内容。", code="panel_advice")


@transaction.atomic
def review(*, placement: Placement, reviewed: Reviewed, by: Actor, now: datetime) -> PlacementReview:
    """Whether a placement does what it is for. It goes on until the next review day, or ends: to be arranged otherwise, or done and back in class.
    No progress while the child is still to be brought back or to be seen there, nor where the plan is undone.

    Refused: it ended already, a day that cannot be, no next day where it goes on. 〔方案二（五）〕分类安置，因人施策"""
    today = timezone.localtime(now).date()
    case = placement.case
    check_review(placement, reviewed, today=today)
    goes_on = reviewed.outcome == Outcome.FITS
    said = f"安置复核（{placement.get_kind_display()}）：{Outcome(reviewed.outcome).label}。{reviewed.text}"
    said += f" 下次复核{cn_date(reviewed.next_on)}。" if goes_on else ""
    real = case.standing not in (State.PERSUADING, State.PLACED) and reviewed.outcome != Outcome.CHANGE
    entry = write(
        case=case, kind=CaseEntry.Kind.NOTE, text=said, by=by, now=now, on=reviewed.day, progress=real, files=reviewed.files, label="安置复核"
    )
    values = {"review_on": reviewed.next_on} if goes_on else {"ended_on": reviewed.day}
    if not Placement.objects.filter(pk=placement.pk, ended_on=None).update(**values):
        raise Refused("这个安置方案刚刚已经结束，请刷新后查看。", code="state")
    made: PlacementReview = PlacementReview.objects.create(
        placement=placement, entry=entry, day=reviewed.day, outcome=reviewed.outcome, text=hide_numbers(reviewed.text),
        next_on=reviewed.next_on if goes_on else None, by_name=by.name, by_title=by.title,
    )  # fmt: skip
    if reviewed.outcome == Outcome.DONE:
        back_in_class(placement, today=today, now=now)
    done(case, "review_placement", said, by=by, now=now)
    return made


def back_in_class(placement: Placement, *, today: date, now: datetime) -> None:
    """Roll calls expect the child again that was taught apart."""
    placement.kind = Placing.AS_BEFORE.value
    seat_placed(placement, today=today, now=now)


def check_review(placement: Placement, reviewed: Reviewed, *, today: date) -> None:
    """Refused with a sentence that says what is wrong."""
    if placement.ended_on is not None or not placement.case.is_open:
        raise Refused("这个安置方案已经结束。", code="state")
    if not placement.first_day <= reviewed.day <= today:
        raise Refused(f"复核日应在开始日（{cn_date(placement.first_day)}）和今天之间。", code="day")
    if reviewed.outcome == Outcome.FITS and (reviewed.next_on is None or reviewed.next_on <= reviewed.day):
        raise Refused("继续安置的，请写明下一次复核日，须晚于本次复核。", code="next_on")
    if reviewed.outcome == Outcome.FITS and reviewed.next_on:
        check_next(placement.case, reviewed.next_on, after=today, today=today, code="next_on")
