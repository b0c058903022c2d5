"""By which day what waits on a workbench is to be done: plain dates, the numbers come from the district's policy."""

from __future__ import annotations

from datetime import date, timedelta


def registers_due(first_day: date, *, run_first_week: int) -> date:
    """The last day before the comparisons of a term may begin; by then every register is to be handed in.

    〔方案二（二）〕每个学期开学一周后，联合开展“四查三比对”行动。"""
    return first_day + timedelta(days=7 * (run_first_week - 1) - 1)


def findings_due(as_of: date, *, settle_findings_days: int) -> date:
    """The last day for settling the findings of a comparison.

    〔方案二（二）〕精准掌握就读情况；期限为缺省值，待本区确认。"""
    return as_of + timedelta(days=settle_findings_days)


def signature_due(as_of: date, *, sign_run_days: int) -> date:
    """The last day for signing a comparison.

    〔方案二（二）〕逐级核实；期限为缺省值，待本区确认。"""
    return as_of + timedelta(days=sign_run_days)
