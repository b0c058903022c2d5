"""交办: the bureau hands a case to a township, the township to a village; it is accepted, or given back with a reason, or taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.advancing import begin_persuading
from apps.cases.actions.moving import move
from apps.cases.actions.writing import hold, write
from apps.cases.models import Assignment, Case, CaseEntry
from apps.cases.queries.facts import facts_of
from apps.cases.queries.idle import townships_of
from apps.cases.workflow import OUT, State, allowed, missing
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, settle, tell
from apps.notices.rules import Topic
from apps.schools.models import Region
from apps.schools.queries import OpenDays, policy
from apps.schools.rules import HORIZON, due_day

LEVEL = Assignment.Level
TWICE = "这件个案已经交办，尚未结束；要换一个单位，请先收回。"


@transaction.atomic
def assign(*, case: Case, township: str, text: str, by: Actor, now: datetime) -> Assignment:
    """Hand a case to a township; where its people are named it is 劝返中 from now on. Refused: not the bureau's, not a state in which there is
    somebody to bring back, no township of this district, or one stands charged already. 〔方案二（三）2〕由乡镇（街道）履行主体劝返责任"""
    if not by.may(Right.ASSIGN_CASES):
        raise Refused("由区教体局交办。", code="right")
    hold(case)
    place = Region.objects.within(by.scope).filter(pk=township, level=Region.Level.TOWNSHIP).first()
    if sentence := unfit(case, township if place else ""):
        raise Refused(sentence, code="state")
    assert place is not None  # noqa: S101 no case is fit for no township
    made = given(case, LEVEL.TOWNSHIP, place, text, by=by, now=now)
    begin_if_ready(case=case, by=by, now=now)
    return made


def unfit(case: Case, township: str) -> str:
    """Why a case cannot be handed to a township, '' where it can. 〔方案二（三）2〕由乡镇（街道）履行主体劝返责任"""
    if case.standing not in OUT:
        return f"“{case.standing.label}”的个案不交办。"
    return "" if township and township in townships_of(case) else "只能交办给户籍或学校所在的乡镇（街道）；都没有登记的，请先补登。"


@transaction.atomic
def delegate(*, case: Case, village: str, text: str, by: Actor, now: datetime) -> Assignment:
    """The township that accepted a case hands it on to one of its villages; its own duty stays. Refused for anybody else."""
    own = standing(case, LEVEL.TOWNSHIP, by=by)
    if own.accepted_at is None:
        raise Refused("请先签收，再转办到村。", code="accept")
    place = Region.objects.filter(pk=village, parent_id=own.region_code, level=Region.Level.VILLAGE).first()
    if place is None or village != case.village_code:
        raise Refused("只能转办给学生户籍所在的村（社区）。", code="village")
    return given(case, LEVEL.VILLAGE, place, text, by=by, now=now)


@transaction.atomic
def accept(*, assignment: Assignment, by: Actor, now: datetime) -> Assignment:
    """签收. Refused for any other place, and where it was accepted or ended before."""
    check_place(assignment, by=by)
    columns = {"accepted_at": now, "accepted_name": by.name, "accepted_title": by.title}
    if not Assignment.objects.filter(pk=assignment.pk, accepted_at=None, ended_at=None).update(**columns):
        raise Refused("已经签收，或交办已经结束；请刷新后查看。", code="state")
    settled(assignment, now=now)
    return told(assignment, "assignment_accepted", f"{by.title}签收交办。", by=by, now=now)


@transaction.atomic
def give_back(*, assignment: Assignment, text: str, by: Actor, now: datetime) -> Assignment:
    """Return a case with a reason to whoever gave it; what was handed on comes back with it. Refused without a reason."""
    check_place(assignment, by=by)
    reason = hide_numbers(text.strip())[:300]
    if not reason:
        raise Refused("退回请写明理由。", code="text")
    columns = {"returned_at": now, "returned_name": by.name, "returned_title": by.title, "returned_text": reason, "ended_at": now}
    if not Assignment.objects.filter(pk=assignment.pk, ended_at=None).update(**columns):
        raise Refused("交办已经结束，请刷新后查看。", code="state")
    end_below(assignment, now=now)
    settled(assignment, now=now)
    case, name = assignment.case, assignment.case.child.name
    to = (
        Address("bureau", case.district_code)
        if assignment.level == LEVEL.TOWNSHIP
        else Address("township", case.district_code, region=assignment.region_code[:9])
    )
    link = reverse("case_show", args=[case.pk])
    tell(
        tellings=[Telling(to, Topic.ASSIGNMENT, f"given_back:{assignment.pk}", f"{name}：退回交办，{reason}", link)],
        day=timezone.localtime(now).date(),
        now=now,
        by=by,
    )
    return told(assignment, "assignment_returned", f"{by.title}退回交办：{reason}", by=by, now=now)


@transaction.atomic
def take_back(*, assignment: Assignment, text: str, by: Actor, now: datetime) -> Assignment:
    """Whoever gave a case takes it back, to keep it or to give it to another one: the bureau a township's, the township a village's."""
    mine = by.may(Right.ASSIGN_CASES) if assignment.level == LEVEL.TOWNSHIP else by.scope.township == assignment.region_code[:9]
    if not mine or by.scope.level == "village":
        raise Refused("由交办的单位收回。", code="right")
    reason = hide_numbers(text.strip())
    if not reason:
        raise Refused("收回请写明理由。", code="text")
    if not Assignment.objects.filter(pk=assignment.pk, ended_at=None).update(ended_at=now):
        raise Refused("交办已经结束，请刷新后查看。", code="state")
    end_below(assignment, now=now)
    settled(assignment, now=now)
    return told(assignment, "assignment_taken_back", f"收回对{place_name(assignment)}的交办：{reason}", by=by, now=now)


@transaction.atomic
def begin(*, case: Case, by: Actor, now: datetime) -> CaseEntry:
    """认定 or 再次辍学 → 劝返中: once the people are named and the township stands charged; Refused with what is missing."""
    return move(case=case, target=State.PERSUADING, by=by, now=now)


def begin_if_ready(*, case: Case, by: Actor, now: datetime) -> bool:
    """``begin`` where nothing is missing, by itself where it is not this post's; whether it began."""
    today = timezone.localtime(now).date()
    step = allowed(case.standing, State.PERSUADING)
    if step is None or missing(step, *facts_of(case, today=today)):
        return False
    if by.role in step.roles:
        begin(case=case, by=by, now=now)
    else:
        begin_persuading(today=today, now=now, cases=[case.pk])
        case.refresh_from_db()
    return True


def given(case: Case, level: str, place: Region, text: str, *, by: Actor, now: datetime) -> Assignment:
    """The row, the ledger, the notice, the clocks. It is not progress: nothing was done for the child yet."""
    today = timezone.localtime(now).date()
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                case=case, level=level, region_code=place.pk, text=hide_numbers(text.strip())[:300],
                accept_by=accept_by(case.district_code, today=today), given_at=now, given_name=by.name, given_title=by.title,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused(TWICE, code="twice") from twice
    tell(tellings=[notice(made)], day=today, now=now, by=by)
    return told(made, "assign_case", handed(made, place), by=by, now=now)


def notice(made: Assignment) -> Telling:
    """What whoever is charged with a case is told."""
    case = made.case
    sentence = f"{case.child.name}：{case.standing.label}，请于{made.accept_by:%-m月%-d日}前签收并劝返"
    to = Address(made.level, case.district_code, region=made.region_code)
    return Telling(to, Topic.ASSIGNMENT, f"assignment:{made.pk}", sentence, reverse("inbox_case", args=[case.pk]))


def handed(made: Assignment, place: Region) -> str:
    """What the ledger says of it."""
    return f"交办{place.name}，{made.accept_by:%-m月%-d日}前签收" + (f"。要求：{made.text}" if made.text else "")


def told(assignment: Assignment, verb: str, text: str, *, by: Actor, now: datetime) -> Assignment:
    """The ledger, the clocks, the log."""
    case = assignment.case
    write(case=case, kind=CaseEntry.Kind.ASSIGNED, text=text, by=by, now=now)
    clocks.refresh(cases=[case.pk], today=timezone.localtime(now).date())
    case.refresh_from_db()
    assignment.refresh_from_db()
    record(verb, text, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return assignment


def accept_by(district: str, *, today: date) -> date:
    """The last day on which the receipt is in time."""
    days = policy(district=district, day=today)["accept_working_days"]
    open_days = OpenDays(district, [], first=today, last=today + timedelta(HORIZON))
    return due_day(today, days=days, is_school_day=open_days.is_working_day)


def standing(case: Case, level: str, *, by: Actor) -> Assignment:
    """The standing assignment of a level, of the acting place; Refused where there is none."""
    rows = Assignment.objects.filter(case=case, level=level, ended_at=None, region_code=by.scope.township)
    found: Assignment | None = rows.select_for_update().first()
    if found is None or not by.may(Right.TAKE_ASSIGNMENTS) or by.scope.level != "township":
        raise Refused("这件个案没有交办给您的单位。", code="place")
    return found


def check_place(assignment: Assignment, *, by: Actor) -> None:
    """Refuse whoever does not stand at the place that was charged."""
    here = by.scope.village if assignment.level == LEVEL.VILLAGE else by.scope.township
    if not by.may(Right.TAKE_ASSIGNMENTS) or by.role != assignment.level or here != assignment.region_code:
        raise Refused("这件交办不是给您的单位的。", code="place")


def end_below(assignment: Assignment, *, now: datetime) -> None:
    """What a township handed on ends with its own."""
    if assignment.level == LEVEL.TOWNSHIP:
        Assignment.objects.filter(case=assignment.case, level=LEVEL.VILLAGE, ended_at=None).update(ended_at=now)


def end_unseen(*, cases: Iterable[int], by: Actor, now: datetime) -> int:
    """A child moved away: what stands assigned to a township or village that does not see its case any more ends, and is the bureau's (the
    township's) to assign anew. Returns how many ended."""
    rows = Assignment.objects.filter(case__in=list(cases), ended_at=None).select_related("case__school")
    lost = [one for one in rows if one.region_code not in (*townships_of(one.case), one.case.village_code)]
    for one in lost:
        write(case=one.case, kind=CaseEntry.Kind.ASSIGNED, text="学生已转出该地，原来的交办结束，请重新交办。", by=by, now=now)
    Assignment.objects.filter(pk__in=[one.pk for one in lost]).update(ended_at=now)
    return len(lost)


def settled(assignment: Assignment, *, now: datetime) -> None:
    """Nobody need look for it any more."""
    settle(district=assignment.case.district_code, keys=[f"assignment:{assignment.pk}"], now=now)


def place_name(assignment: Assignment) -> str:
    """The name of the place that was charged."""
    return str(Region.objects.filter(pk=assignment.region_code).values_list("name", flat=True).first() or assignment.region_code)
