"""What of the school day stands on a workbench."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from apps.attendance.queries.waiting import due, untaken
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.schools.policy import Policy

SHOWN = 4  # classes named on a workbench


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


def roll_tasks(actor: Actor, *, today: date, numbers: Policy) -> list[dict[str, Any]]:
    """The roll calls of today that are missing: the class itself for its teachers, how many and which for those above."""
    rows = untaken(actor, today=today)
    if not rows:
        return []
    hour = f"{numbers['roll_call_cutoff'] // 100}:{numbers['roll_call_cutoff'] % 100:02}"
    if actor.scope.level == Level.CLASS:
        label, note, action = f"{rows[0].label}今天还没有点名", f"{hour} 前提交，过后记为逾时；没有点名不算到校", "点名"
    else:
        named = "、".join(row.label if actor.scope.school else f"{row.school}{row.label}" for row in rows[:SHOWN])
        note = named + (f"等 {len(rows)} 个班" if len(rows) > SHOWN else "") + f"；{hour} 截止，没有点名不算到校"
        label, action = f"今天还没有点名 {len(rows)} 个班", "去看" if actor.may(Right.CORRECT_ROLL_CALLS) else "看点名"
    return [{"label": label, "note": note, "url": reverse("roll_today"), "action": action}]
