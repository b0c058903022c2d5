"""Nothing was done: the next level of the ladder is told, once for each stretch without progress, in one line a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.audit.actions import record
from apps.cases.models import Case, CaseEntry, Climb
from apps.cases.queries.idle import Idle, idle, township_of
from apps.cases.queries.persons import one_at_a_time
from apps.cases.rules.climbing import LADDER
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic
from apps.schools.queries import policy

NAMED = 5  # children a line names


@transaction.atomic
def climb(*, district: str, by: Actor, today: date, now: datetime) -> int:
    """Tell the levels that must know of open cases without progress: a row and a line in the ledger for each case, one notice to each post.
    Safe to repeat and to run twice at once. Returns how many levels were told.

    〔方案二（一）〕责任逐级落实；班主任 → 校长 → 中心学校、乡镇 → 区教体局、区领导。"""
    with one_at_a_time(district):
        found = idle(district, today=today, numbers=policy(district=district, day=today))
    if not found:
        return 0
    for one in found:
        one.case.climbed = one.level
    Case.objects.bulk_update([one.case for one in found], ["climbed"], batch_size=500)
    rows = [Climb(case=one.case, level=level, since=one.since, days=one.days, told_on=today) for one in found for level in one.untold]
    if rows:
        Climb.objects.bulk_create(rows)
        CaseEntry.objects.bulk_create(_line(one, by=by, today=today, now=now) for one in found if one.untold)
        tell(tellings=_digests(district, found, batch=rows[0].pk), day=today, now=now, by=by)
        record("climb", f"无进展逐级上报 {len(rows)} 件次", by=by, district=district, cases=[row.case_id for row in rows])
    return len(rows)


def _line(one: Idle, *, by: Actor, today: date, now: datetime) -> CaseEntry:
    """The ledger says who was told."""
    who = "、".join(LADDER[level][1] for level in one.untold)
    text = f"自{one.begun:%Y年%-m月%-d日}起 {one.days} 日没有实际进展，已告知{who}。"
    return CaseEntry(
        case=one.case, kind=CaseEntry.Kind.CLIMBED, text=text, happened_on=today, written_at=now, by_name=by.name, by_title=by.title,
        data={"levels": list(one.untold), "days": one.days},
    )  # fmt: skip


def _digests(district: str, found: list[Idle], *, batch: int) -> Iterator[Telling]:
    """One sentence to each post that must know, however many cases it is of."""
    heard: dict[Address, list[Idle]] = defaultdict(list)
    for one in found:
        for level in one.untold:
            for to in _addresses(district, one.case, level):
                heard[to].append(one)
    for to, these in heard.items():
        names = "、".join(f"{one.case.child.name}（{one.days} 日）" for one in these[:NAMED]) + (f"等 {len(these)} 人" if len(these) > NAMED else "")
        yield Telling(to, Topic.CLIMBED, f"climbed:{batch}", f"没有进展，请督促：{names}", link=reverse("overdue_list"))


def _addresses(district: str, case: Case, level: int) -> Iterator[Address]:
    """The posts of one level for one case."""
    for role in LADDER[level][0].split():
        if role == "principal":
            yield Address(role, district, school=case.school_id)
        elif role == "central_school":
            if case.school:
                yield Address(role, district, region=case.school.township_id)
        elif role == "township":
            yield Address(role, district, region=case.owner_region or township_of(case))
        else:
            yield Address(role, district)
