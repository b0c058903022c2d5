"""缓学、休学、不具备学习条件: until when, and when to warn."""

from __future__ import annotations

from datetime import date, timedelta


def is_over(until: date, *, today: date) -> bool:
    """Whether an exemption is over: from the day after its last one. 《义务教育法》第十一条：延缓入学或者休学的，由审批机关规定期限，期满恢复就学。"""
    return today > until


def warns(until: date, *, today: date, days: int) -> bool:
    """Whether those who answer for the child are warned: within so many days before the last one.

    《义务教育法》第十一条：期满前提醒（缺省三十日，待本区确认）。"""
    return until - timedelta(days) <= today <= until
