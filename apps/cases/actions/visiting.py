"""Visits and every other try to bring a child back: written down once, corrected by a new record, or made void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.writing import hold_open, write
from apps.cases.models import Case, CaseEntry, Visit
from apps.cases.queries.persuading import earliest_day
from apps.cases.rules.placing import CAUSES, Cause
from apps.cases.rules.visiting import FACE_TO_FACE, OUTCOMES, WAYS, Outcome, Way, cause_of, confirms, fault
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic

WORDS = ("visitors", "spoke_with", "place", "whereabouts", "text")
KINDS: dict[str, CaseEntry.Kind] = {Way.HOME: CaseEntry.Kind.VISIT, Way.ELSEWHERE: CaseEntry.Kind.VISIT, Way.PHONE: CaseEntry.Kind.CALL}


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as it was told, under the names of its columns."""

    day: date
    way: str
    visitors: str
    outcome: str
    text: str
    spoke_with: str = ""
    place: str = ""
    cause: str = ""
    whereabouts: str = ""
    promised_on: date | None = None
    next_on: date | None = None
    files: Sequence[ProofFile] = field(default_factory=tuple)


@transaction.atomic
def log_visit(*, case: Case, seen: Seen, by: Actor, now: datetime) -> Visit:
    """Write down a visit, a call or a letter: progress of the case, on the day it happened; what it found out of the cause becomes the case's.

    Refused: not this post's to write, an ended case, a day to come or before the absence, what an outcome needs and lacks, and the same record
    twice. 〔方案二（三）4〕"""
    hold_open(case, sentence="个案已经办结，不再登记走访。")
    today = checked(case, seen, by=by, now=now)
    check_new(case, seen, by=by)
    made = _written(case, seen, by=by, now=now)
    clocks.refresh(cases=[case.pk], today=today)
    case.refresh_from_db()
    if confirms(made.outcome) and case.state == State.SUSPECTED and case.school_id:
        sentence = f"{case.child.name}：走访查实“{made.get_outcome_display()}”，可以提出认定"
        to = Address("principal", case.district_code, school=case.school_id)
        tell(tellings=[Telling(to, Topic.CASE, f"case:{case.pk}:found", sentence, reverse("case_show", args=[case.pk]))], day=today, now=now, by=by)
    return made


def check_new(case: Case, seen: Seen, *, by: Actor) -> None:
    """Refused where the same person has written down the same words of the same day already."""
    same = {"day": seen.day, "way": seen.way, "outcome": seen.outcome, "text": hide_numbers(seen.text.strip())}
    if Visit.objects.standing().of(case).filter(**same, by_name=by.name, by_title=by.title).exists():
        raise Refused("同一天、同样内容的走访记录已经登记过；确是另一次的，请写明第几次、几点。", code="text")


@transaction.atomic
def correct_visit(*, visit: Visit, seen: Seen, reason: str, by: Actor, now: datetime) -> Visit:
    """Write a visit anew that was written wrongly; both stay in the ledger, only the new one counts. An edit is no progress: the case goes back
    to the day of the visit where that is earlier now, and never on.

    Refused: as ``log_visit``, the other side's record, no reason, or it was corrected already."""
    _check_standing(visit, reason, by=by)
    today = checked(visit.case, seen, by=by, now=now)
    made = _written(visit.case, seen, by=by, now=now, corrects=visit.entry, reason=reason.strip())
    _told_otherwise(visit, today=today)
    return made


@transaction.atomic
def void_visit(*, visit: Visit, reason: str, by: Actor, now: datetime) -> CaseEntry:
    """A visit that was written down on the wrong child counts no more; its record and the reason stay in the ledger.

    Refused: the other side's record, no reason, or it was corrected or made void already. 〔DOMAIN §4〕更正是新的记录"""
    _check_standing(visit, reason, by=by)
    reason = hide_numbers(reason.strip())
    said = f"作废{visit.day:%-m月%-d日}的走访记录（{visit.get_way_display()}，{visit.get_outcome_display()}）：{reason}。"
    kind = CaseEntry.Kind.CORRECTION
    made = write(case=visit.case, kind=kind, text=said, by=by, now=now, corrects=visit.entry, takes_back=[visit.entry_id])
    _told_otherwise(visit, today=timezone.localtime(now).date())
    record("void_visit", said, by=by, object_kind="case", object_id=visit.case_id, child_id=visit.case.child_id)
    return made


def _check_standing(visit: Visit, reason: str, *, by: Actor) -> None:
    """Refused where this post may not change a record, says no reason, or the record stands no more. The case is held until the end."""
    if not by.may(Right.LOG_VISIT) or visit.is_local != by.may(Right.VIEW_ASSIGNMENTS):
        raise Refused("走访记录由登记的一方（学校，或乡镇、村）更正。", code="right")
    if not reason.strip():
        raise Refused("请写明哪里写错了。", code="reason")
    Case.objects.select_for_update(no_key=True).get(pk=visit.case_id)
    visit.case.refresh_from_db(fields=["merged_into", "cause"])
    if not Visit.objects.standing().filter(pk=visit.pk).exists():
        raise Refused("这条记录已经更正或作废；更正过的，请更正新的那一条。", code="state")


def _told_otherwise(visit: Visit, *, today: date) -> None:
    """What a case had from a record that stands no more, its cause, is now what the others tell: the placement, else the visits; its clocks."""
    case = visit.case.merged_into or visit.case
    said = cause_of(visit.outcome, visit.cause)
    if said and case.cause == said:
        visits = [cause_of(one.outcome, one.cause) for one in Visit.objects.standing().of(case).order_by("-day", "-pk")]
        placed = list(case.placements.filter(ended_on=None).values_list("cause", flat=True))
        known = sorted(filter(None, [*placed, *visits]), key=lambda cause: cause == Cause.UNKNOWN)  # stable: the latest one that is known
        Case.objects.filter(pk=case.pk).update(cause=next(iter(known), ""))
    clocks.refresh(cases=[case.pk], today=today)
    visit.case.refresh_from_db()


def checked(case: Case, seen: Seen, *, by: Actor, now: datetime) -> date:
    """Today; Refused (its code the field) where the record lacks something or cannot be."""
    if not by.may(Right.LOG_VISIT):
        raise Refused("您的岗位不登记家访。", code="right")
    today = timezone.localtime(now).date()
    wrong = fault(
        day=seen.day, today=today, earliest=earliest_day(case), way=seen.way, outcome=seen.outcome, place=seen.place.strip(),
        spoke_with=seen.spoke_with.strip(), whereabouts=seen.whereabouts.strip(), promised_on=seen.promised_on, next_on=seen.next_on,
    )  # fmt: skip
    if wrong:
        raise Refused(wrong[1], code=wrong[0])
    return today


def _written(case: Case, seen: Seen, *, by: Actor, now: datetime, corrects: CaseEntry | None = None, reason: str = "") -> Visit:
    """The record with its line in the ledger."""
    words = {name: hide_numbers(getattr(seen, name).strip()) for name in WORDS}
    promised = seen.promised_on if seen.outcome == Outcome.PROMISED else None
    kind = CaseEntry.Kind.CORRECTION if corrects else KINDS.get(seen.way, CaseEntry.Kind.PERSUASION)
    entry = write(
        case=case, kind=kind, text=(f"更正走访记录（{reason}）。" if corrects else "") + told(seen, words, promised), by=by, now=now, on=seen.day,
        progress=corrects is None, files=seen.files, label="走访", corrects=corrects, **_instead(corrects, seen.day),
    )  # fmt: skip
    made = Visit.objects.create(
        case=case, entry=entry, day=seen.day, way=seen.way, outcome=seen.outcome, cause=seen.cause, promised_on=promised, next_on=seen.next_on,
        is_local=by.may(Right.VIEW_ASSIGNMENTS), written_at=now, by_name=by.name, by_title=by.title, **words,
    )  # fmt: skip
    cause = cause_of(seen.outcome, seen.cause)
    if cause and (cause != Cause.UNKNOWN or not case.cause):
        Case.objects.filter(pk=case.pk).update(cause=cause)
        case.cause = cause
    said = f"登记{made.get_way_display()}：{made.get_outcome_display()}"
    record("log_visit", said, by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return made


def _instead(corrects: CaseEntry | None, day: date) -> dict[str, Any]:
    """The line that a record written anew takes back, and the day on which it counts in its place: never later than that one did."""
    if corrects is None:
        return {}
    before = corrects.data.get("counts_on")
    return {"takes_back": [corrects.pk], "counts_on": min(day, date.fromisoformat(before) if before else corrects.happened_on)}


def told(seen: Seen, words: dict[str, str], promised: date | None) -> str:
    """The record in one line of the ledger."""
    met = f"，{'见到' if seen.way in FACE_TO_FACE else '联系'}{words['spoke_with']}" if words["spoke_with"] else ""
    place = f"（{words['place']}）" if words["place"] else ""
    back = f"（{promised:%-m月%-d日}）" if promised else ""
    where = f"现在何处：{words['whereabouts']}。" if words["whereabouts"] else ""
    cause = f"原因：{CAUSES[seen.cause]}。" if seen.cause else ""
    coming = f"下次 {seen.next_on:%-m月%-d日}。" if seen.next_on else ""
    whole = f"{WAYS[seen.way].label}{place}：{words['visitors']}{met}，{OUTCOMES[seen.outcome].label}{back}。"
    return f"{whole}{where}{cause}{words['text'].rstrip('。')}。{coming}"
