"""What may be done with a child's papers: showing a full number, once, with a reason, remembered for good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.students.models import Child

REASON_LENGTH = (4, 200)  # characters; shorter ones say nothing


@transaction.atomic
def reveal_number(*, child: Child, by: Actor, reason: str, now: datetime) -> str:
    """The full ID number of a child: the only function that gives it out, and never without an event in the log.

    Refused with a sentence where the post may not, the child is not in its scope, the reason says nothing, or there is no number.
    〔个人信息保护法 §28、§51〕
    """
    found = Child.objects.within(by.scope).select_related("document").filter(pk=child.pk).first()
    if found is None or not by.may(Right.REVEAL_IDS):
        raise Refused("您的岗位不能查看这名儿童的完整证件号。", code="right")
    why = hide_numbers(" ".join(reason.split()))
    shortest, longest = REASON_LENGTH
    if not shortest <= len(why) <= longest:
        raise Refused(f"请写明查看完整证件号的原因（{shortest}—{longest} 字），会记入日志。", code="reason")
    if found.document is None:
        raise Refused("各名册都没有这名儿童的证件号。", code="none")
    record(
        "reveal_number", f"查看完整证件号：{why}", by=by, object_kind="child", object_id=found.pk, child_id=found.pk, document=found.document.masked,
        asked_at=now.isoformat(),
    )  # fmt: skip
    number: str = found.document.number
    return number
