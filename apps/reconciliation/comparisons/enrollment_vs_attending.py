"""Comparison ②: enrolment × who is really in class. 〔方案二（二）2〕做好学籍与实际在校情况的比对。"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import DROPPED_OUT, NOTHING, TRANSFERRED, Answer, Facts
from apps.reconciliation.rules import Meaning, meaning_of

LISTED = {
    Meaning.LEAVE: ("on_leave", "在校名册备注为请假"),
    Meaning.SUSPENSION: ("suspension", "在校名册备注为休学"),
    Meaning.HOME_TEACHING: ("home_teaching", "在校名册备注为送教"),
    Meaning.TRANSFERRING: ("transferring", "在校名册备注为转学办理中"),
    Meaning.ABSENT: ("suspected_dropout", "在校名册备注为无正当理由未到校"),
    Meaning.DROPOUT: ("dropout", "在校名册备注为辍学"),
    Meaning.UNSURE: ("to_verify", "在校名册备注为待核实"),
}
ENTRY_GRADES = (1, 7)
ALARMING = ("dropout", "suspected_dropout")  # never over a line in doubt


def classify(facts: Facts) -> Answer:
    """The one class of a child on the national roll.

    〔方案二（二）2〕各学校将国网学籍与实际在校生进行比对，掌握疑似辍学和辍学学生情况。"""
    if not facts.on_roll:
        return NOTHING
    if facts.attending and facts.attending_school == facts.enrollment_school:
        return listed(facts)
    decided = facts.decided("2")
    if decided:
        return decided
    return elsewhere(facts) if facts.attending else unlisted(facts)


def listed(facts: Facts) -> Answer:
    """In the class list of the own school: present, or what the remark says.

    〔方案二（三）2〕请假事实清楚；3天及以上无正当理由未到校为疑似辍学。"""
    if facts.is_present:
        return Answer("attending", f"在{facts.attending_name}在校名册中")
    decided = facts.decided("2")
    if decided:
        return decided
    code, words = LISTED[facts.meaning]
    return Answer(code, f"{words}（{facts.attending_remark[:60]}）")


def elsewhere(facts: Facts) -> Answer:
    """On the roll here, in the class list of another school of the district.

    DOMAIN.md §2：人籍分离(他校就读) · 转学办理中。〔方案二（三）3〕转学手续的审核。"""
    if facts.meaning in (Meaning.ABSENT, Meaning.DROPOUT, Meaning.UNSURE):  # listed there, and not in class there either
        code, words = LISTED[facts.meaning]
        return Answer(code, f"{facts.attending_name}{words}（{facts.attending_remark[:60]}）")
    moving = facts.enrollment_state in ("transferred_out", "transferring") or facts.meaning in (Meaning.TRANSFER_IN, Meaning.TRANSFERRING)
    if moving:
        return Answer("transferring", f"学籍在{facts.enrollment_name}，已在{facts.attending_name}就读，转学手续未完")
    return Answer("elsewhere", f"学籍在{facts.enrollment_name}，实际在{facts.attending_name}就读")


def unlisted(facts: Facts) -> Answer:
    """On the roll and in no class list: the state of the record, the survey, then 未注册 or 未返校.

    〔方案二（二）〕对“四查三比对”核查出未到校的学生，以学校为单位建立未注册和未返校学生名册。"""
    by_state = recorded(facts)
    if by_state and not (by_state.code in ALARMING and (facts.doubt_attending or facts.refused_line)):
        return by_state
    if facts.doubt_attending:
        return Answer("to_verify", "在校名册中有一行可能是此人，待人工判定")
    if facts.refused_line:
        return Answer("to_verify", f"在校名册{facts.refused_line}写着此人，但该行有错被退回，须改正后重新上传")
    if not facts.list_handed_in:
        return Answer("to_verify", f"{facts.enrollment_name}本学期尚未提交在校名册")
    if facts.survey_state.startswith("outside"):
        return Answer("elsewhere", f"摸排登记在区外就读{'：' + facts.survey_school if facts.survey_school else ''}，学籍仍在{facts.enrollment_name}")
    if facts.survey_state == "dropout":
        return Answer("suspected_dropout", "不在在校名册中，摸排登记为辍学")
    late = "" if facts.days_since_start <= facts.registration_days else f"，开学已 {facts.days_since_start} 日"
    if facts.grade in ENTRY_GRADES:
        return Answer("unregistered", f"起始年级新生，未在{facts.enrollment_name}注册{late}")
    return Answer("not_returned", f"不在{facts.enrollment_name}在校名册中{late}")


def recorded(facts: Facts) -> Answer | None:
    """What the state of the national record says of a child who is in no class list; None for an ordinary state.

    学籍管理办法（教基一〔2013〕7号）：休学、转出、流失等学籍异动。〔方案二（三）3〕"""
    state = facts.enrollment_state
    if state == TRANSFERRED:
        return transferred(facts)
    if state in DROPPED_OUT or state == "stopped":
        return dropped_out(facts)
    if state == "suspension":
        return Answer("suspension", "学籍状态为休学")
    if state == "home_teaching" or facts.taught_at_home:
        return Answer("home_teaching", "学籍登记为送教上门")
    if state == "transferring":
        return Answer("transferring", "学籍登记为转学办理中")
    if state == "leave":
        return Answer("on_leave", "学籍登记为请假")
    return remarked(facts)


def transferred(facts: Facts) -> Answer:
    """转学办理中 only where somebody names the school the child went to; 转出 to nowhere is 待核实.

    学籍管理办法（教基一〔2013〕7号）第十五条：学生转学须由转入学校接收。〔方案二（三）3〕转学手续的审核。"""
    if facts.survey_state == "dropout":
        return Answer("suspected_dropout", "学籍状态为转出，不在在校名册中，摸排登记为辍学")
    if facts.outside_school:
        return Answer("transferring", f"学籍状态为转出，登记转往：{facts.outside_school}")
    if facts.survey_state.startswith("outside"):
        return Answer("transferring", "学籍状态为转出，摸排登记在区外就读，未写学校")
    return Answer("to_verify", "学籍状态为转出，各名册均未见接收学校，须查明去向")


def dropped_out(facts: Facts) -> Answer:
    """辍学 where record and class list agree; 疑似辍学 where the school handed no list in that could confirm it, or for 停学.

    学籍管理办法第二十二条：不得开除学生；流失须查明去向。〔方案二（三）2〕"""
    if facts.enrollment_state == "stopped":
        return Answer("suspected_dropout", "学籍状态为停学（义务教育阶段不得停学），" + unseen(facts))
    if not facts.list_handed_in:
        return Answer("suspected_dropout", "学籍状态为流失，" + unseen(facts))
    return Answer("dropout", "学籍状态为流失，" + unseen(facts))


def unseen(facts: Facts) -> str:
    """What the class lists say of a child they do not hold.

    〔方案二（二）2〕做好学籍与实际在校情况的比对。"""
    return "不在在校名册中" if facts.list_handed_in else f"{facts.enrollment_name}本学期尚未提交在校名册，无从印证"


def remarked(facts: Facts) -> Answer | None:
    """The remark of the national record itself, for a child in no class list.

    〔方案二（三）3〕学籍系统数据应与学生实际在校情况相一致。"""
    told = LISTED.get(meaning_of(facts.enrollment_remark))
    if told is None:
        return None
    return Answer(told[0], f"{told[1].replace('在校名册', '学籍名册')}（{facts.enrollment_remark[:60]}）")
