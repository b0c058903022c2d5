"""What ends with a case: what waits for a second signature, whoever was charged with it, and the four legal steps, which stop as well when the
child is back, placed, exempt or handed over."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.cases.actions.writing import write
from apps.cases.models import Assignment, Case, CaseEntry, LegalStep, Proposal
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


def drop_proposals(*, case: Case, text: str, by: Actor, now: datetime) -> int:
    """Nobody need sign any more for what still waits in a case that has ended: it is withdrawn, with a line in the ledger, and its notices are
    settled. Returns how many waited. 〔方案三（三）〕闭环管理"""
    waiting = list(Proposal.objects.filter(case=case, decided_at=None).order_by("pk"))
    if not waiting:
        return 0
    verdict = {"verdict": Proposal.Verdict.WITHDRAWN, "verdict_text": text, "decided_at": now, "decided_name": by.name, "decided_title": by.title}
    Proposal.objects.filter(pk__in=[one.pk for one in waiting], decided_at=None).update(**verdict)
    said = f"{text}，等候审定的一并撤回：{'；'.join(str(one) for one in waiting)}。"
    write(case=case, kind=CaseEntry.Kind.DECISION, text=said, by=by, now=now)
    settle(district=case.district_code, keys=[f"proposal:{one.pk}" for one in waiting], now=now)
    return len(waiting)
