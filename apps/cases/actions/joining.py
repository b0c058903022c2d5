"""Two cases of one child become one; a case goes with its child to another school."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.assigning import end_unseen
from apps.cases.actions.ending import drop_proposals, end_assignments, stop_steps
from apps.cases.actions.reopening import NO_LINES
from apps.cases.actions.writing import write
from apps.cases.models import CarePlan, Case, CaseEntry, Climb, Guarantor, Handover, HomeTeaching, Placement, Return
from apps.cases.queries.facts import facts_of
from apps.cases.queries.following import follow
from apps.cases.rules.duties import Span, uncovered
from apps.cases.workflow import WAITING, State, allowed, step_of
from apps.core.errors import Refused
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic
from apps.schools.models import School
from apps.students.models import Child


@transaction.atomic
def merge_case(*, case: Case, into: Case, by: Actor, now: datetime) -> Case:
    """End a case because another one is the same child's. Its ledger and its visits stay where they are and are read with the other's; what stands of
    it (registration, placement, lessons, letter, plans of care, people who answer) becomes the other's where that has none, its cause too;
    what waits for a signature is withdrawn, what the three lines lack is lacking there. Returns the one that goes on, with the earlier of both
    clocks: merging is no progress and silences nobody.

    Refused: not this post's, the same case, an ended one, children that nobody found to be the same, one that has come further into one that has
    not (its deadline would begin anew). 〔DOMAIN §4〕〔方案二（三）1〕一生一案
    """
    today = timezone.localtime(now).date()
    if not by.may(Right.MERGE_CASES):
        raise Refused("并案由区教体局办理。", code="right")
    if case.pk == into.pk:
        raise Refused("不能并入自己，请选另一件个案。", code="same")
    if into not in Case.objects.filter(child__in=Child.objects.family(case.child_id)):
        raise Refused("这两件个案的学生还没有认定为同一人；请先在“疑似同一人”中判定。", code="child")
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=[case.pk, into.pk]).order_by("pk").values_list("pk"))
    into.refresh_from_db()
    case.refresh_from_db(fields=["opened_on", "progress_on", "state_since", "repeats", "cause", *NO_LINES])
    check_states(case, into)
    needed = needs_lines(case, into, today=today)
    if not Case.objects.filter(pk=case.pk, state=case.state).update(state=State.MERGED.value, merged_into=into, state_since=today):
        raise Refused("个案刚刚被别人办理过，请刷新后查看。", code="state")
    source = case.state
    end_assignments(case=case, now=now)
    stop_steps(case=case, text=f"并入个案 #{into.pk}，程序终止", by=by, now=now)
    drop_proposals(case=case, text=f"本案并入个案 #{into.pk}", by=by, now=now)
    said = f"并入个案 #{into.pk}：经核对是同一名儿童。"
    write(case=case, kind=CaseEntry.Kind.MOVED, text=said, by=by, now=now, source=source, target=State.MERGED.value)
    write(case=into, kind=CaseEntry.Kind.DECISION, text=f"个案 #{case.pk}（{case.reason}）并入本案：经核对是同一名儿童。", by=by, now=now)
    keep_clocks(case, into)
    take_over(case, into)
    if needed:
        take_lines(case, into)
    take_guarantors(case, into, today=today)
    clocks.refresh(cases=[case.pk, into.pk], today=today)
    record("merge_case", f"个案 #{case.pk} 并入 #{into.pk}", by=by, object_kind="case", object_id=into.pk, child_id=into.child_id)
    into.refresh_from_db()
    return into


def check_states(case: Case, into: Case) -> None:
    """Refused where one of the two has ended, or the other way round would be right."""
    if not into.is_open or allowed(case.standing, State.MERGED) is None:
        raise Refused("两件个案都要未办结才能并案。", code="closed")
    if step_of(case.standing) > step_of(into.standing):
        raise Refused(f"本案已到“{case.standing.label}”，另一件还是“{into.standing.label}”：请打开另一件，并入本案。", code="order")


def take_over(case: Case, into: Case) -> None:
    """What stands of a merged case stands in the one that goes on, where that has nothing of its kind; with it goes what was merged into it."""
    for model in (Return, Placement, Handover):
        if not model.objects.filter(case=into, ended_on=None).exists():
            model.objects.filter(case=case, ended_on=None).update(case=into)
    HomeTeaching.objects.filter(case=case).update(case=into)
    CarePlan.objects.filter(case=case).update(case=into)
    Case.objects.filter(merged_into=case).update(merged_into=into)
    if not into.cause and case.cause:
        into.cause = case.cause
        into.save(update_fields=["cause"])


def needs_lines(case: Case, into: Case, *, today: date) -> bool:
    """Whether the three lines are due for a merged case and not for the one that goes on."""
    return facts_of(case, today=today)[0].needs_lines and not facts_of(into, today=today)[0].needs_lines


def take_lines(case: Case, into: Case) -> None:
    """The three lines are due for the case that goes on, as far as they have come; their report follows (reporting). 〔方案二（三）2〕完成“三线”报告"""
    into.lines_from = case.lines_from or case.state_since or case.opened_on
    into.lines_signed_on, into.lines_on = case.lines_signed_on, case.lines_on
    into.save(update_fields=["lines_from", "lines_signed_on", "lines_on"])


def take_guarantors(case: Case, into: Case, *, today: date) -> None:
    """The people named for the child in a merged case answer for it in the one that goes on, on the days on which nobody of its own holds the post:
    nobody twice, and no day loses its people. Who is not needed there answers no longer. 〔方案二（一）〕责任落实到人"""
    own: dict[int, list[Span]] = defaultdict(list)
    for duty, first, last in Guarantor.objects.filter(case=into).values_list("duty_id", "first_day", "last_day"):
        own[duty].append((first, last))
    stored: list[Guarantor] = []
    new: list[Guarantor] = []
    for row in Guarantor.objects.filter(case=case).order_by("pk"):
        parts = uncovered((row.first_day, row.last_day), own[row.duty_id])
        if not parts:
            row.last_day = row.last_day or max(row.first_day, today)
        for number, (first, last) in enumerate(parts):
            one = copy(row) if number else row
            one.pk, one.case, one.first_day, one.last_day = None if number else row.pk, into, first, last
            (new if number else stored).append(one)
        if not parts:
            stored.append(row)
    Guarantor.objects.bulk_update(stored, ["case", "first_day", "last_day"])
    Guarantor.objects.bulk_create(new)


def keep_clocks(case: Case, into: Case) -> None:
    """The case that goes on was opened, and last made progress, when the first of both did; out of school in the same state since the first of
    both (days of watching are not given away); a level of the ladder that was told of that stretch is not told again."""
    into.opened_on, progress = min(case.opened_on, into.opened_on), min(case.last_progress, into.last_progress)
    if case.state_since and into.state_since and case.state == into.state and into.standing not in WAITING:
        into.state_since = min(case.state_since, into.state_since)
    into.progress_on, into.repeats = progress, max(case.repeats, into.repeats)
    into.save(update_fields=["opened_on", "progress_on", "state_since", "repeats"])
    known = set(Climb.objects.filter(case=into, since=progress).values_list("level", flat=True))
    told = Climb.objects.filter(case=case, since=progress).exclude(level__in=known)
    Climb.objects.bulk_create(Climb(case=into, level=one.level, since=one.since, days=one.days, told_on=one.told_on) for one in told)


@transaction.atomic
def follow_children(*, district: str, by: Actor, now: datetime) -> int:
    """Open cases go where their children learn and live now; the school that receives one is told, and the one that loses it. Safe to repeat.
    Returns how many went.

    〔方案二（三）3〕转学手续：学籍系统数据与学生实际在校情况相一致"""
    today = timezone.localtime(now).date()
    gone = follow(district, today=today, now=now)
    if not gone:
        return 0
    end_unseen(cases=[one.case for one in gone], by=by, now=now)
    clocks.refresh(cases=[one.case for one in gone], today=today)
    names = dict(Case.objects.filter(pk__in=[one.case for one in gone]).values_list("pk", "child__name"))
    schools = dict(School.objects.filter(pk__in=[one.school for one in gone]).values_list("pk", "name"))
    tellings = [
        Telling(
            Address("principal", district, school=one.school), Topic.CASE, f"case:{one.case}:followed:{one.school}",
            f"{names[one.case]}：个案随学生转到本校，请接着办理", reverse("case_show", args=[one.case])
        )
        for one in gone if one.school and one.school != one.from_school
    ]  # fmt: skip
    tellings += [
        Telling(
            Address("principal", district, school=one.from_school), Topic.CASE, f"case:{one.case}:left:{one.from_school}",
            f"{names[one.case]}：个案随学生转到{schools[one.school]}，由该校接着办理"
        )
        for one in gone if one.school and one.from_school and one.school != one.from_school
    ]  # fmt: skip
    tell(tellings=tellings, day=today, now=now, by=by)
    record("follow_children", f"个案随学生转移 {len(gone)} 件", by=by, object_kind="case", object_id=gone[0].case, district=district)
    return len(gone)
