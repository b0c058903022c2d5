"""Words with guardians about an absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.attendance.actions.leaves import place
from apps.attendance.models import Contact, Seat
from apps.audit.actions import record
from apps.core.errors import Fault
from apps.core.ids import hide_numbers
from apps.core.scope import Actor


@dataclass(frozen=True, slots=True)
class Word:
    """What came of asking a guardian."""

    at: datetime
    way: str
    result: str
    spoke_with: str = ""
    reason: str = ""
    whereabouts: str = ""
    text: str = ""


def faults_of(word: Word, *, day: date, now: datetime) -> list[Fault]:
    """All that is wrong with a contact about an absence on ``day``."""
    found = []
    if word.at > now:
        found.append(Fault("at", "future", "联系时间还没有到，请改正。"))
    if timezone.localtime(word.at).date() < day:
        found.append(Fault("at", "before", f"联系时间早于缺勤当天（{day:%-m月%-d日}），请改正。"))
    if word.result == Contact.Result.REACHED:
        if not word.spoke_with.strip():
            found.append(Fault("spoke_with", "empty", "已联系上的，请写明联系到谁。"))
        if not (word.reason or word.text.strip()):
            found.append(Fault("reason", "empty", "已联系上的，请选缺勤的原因，或在“情况”里写明。"))
    return found


@transaction.atomic
def log_contact(*, seat: Seat, day: date, word: Word, by: Actor, now: datetime) -> Contact:
    """Write down a contact about an absence on ``day``. Refused: a time to come, or a guardian reached and nothing said of whom and why.

    〔方案二（三）2〕当日与家长联系，问明原因、去向并记录。
    """
    for fault in faults_of(word, day=day, now=now):
        raise fault.refused()
    made = Contact.objects.create(
        **place(seat), day=day, at=word.at, way=word.way, result=word.result, spoke_with=hide_numbers(word.spoke_with.strip()), reason=word.reason,
        whereabouts=hide_numbers(word.whereabouts.strip()), text=hide_numbers(word.text.strip()), by_name=by.name, by_title=by.title, written_at=now,
    )  # fmt: skip
    record("log_contact", f"联系家长：{made.get_result_display()}", by=by, object_kind="contact", object_id=made.pk, child_id=seat.child_id)
    return made
