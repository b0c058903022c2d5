"""交办 of many cases at once: set by set, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.audit.actions import event, record_all
from apps.cases.actions import clocks
from apps.cases.actions.advancing import begin_persuading
from apps.cases.actions.assigning import TWICE, accept_by, handed, notice, unfit
from apps.cases.models import Assignment, Case, CaseEntry
from apps.cases.queries.idle import township_of
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.notices.actions import tell
from apps.schools.models import Region

LEVEL = Assignment.Level.TOWNSHIP


@transaction.atomic
def assign_many(*, cases: Iterable[Case], text: str, by: Actor, now: datetime) -> tuple[int, dict[Case, str]]:
    """Hand each case of the own district to its own township; those whose people are all named are 劝返中 from now on. A fixed number of reads and
    writes, however many cases. Returns how many were handed over, and of the others why not; Refused where it is not this post's.

    〔方案二（三）2〕由乡镇（街道）履行主体劝返责任"""
    if not by.may(Right.ASSIGN_CASES):
        raise Refused("由区教体局交办。", code="right")
    held = Case.objects.filter(pk__in=[case.pk for case in cases], district_code=by.scope.district).select_for_update(of=("self",), no_key=True)
    rows = list(held.select_related("child", "school", "school_class").order_by("pk"))
    found = Region.objects.within(by.scope).filter(pk__in={township_of(row) for row in rows}, level=Region.Level.TOWNSHIP)
    towns = {region.pk: region for region in found}
    charged = set(Assignment.objects.filter(case__in=rows, level=LEVEL, ended_at=None).values_list("case_id", flat=True))
    told = {row: TWICE if row.pk in charged else unfit(row, township_of(row) if township_of(row) in towns else "") for row in rows}
    ready = [row for row, sentence in told.items() if not sentence]
    if ready:
        hand_over(ready, towns, text, by=by, now=now)
    return len(ready), {row: sentence for row, sentence in told.items() if sentence}


def hand_over(ready: list[Case], towns: dict[str, Region], text: str, *, by: Actor, now: datetime) -> None:
    """The rows, the ledgers, the notices, the log, the moves that follow, the clocks. It is not progress: nothing was done for a child yet."""
    today, wanted = timezone.localtime(now).date(), hide_numbers(text.strip())[:300]
    last = accept_by(by.scope.district, today=today)
    made = Assignment.objects.bulk_create(
        Assignment(
            case=case, level=LEVEL, region_code=township_of(case), text=wanted, accept_by=last, given_at=now, given_name=by.name, given_title=by.title
        )
        for case in ready
    )
    said = {one.case_id: hide_numbers(handed(one, towns[one.region_code])) for one in made}
    CaseEntry.objects.bulk_create(
        CaseEntry(case=case, kind=CaseEntry.Kind.ASSIGNED, text=said[case.pk], happened_on=today, written_at=now, by_name=by.name, by_title=by.title)
        for case in ready
    )
    tell(tellings=[notice(one) for one in made], day=today, now=now, by=by)
    record_all(event("assign_case", said[case.pk], by=by, object_kind="case", object_id=case.pk, child_id=case.child_id) for case in ready)
    keys = [case.pk for case in ready]
    begin_persuading(today=today, now=now, cases=keys, by=by)
    still = Case.objects.filter(pk__in=keys).exclude(state=State.PERSUADING.value)  # those that moved have been looked at
    clocks.refresh(cases=still.values_list("pk", flat=True), today=today)
