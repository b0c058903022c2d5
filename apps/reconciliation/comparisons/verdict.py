"""All comparisons over one child."""

from __future__ import annotations

from dataclasses import dataclass

from apps.reconciliation.comparisons import (
    attending_without_enrollment,
    contradictions,
    enrollment_vs_attending,
    out_of_school_vs_monitored,
    residence_vs_enrollment,
)
from apps.reconciliation.comparisons.facts import Answer, Facts


@dataclass(frozen=True, slots=True)
class Verdict:
    """One class in each comparison ('' where it does not concern the child), and the contradictions."""

    first: Answer
    second: Answer
    reverse: Answer
    third: Answer
    contradictions: tuple[Answer, ...]


def classify(facts: Facts) -> Verdict:
    """Everything 四查三比对 says of one child. 〔方案二（二）〕"""
    first = residence_vs_enrollment.classify(facts)
    second = enrollment_vs_attending.classify(facts)
    reverse = attending_without_enrollment.classify(facts)
    third = out_of_school_vs_monitored.classify(facts, first=first.code, second=second.code)
    out = out_of_school_vs_monitored.is_out_of_school(first.code, second.code)
    return Verdict(first, second, reverse, third, tuple(contradictions.find(facts, out=out)))
