"""The four legal steps stop when the child is back, placed, exempt, handed over, or its case is closed; with it ends what was charged."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.cases.actions.writing import write
from apps.cases.models import Assignment, Case, CaseEntry, LegalStep
from apps.core.scope import Actor
from apps.notices.actions import settle


def stop_steps(*, case: Case, text: str, by: Actor, now: datetime) -> int:
    """Stop the standing steps of a case, with a line in its ledger where there are any. Returns how many were stopped.

    〔方案二（七）4〕学生返校的，“四步法”程序终止。"""
    day = timezone.localtime(now).date()
    stopped = LegalStep.objects.standing().filter(case=case).update(stopped_on=day, stopped_text=text[:200])
    if stopped:
        write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=f"“四步法”：{text}。", by=by, now=now)
    return stopped


def end_assignments(*, case: Case, now: datetime) -> int:
    """Whoever was charged with a case need not look for it any more. Returns how many were."""
    standing = Assignment.objects.filter(case=case, ended_at=None)
    settle(district=case.district_code, keys=[f"assignment:{pk}" for pk in standing.values_list("pk", flat=True)], now=now)
    return standing.update(ended_at=now)
