"""The flag: what the roll calls found becomes cases, and whoever must know is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.reopening import begin_anew
from apps.cases.queries import absences, reopening
from apps.cases.queries.absences import Flagged
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic


@transaction.atomic
def open_cases_of_absences(*, district: str, by: Actor, today: date, now: datetime, and_note: bool = True) -> int:
    """Open a case for every pupil with a run of absence that is long enough and that no case knows of, reopen the case of a pupil that had
    returned, end the return of one that had not yet, note in the open ones what the roll calls now say, and tell the head teacher, the principal,
    the township and the bureau. Safe to repeat and to interrupt. Returns how many were opened or reopened. ``and_note`` False for a day that is
    over: what the roll calls said then is no news in the ledgers of today.

    〔方案二（三）2〕连续 3 天及以上未到校且无正当理由的，一人一案，三线报告。"""
    again = reopening.reopen_absent(district, today=today, now=now)
    begin_anew(cases=[one.case for one in again], today=today, now=now)
    left = reopening.end_returns(district, today=today, now=now)
    clocks.refresh(cases=[one.case for one in left], today=today)
    opened = absences.open_needed(district, today=today, now=now)
    noted = (
        [*left, *absences.note_missed(district, today=today, now=now), *absences.note_standing(district, today=today, now=now)] if and_note else left
    )
    clocks.refresh(cases=[one.case for one in (*opened, *noted)], today=today)
    new = [
        *_tellings(district, opened, topic=Topic.SUSPECTED, day=today),
        *_tellings(district, again, topic=Topic.SUSPECTED, day=today, is_again=True),
    ]
    told = [*new, *_tellings(district, noted, topic=Topic.CASE, day=today)]
    tell(tellings=told, day=today, now=now, by=by)
    for done, found in (("立案", opened), ("再次立案", again)):
        if found:
            record("open_cases", f"按点名{done} {len(found)} 件", by=by, object_kind="case", object_id=found[0].case, district=district)
    return len(opened) + len(again)


def _tellings(district: str, found: list[Flagged], *, topic: Topic, day: date, is_again: bool = False) -> Iterator[Telling]:
    """One sentence for each of the four who must know; a later word on the same case is another matter."""
    for one in found:
        key = f"{topic}:{one.case}" + ("" if topic == Topic.SUSPECTED and not is_again else f":{day}:{one.text[:40]}")
        for to in _addresses(district, one):
            yield Telling(to, topic, key, f"{one.name}：{one.text}", link=reverse("case_show", args=[one.case]))


def _addresses(district: str, one: Flagged) -> Iterator[Address]:
    if one.school and one.school_class:
        yield Address("head_teacher", district, school=one.school, school_class=one.school_class)
    if one.school:
        yield Address("principal", district, school=one.school)
    if township := one.township(district):
        yield Address("township", district, region=township)
    yield Address("bureau", district)
