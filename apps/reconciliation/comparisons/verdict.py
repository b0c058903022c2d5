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
    first = with_disability(facts, "1", residence_vs_enrollment.classify(facts))
    second = with_disability(facts, "2", enrollment_vs_attending.classify(facts))
    reverse = attending_without_enrollment.classify(facts)
    third = out_of_school_vs_monitored.classify(facts, first=first.code, second=second.code)
    out = out_of_school_vs_monitored.is_out_of_school(first.code, second.code)
    return Verdict(first, second, reverse, third, tuple(contradictions.find(facts, out=out)))


AT_HOME = frozenset({"never_enrolled", "unregistered", "not_returned", "suspected_dropout", "dropout", "to_verify"})


def with_disability(facts: Facts, comparison: str, answer: Answer) -> Answer:
    """A disability on paper is no class by itself, but whoever looks for the child must know of it.

    〔方案二（二）1〕落实适龄儿童、少年就读情况和残疾儿童缓学情况。"""
    if not facts.disability or answer.code not in AT_HOME or answer is facts.decided(comparison):
        return answer
    return Answer(answer.code, f"{answer.reason}；登记有残疾（{facts.disability}），请核对缓学、送教或不具备学习条件的手续")
