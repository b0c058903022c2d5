"""A case is begun anew: what was arranged before the child was lost again is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import F
from django.db.models.functions import Greatest

from apps.cases.actions import clocks
from apps.cases.models import Assignment, Placement, Proposal, Return
from apps.cases.rules.proposing import Kind
from apps.core.scope import SYSTEM


def begin_anew(*, cases: Collection[int], today: date, now: datetime) -> None:
    """End the registrations, placements and assignments of cases that were reopened, take back what waited for closing, and start the clock of the
    new assignment. A fixed number of writes, however many cases. 〔方案二（三）1〕一生一案"""
    if not cases:
        return
    Return.objects.filter(case__in=cases, ended_on=None).update(ended_on=Greatest(F("registered_on"), today))
    Placement.objects.filter(case__in=cases, ended_on=None).update(ended_on=Greatest(F("first_day"), today))
    Assignment.objects.filter(case__in=cases, ended_at=None).update(ended_at=now)
    Proposal.objects.filter(case__in=cases, kind=Kind.CLOSE.value, decided_at=None).update(
        verdict=Proposal.Verdict.WITHDRAWN, verdict_text="再次辍学，自动撤回", decided_at=now, decided_name=SYSTEM.name, decided_title=SYSTEM.title
    )
    clocks.refresh(cases=cases, today=today)
