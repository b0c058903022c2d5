"""A case takes a step of the table (workflow.py), or is told what it lacks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.arriving import arrive
from apps.cases.actions.ending import drop_proposals, end_assignments, stop_steps
from apps.cases.actions.writing import write
from apps.cases.models import Case, CaseEntry
from apps.cases.queries.facts import facts_of
from apps.cases.rules.facts import Facts
from apps.cases.workflow import ENDED, STOPS_STEPS, Move, State, missing, ways
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.schools.policy import Policy


@transaction.atomic
def move(
    *, case: Case, target: State, by: Actor, now: datetime, text: str = "", counts_on: date | None = None, **values: Any
) -> CaseEntry:  # fmt: skip
    """Bring a case into a state: one conditional UPDATE, a line in the ledger, the clocks, the log. ``values`` are further columns of the case.

    ``counts_on``: the move is progress no later than on that day. To place a child that nobody has seen learn is none after its registration, and
    to bring it back to be persuaded none at all.

    Refused with a sentence: no such step from here, not this post's to take, what the step still lacks, or somebody took a step a moment ago.
    〔DOMAIN §4〕
    """
    today = timezone.localtime(now).date()
    facts, numbers = facts_of(case, today=today)
    step = open_way(case, target, by=by, facts=facts, numbers=numbers)
    source = case.standing
    columns = {"state": target.value, "state_since": today, **values}
    if not Case.objects.filter(pk=case.pk, state=source.value).update(**columns):
        case.refresh_from_db()
        raise Refused(f"个案现在是“{case.standing.label}”，刚刚被别人办理过；请刷新后查看。", code="state")
    case.refresh_from_db()
    if target != State.PERSUADING:  # whoever was charged with bringing the child back has done so, or need not
        end_assignments(case=case, now=now)
    said = text or f"{source.label} → {target.label}：{numbers.fill(step.guard)}"
    entry = write(
        case=case, kind=CaseEntry.Kind.MOVED, text=said, by=by, now=now, progress=True, counts_on=counts_on or real_day(source, target, facts),
        source=source.value, target=target.value,
    )  # fmt: skip
    if target in ENDED:
        drop_proposals(case=case, text=f"个案转为“{target.label}”", by=by, now=now)
    if target in STOPS_STEPS:
        stop_steps(case=case, text=f"个案转为“{target.label}”，程序终止", by=by, now=now)
    clocks.refresh(cases=[case.pk], today=today)
    case.refresh_from_db()
    arrive(case=case, by=by, now=now, facts=facts, numbers=numbers)
    case.refresh_from_db()
    record("move_case", f"个案{source.label} → {target.label}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return entry


def real_day(source: State, target: State, facts: Facts) -> date | None:
    """The earlier day on which a move counts as progress, where nothing was done for the child by it; None: it counts today."""
    if source == State.PLACED and target == State.PERSUADING:
        return facts.progress_on
    return facts.registered_from if target == State.PLACED and facts.is_unseen else None


def open_way(case: Case, target: State, *, by: Actor, facts: Facts, numbers: Policy) -> Move:
    """The row of the table by which a case may go to a state now; Refused where none is open to this post."""
    rows = ways(case.standing, target)
    if not rows:
        raise Refused(f"“{case.standing.label}”的个案不能直接转为“{target.label}”。", code="step")
    mine = [row for row in rows if by.role in row.roles]
    if not mine:
        raise Refused("您的岗位不能办理这一步。", code="right")
    lacking: list[list[str]] = [missing(row, facts, numbers) for row in mine]
    for row, lacks in zip(mine, lacking, strict=True):
        if not lacks:
            return row
    raise Refused("还不能办理，缺：" + "；".join(min((len(lacks), lacks) for lacks in lacking)[1]) + "。", code="missing")
