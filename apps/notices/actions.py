"""Telling people, once; settling what has become moot; marking as seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from apps.core.ids import hide_numbers
from apps.core.scope import Actor
from apps.notices.models import Notice, Seen
from apps.notices.rules import Topic


@dataclass(frozen=True, slots=True)
class Address:
    """A role at its place: a class's (school and class), a school's, a township's or village's (region), the district's."""

    role: str
    district: str
    region: str = ""
    school: str | None = None
    school_class: int | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told to whom. ``key`` names the matter (``suspected:12``): one address hears of one matter once, however often it is told.

    The sentence carries no identity number; ``link`` is a path of this site."""

    to: Address
    topic: Topic
    key: str
    sentence: str
    link: str = ""


def tell(*, tellings: Iterable[Telling], day: date, now: datetime, by: Actor) -> int:
    """Write the notices that have not been told yet, and let those stand again that were settled meanwhile (a corrected roll call may be corrected
    back): nobody has seen them as they stand now. Returns how many are new. Safe to repeat; two at once tell once."""
    rows = [
        Notice(
            key=one.key, topic=one.topic, role=one.to.role, district_code=one.to.district, region_code=one.to.region, school_id=one.to.school,
            school_class_id=one.to.school_class, day=day, sentence=hide_numbers(one.sentence)[:300], link=one.link, told_at=now, by_name=by.name,
            by_title=by.title,
        )
        for one in tellings
    ]  # fmt: skip
    keys = {row.key for row in rows}
    known = Notice.objects.filter(key__in=keys, district_code__in={row.district_code for row in rows}).count() if rows else 0
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    new = Notice.objects.filter(key__in=keys, district_code__in={row.district_code for row in rows}).count() - known if rows else 0
    return new + stand_again(rows=rows)


def stand_again(*, rows: Collection[Notice]) -> int:
    """Those of the notices that were told to the same address before and settled since stand again, as they are told now. Returns how many."""
    settled = Notice.objects.filter(key__in={row.key for row in rows}, settled_at__isnull=False) if rows else []
    told = {row.address: row for row in rows}
    again = [(one, told[one.address]) for one in settled if one.address in told]
    for one, now_told in again:
        one.settled_at, one.day, one.sentence, one.told_at = None, now_told.day, now_told.sentence, now_told.told_at
    if again:
        Notice.objects.bulk_update([one for one, _ in again], ["settled_at", "day", "sentence", "told_at"])
        Seen.objects.filter(notice__in=[one.pk for one, _ in again]).delete()
    return len(again)


def settle(*, district: str, keys: Collection[str], now: datetime) -> int:
    """The matters are over (the roll was taken, the receipt signed): nobody need look any more. Returns how many notices that closes."""
    return int(Notice.objects.standing().filter(district_code=district, key__in=keys).update(settled_at=now))


def mark_seen(*, by: Actor, now: datetime) -> int:
    """The acting person has seen all notices to the acting post. Returns how many were new."""
    found = list(Notice.objects.to(by).unseen_by(by.user_id).values_list("pk", flat=True))
    Seen.objects.bulk_create([Seen(notice_id=pk, user_id=by.user_id, at=now) for pk in found], ignore_conflicts=True)
    return len(found)
