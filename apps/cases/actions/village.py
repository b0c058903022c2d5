"""What a village or township reports becomes cases at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.queries.absences import Flagged
from apps.cases.queries.village import open_reported
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic


@transaction.atomic
def open_cases_of_reports(*, district: str, by: Actor, today: date, now: datetime) -> int:
    """Open a suspected case for every child reported as out of school that has no open one, and tell the school that lost it, the township and the
    bureau: a report that waits for the next comparison waits for weeks. Safe to repeat and to run twice at once. Returns how many were opened.

    〔DOMAIN §4〕村级报告立为疑似，当日；〔方案二（二）〕铁脚板摸排，不漏一人。"""
    opened = open_reported(district, today=today, now=now)
    if not opened:
        return 0
    clocks.refresh(cases=[one.case for one in opened], today=today)
    tell(tellings=_tellings(district, opened), day=today, now=now, by=by)
    record("open_cases", f"按村级报告立案 {len(opened)} 件", by=by, object_kind="case", object_id=opened[0].case, district=district)
    return len(opened)


def _tellings(district: str, opened: list[Flagged]) -> Iterator[Telling]:
    """One sentence for each who must know."""
    for one in opened:
        to = [Address("bureau", district)]
        if township := one.township(district):
            to.append(Address("township", district, region=township))
        if one.school:
            to.append(Address("principal", district, school=one.school))
        for address in to:
            yield Telling(address, Topic.SUSPECTED, f"suspected:{one.case}", f"{one.name}：{one.text}", reverse("case_show", args=[one.case]))
