"""How far the three lines of a case are: told by whoever reports them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.cases.actions import clocks
from apps.cases.actions.writing import write
from apps.cases.models import Case, CaseEntry
from apps.cases.rules.placing import Cause
from apps.core.scope import Actor


def lines_drafted(*, cases: Collection[int], today: date) -> None:
    """The report of some cases has been drafted: from this day on their term runs. Only the first report of a round counts."""
    Case.objects.filter(pk__in=cases, lines_from=None).update(lines_from=today)
    clocks.refresh(cases=cases, today=today)


def lines_signed(*, case: Case, cause: str, today: date) -> None:
    """The principal has issued the report of a case: what is missing now is the registrar's, the number of the platform. The cause it states is
    the case's, where nobody has found out another one."""
    Case.objects.filter(pk=case.pk, lines_signed_on=None).update(lines_signed_on=today)
    Case.objects.filter(pk=case.pk, cause__in=["", Cause.UNKNOWN]).update(cause=cause)
    clocks.refresh(cases=[case.pk], today=today)


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
