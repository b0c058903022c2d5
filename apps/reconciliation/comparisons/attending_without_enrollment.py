"""Comparison ② read the other way: in class without a record at that school. 〔方案二（三）3〕学籍系统数据应与学生实际在校情况相一致。"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import NOTHING, Answer, Facts
from apps.reconciliation.rules import Meaning


def classify(facts: Facts) -> Answer:
    """The one class of a child who sits in a class of a school that has no current record of it.

    DOMAIN.md §2：在校无籍: 转入待接续 · 无证件 · 问题学籍 · 借读。〔方案二（二）2〕"""
    if not facts.attending or not facts.is_present or facts.sits_by_decision or (facts.on_roll and facts.attending_school == facts.enrollment_school):
        return NOTHING
    decided = facts.decided("2r")
    if decided:
        return decided
    return by_remark(facts) or by_papers(facts)


def by_remark(facts: Facts) -> Answer | None:
    """What the school itself wrote beside the name.

    《义务教育法》第十二条：流动儿童平等接受义务教育。〔方案二（三）3〕"""
    if facts.meaning == Meaning.GUEST:
        return Answer("guest_study", "在校名册备注为借读")
    if facts.meaning == Meaning.TRANSFER_IN:
        return Answer("transfer_in", "在校名册备注为转入，学籍未接续")
    if facts.meaning == Meaning.PROBLEM:
        return Answer("problem_enrollment", "在校名册备注为问题学籍")
    if facts.meaning == Meaning.NO_DOCUMENT:
        return Answer("no_document", "在校名册备注为无证件")
    return None


def by_papers(facts: Facts) -> Answer:
    """Without a remark: another school's record, an open doubt, a number from elsewhere, or no paper at all.

    学籍管理办法第十五条：学籍转接。〔方案二（三）3〕"""
    if facts.on_roll:
        return Answer("guest_study", f"学籍在{facts.enrollment_name}，在{facts.attending_name}就读")
    if facts.doubt_enrollment:
        return Answer("to_verify", "学籍名册中有一行可能是此人，待人工判定")
    if facts.enrollment:
        return Answer("problem_enrollment", "在校就读，但学籍状态已离校")
    if facts.attending_number:
        return Answer("transfer_in", "有学籍号但本区无此学籍，须办理转入接续")
    if not facts.attending_document:
        return Answer("no_document", "在校名册中无证件号，也无学籍")
    return Answer("problem_enrollment", "有证件号但全区无此人学籍，须建籍或查重")
