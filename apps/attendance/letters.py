"""The leave slip on paper: three copies on one A4 — school, head teacher, guardian — with the times of leaving and coming back."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.attendance.models import Leave
from apps.core.papers import Block, Cut, Form, Paper, Title
from apps.core.templatetags.zaixue import cn_date, cn_moment

COPIES = ("第一联　学校存", "第二联　班主任存", "第三联　家长存")
HOUR = "　　时　　分"
BLANK = f"　　年　　月　　日{HOUR}"


def leave_slip(leave: Leave) -> Paper:
    """The slip of one leave; what is not known yet is left free to be written by hand."""
    body: list[Block] = []
    for number, copy in enumerate(COPIES):
        body += [Cut()] if number else []
        body += [Title("学生请假条", left=copy, right=f"编号：{leave.number}"), Form(rows(leave))]
    return Paper(title=f"请假条 {leave.number}", layout="form", body=body)


def rows(leave: Leave) -> list[tuple[str, ...]]:
    """The boxes of one copy."""
    span = f"{cn_date(leave.first_day)}至{cn_date(leave.last_day)}，共 {leave.school_days} 个上课日"
    return [
        ("学校班级", f"{leave.school.name}　{leave.school_class}"),
        ("学生", leave.child.name, "类别", leave.get_kind_display()),
        ("请假时间", span),
        ("事由", leave.facts),
        ("监护人", "　".join(filter(None, (leave.guardian_name, leave.guardian_phone))), "监护人签字", ""),
        ("审批", decided(leave), "审批人签字", ""),
        ("离校时间", moment(leave.left_at), "返校时间", returned(leave)),
    ]


def decided(leave: Leave) -> str:
    """Who decided what, when."""
    if leave.state == Leave.State.ASKED:
        return "待批准"
    return f"{leave.get_state_display()}　{leave.decided_name}\n{cn_moment(leave.decided_at)}" + (f"\n{leave.decision}" if leave.decision else "")


def returned(leave: Leave) -> str:
    """When the pupil was back; what of it is not known is left free."""
    return f"{cn_date(leave.returned_on)}{HOUR}" if leave.returned_on and not leave.returned_at else moment(leave.returned_at)


def moment(at: datetime | None) -> str:
    """A time to the minute, or room to write one."""
    return cn_moment(timezone.localtime(at)) if at else BLANK
