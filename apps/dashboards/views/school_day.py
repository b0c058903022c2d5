"""What of the school day stands on a workbench."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from apps.attendance.queries.waiting import due
from apps.core.scope import Actor
from apps.schools.policy import Policy


def absence_tasks(actor: Actor, *, today: date, numbers: Policy) -> list[dict[str, Any]]:
    """Calls, slips to decide, pupils who should be back, suspension papers: each with its way there; nothing for posts outside schools."""
    found = due(actor, today=today, numbers=numbers)
    calls, leaves = reverse("contact_list"), reverse("leave_list")
    limit, sick = numbers["suspected_school_days"], numbers["suspension_sick_days"]
    told = [
        (found.calls, "今天要联系的家长 {} 位", "未请假、未到校，还没有联系上", calls, "去联系"),
        (found.second_day, f"再缺一个上课日即疑似辍学的学生 {{}} 人（{limit} 个上课日）", "今天就家访或联系", calls, "去看"),
        (found.to_decide, "等我批准的请假条 {} 张", "批准以前仍按未请假计", f"{leaves}?state=asked", "审批"),
        (found.overdue, "请假到期没有返校的学生 {} 人", "已按无正当理由未到校计", f"{leaves}?state=overdue", "去看"),
        (found.long_sick, f"连续病假满 {sick} 日的学生 {{}} 人", "应办理休学手续", leaves, "去看"),
    ]
    return [{"label": label.format(number), "note": note, "url": url, "action": action} for number, label, note, url, action in told if number]
