"""Comparison ①: household × enrolment. 〔方案二（二）1〕做好户籍和学籍的比对。"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import LEFT_THE_ROLL, NOTHING, SURVEY_OUT, TRANSFERRED, Answer, Facts
from apps.reconciliation.rules import Meaning

REMOVED = {
    "dead": Answer("removed_dead", "户籍登记为死亡注销"),
    "moved_out": Answer("removed_moved", "户籍登记为迁出"),
    "duplicate": Answer("removed_duplicate", "户籍登记为重户"),
    "not_found": Answer("removed_not_found", "户籍登记为查无此人"),
}
SURVEYED = {
    "outside_province_in": ("outside_in_province", "摸排登记在省内区外就读"),
    "outside_province_out": ("outside_out_of_province", "摸排登记在省外就读"),
    "deferral": ("deferral", "摸排登记为缓学，须补缓学批准"),
    "suspension": ("suspension", "摸排登记为休学"),
    "home_teaching": ("home_teaching", "摸排登记为送教上门"),
    "medically_unable": ("medically_unable", "摸排登记为不具备学习条件，须补鉴定"),
    "graduated": ("graduated", "摸排登记为已毕业"),
    "never_enrolled": ("never_enrolled", "户籍适龄，各名册均无学籍，摸排登记为未就读"),
    "dropout": ("never_enrolled", "户籍适龄，本区无学籍，摸排登记为辍学"),
    "dead": ("removed_dead", "摸排登记为死亡"),
    "moved_out": ("removed_moved", "摸排登记为迁出"),
}


def classify(facts: Facts) -> Answer:
    """The one class of a child of compulsory age in the household register; 无户籍 for a child only the survey knows.

    〔方案二（二）1〕将户籍适龄儿童、少年和国网学籍进行比对，落实适龄儿童、少年就读情况和残疾儿童缓学情况。"""
    if not facts.household:
        return without_household(facts)
    if not facts.is_school_age:
        return NOTHING
    decided = facts.decided("1")
    if decided:
        return decided
    seen_in_class = facts.on_roll and facts.is_present and facts.household_state != "moved_out"
    if facts.household_state in REMOVED and not seen_in_class:  # a child in class is not dead: that is a contradiction
        return REMOVED[facts.household_state]
    return by_record(facts) if facts.enrollment else without_record(facts)


def without_household(facts: Facts) -> Answer:
    """A child outside the household register: 无户籍 only when the door-to-door survey alone found it here.

    DOMAIN.md §2：摸排发现的、不在任何名册中的儿童。〔方案二（二）〕"""
    if facts.survey and facts.is_school_age and not facts.enrollment and not facts.attending:
        return facts.decided("1") or Answer("no_residence", "仅见于摸排，户籍、学籍、在校名册均无")
    return NOTHING


def by_record(facts: Facts) -> Answer:
    """The class of a child with a national record in the district, after the state of the record.

    〔方案二（三）3〕学籍系统数据应与学生实际在校情况相一致。"""
    state = facts.enrollment_state
    if state == "dead":
        return Answer("removed_dead", "学籍状态为死亡")
    if state in LEFT_THE_ROLL:
        return graduated(facts)
    if state == "suspension":
        return Answer("suspension", f"{facts.enrollment_name}学籍状态为休学")
    if state == "home_teaching" or facts.taught_at_home:
        return Answer("home_teaching", f"{facts.enrollment_name}送教上门")
    if state == "deferral":
        return Answer("deferral", "学籍登记为缓学")
    if state == TRANSFERRED:
        return transferred(facts)
    return Answer("inside", f"学籍在{facts.enrollment_name}")


def transferred(facts: Facts) -> Answer:
    """A record in state 转出: here only while the child is seen in a class here, else where the survey or the record says, else 待核实.

    学籍管理办法（教基一〔2013〕7号）第十五条：学籍转接。〔方案二（二）〕掌握东川户籍适龄儿童少年在区内和区外就读情况。"""
    if facts.is_present:
        return Answer("inside", f"学籍状态为转出，实际在{facts.attending_name or facts.enrollment_name}就读")
    told = surveyed(facts) if facts.survey_state not in SURVEY_OUT else None
    if told:
        return told
    if facts.receiving_school:
        return outside(facts)
    return Answer("to_verify", "学籍状态为转出，本区未见接收学校，须查明去向")


def graduated(facts: Facts) -> Answer:
    """已毕业 holds after grade nine; a sixth-grader who left without a junior record still has to be found.

    《义务教育法》第二条：国家实行九年义务教育制度。〔方案二（四）〕小升初无缝对接。"""
    if 1 <= facts.grade <= 6:
        return Answer("to_verify", "小学毕业后未见初中学籍，须查明升学去向")
    return Answer("graduated", "学籍状态为毕业或结业")


def without_record(facts: Facts) -> Answer:
    """A child of compulsory age without a record here: what the survey says, else 失学, never while a doubtful row is open.

    〔方案二（二）〕掌握东川户籍适龄儿童少年在区内和区外就读情况。"""
    if facts.doubt_enrollment:
        return Answer("to_verify", "学籍名册中有一行可能是此人，待人工判定")
    if facts.attending:
        return listed_without_record(facts)
    if facts.doubt_attending:
        return Answer("to_verify", "在校名册中有一行可能是此人，待人工判定")
    told = surveyed(facts)
    if told:
        return told
    if facts.survey and facts.survey_state not in SURVEY_OUT:
        return Answer("to_verify", "摸排称在读或情况不明，但本区无学籍、无在校记录")
    if facts.doubt_survey:
        return Answer("to_verify", "摸排登记中有一行可能是此人，待人工判定")
    return unseen(facts)


def listed_without_record(facts: Facts) -> Answer:
    """In a class list without a record: 待核实, unless the school itself wrote that the child has dropped out.

    〔方案二（三）3〕学籍系统数据应与学生实际在校情况相一致。"""
    if facts.meaning == Meaning.DROPOUT:
        return Answer("never_enrolled", f"户籍适龄，本区无学籍，{facts.attending_name}在校名册备注为辍学（{facts.attending_remark[:60]}）")
    return Answer("to_verify", f"在{facts.attending_name}在校名册中，但无国网学籍")


def surveyed(facts: Facts) -> Answer | None:
    """What the door-to-door survey says, None where it says nothing that settles the class.

    〔方案二（二）〕铁脚板摸排，掌握区内和区外就读情况。"""
    if facts.survey_state in SURVEYED:
        code, reason = SURVEYED[facts.survey_state]
        return Answer(code, f"{reason}：{facts.survey_school}" if facts.survey_school and code.startswith("outside") else reason)
    return outside(facts) if facts.survey_state.startswith("outside") else None


def unseen(facts: Facts) -> Answer:
    """No register shows the child at school: 失学, unless the household line holds nothing by which a record could have been found.

    〔方案二（二）1〕落实适龄儿童、少年就读情况。"""
    if facts.household_bare:
        return Answer("to_verify", "户籍登记既无身份证号也无出生日期，不能断定没有学籍，须补全后再比对")
    return Answer("never_enrolled", "户籍适龄，学籍、在校、摸排均无就读记录")


def outside(facts: Facts) -> Answer:
    """区外就读 where a school is named but not whether it lies in the province: its place tells, else 待核实.

    DOMAIN.md §2：区外就读(省内/省外; needs proof, expires with the term)。〔方案二（二）〕"""
    name, place = facts.outside_school, facts.outside_place
    told = "摸排登记在区外就读" if facts.survey_state.startswith("outside") else "学籍已转出"
    if not name:
        return Answer("to_verify", f"{told}，未写学校")
    if not place:
        return Answer("to_verify", f"{told}：{name}，从校名看不出在省内还是省外，须查明")
    if facts.district and place.startswith(facts.district):
        return Answer("to_verify", f"{told}，所写学校却在本区：{name}，本区在校名册未见")
    inside = place[:2] == facts.district[:2]
    return Answer("outside_in_province" if inside else "outside_out_of_province", f"{told}：{name}")
