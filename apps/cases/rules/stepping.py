"""四步法: four legal steps in order, each with its paper, its term and who issues it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from apps.cases.rules.facts import Facts
from apps.schools.policy import Policy


@dataclass(frozen=True, slots=True)
class LegalStep:
    """One step: its papers (code, title), the policy's number of days its term runs, 0 where the law sets it."""

    number: int
    label: str
    papers: tuple[tuple[str, str], ...]
    term_key: str = ""


STEPS = (
    LegalStep(1, "宣传教育", (("persuade", "劝学通知书"),), "step_publicity_days"),
    LegalStep(2, "责令改正", (("order", "责令限期改正通知书"),), "step_order_days"),
    LegalStep(3, "行政处罚", (("penalty_notice", "行政处罚告知书"), ("penalty", "行政处罚决定书")), "step_penalty_days"),
    LegalStep(4, "申请强制执行或提起诉讼", (("enforce", "强制执行申请书"), ("sue", "民事起诉状")), ""),
)
BY_NUMBER = {step.number: step for step in STEPS}


def term_end(step: int, *, served_on: date, numbers: Policy, days: int | None = None) -> date | None:
    """The last day of a step's term, counted from the day after its paper was served; ``days`` as the paper named them. None: by law.

    〔方案二（七）4〕宣传教育、责令改正、行政处罚、申请强制执行或提起诉讼；《行政处罚法》《民事诉讼法》期间自次日起算。"""
    key = BY_NUMBER[step].term_key
    length = days or (numbers[key] if key else 0)
    return served_on + timedelta(length) if length else None


def next_step(facts: Facts) -> int:
    """Which step may be issued next, whatever still stands against it: 1–4; 5 once all four were issued.

    〔方案二（七）4〕按顺序依法执行“四步法”。"""
    return (facts.step.step if facts.step else 0) + 1


def hindrance(facts: Facts) -> str:
    """Why the next step may not be issued yet; '' where it may. A step that was skipped by consent hinders nothing.

    〔方案二（七）4〕按顺序；上一步的文书送达且期限届满后，方可进行下一步。"""
    last = facts.step
    if next_step(facts) > len(STEPS):
        return "四步均已办理。"
    if last is None or last.skipped:
        return ""
    label = BY_NUMBER[last.step].label
    if last.served_on is None:
        return f"第{last.step}步“{label}”的文书还没有送达，请先登记送达回证。"
    if last.term_ends_on and facts.today <= last.term_ends_on:
        return f"第{last.step}步“{label}”的期限到 {last.term_ends_on:%Y年%-m月%-d日} 届满，次日起可以进行下一步。"
    return ""


def earliest(facts: Facts) -> date | None:
    """The earliest day on which the next step may be issued; None while that is not known. 〔方案二（七）4〕"""
    last = facts.step
    if last is None or last.skipped:
        return facts.today
    return last.term_ends_on + timedelta(1) if last.term_ends_on else (last.served_on + timedelta(1) if last.served_on else None)
