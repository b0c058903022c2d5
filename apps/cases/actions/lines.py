"""The three lines of a case are out: told by whoever reports them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.cases.actions import clocks
from apps.cases.actions.writing import write
from apps.cases.models import Case, CaseEntry
from apps.core.scope import Actor


@transaction.atomic
def lines_out(*, case: Case, by: Actor, now: datetime) -> bool:
    """All three lines of a case are out since today; safe to repeat. Returns whether that is new.

    〔方案二（三）2〕完成“三线”报告，一次为一步。"""
    today = timezone.localtime(now).date()
    if not Case.objects.filter(pk=case.pk, lines_on=None).update(lines_on=today):
        return False
    write(case=case, kind=CaseEntry.Kind.REPORT, text="三线报告 3/3 已报齐。", by=by, now=now, progress=True)
    clocks.refresh(cases=[case.pk], today=today)
    case.refresh_from_db()
    return True
