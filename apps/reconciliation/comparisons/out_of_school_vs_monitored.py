"""Comparison ③: children out of school × lifted-out and monitored households. 〔方案二（二）3〕"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import NOTHING, Answer, Facts
from apps.reconciliation.rules import OUT_OF_SCHOOL, THIRD, Comparison

REASONS = {
    "lifted_out": "监测名单为脱贫户",
    "unstable": "监测名单为脱贫不稳定户",
    "marginal": "监测名单为边缘易致贫户",
    "sudden_hardship": "监测名单为突发严重困难户",
}


def is_out_of_school(first: str, second: str) -> bool:
    """Whether a child is 失学, 疑似辍学 or 辍学 by ① and ②.

    〔方案二（二）3〕做好辍失学学生与脱贫户及“三类”重点监测人员信息比对。"""
    return (Comparison.FIRST, first) in OUT_OF_SCHOOL or (Comparison.SECOND, second) in OUT_OF_SCHOOL


def classify(facts: Facts, *, first: str, second: str) -> Answer:
    """The household class of a child out of school.

    〔方案二（二）3〕摸排出脱贫户及“三类”重点监测人员辍失学情况。"""
    if not is_out_of_school(first, second):
        return NOTHING
    decided = facts.decided("3")
    if decided:
        return decided
    if facts.monitored:
        kind = facts.monitored_kind if facts.monitored_kind in THIRD else "general"
        return Answer(kind, REASONS.get(kind, "监测名单为一般户"))
    if facts.doubt_monitored:
        return Answer("to_verify", "监测名单中有一行可能是此人，待人工判定")
    return Answer("general", "不在脱贫户和三类监测名单中")
