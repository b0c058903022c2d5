"""Cases of what a comparison found."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.reopening import begin_anew
from apps.cases.queries import comparison as queries
from apps.core.scope import Actor
from apps.reconciliation.models import Run
from apps.schools import queries as places


@transaction.atomic
def open_cases_of_run(*, run: Run, by: Actor, today: date, now: datetime) -> int:
    """Open a case for every child the run found out of school and that has none, reopen the one that was closed not long ago, and tell the
    ledgers of the open ones what the run says of them; safe to repeat. Returns how many were opened or reopened.

    〔方案二（二）〕确认为疑似辍学和辍学的，应及时纳入控辍保学台账管理。"""
    policy = places.policy(district=run.district_code, day=today)
    late = (run.as_of - run.term.first_day).days > policy["registration_days"]
    noted = queries.note_standing(run, late=late, today=today, now=now)
    again = queries.reopen_needed(run, late=late, today=today, now=now)
    begin_anew(cases=again, today=today, now=now)
    opened = queries.open_needed(run, late=late, today=today, now=now)
    clocks.refresh(cases=[*noted, *opened], today=today)
    if opened or again:
        record("open_cases", f"按{run}立案 {len(opened)} 件，再次立案 {len(again)} 件", by=by, object_kind="run", object_id=run.pk)
    return len(opened) + len(again)
