"""What two registers say against each other about one child. 〔方案二（三）3〕各平台数据应相一致。"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import DROPPED_OUT, Answer, Facts


def find(facts: Facts, *, out: bool) -> list[Answer]:
    """Every contradiction about a child; ``out``: ours says out of school.

    DOMAIN.md §2：theirs says "初中在读", ours says dropout; and the reverse。三统一（教基厅函〔2024〕15号）。"""
    return [*of_registers(facts), *of_lists(facts, out=out)]


def of_registers(facts: Facts) -> list[Answer]:
    """What the registers of this district say against each other.

    〔方案二（三）3〕学籍系统数据应与学生实际在校情况相一致。"""
    found = []
    if facts.other_schools:
        found.append(Answer("duplicate_enrollment", f"除{facts.enrollment_name}外，{facts.other_schools}也有此人学籍"))
    if facts.attending and not facts.on_roll and not facts.is_present:
        found.append(Answer("listed_absent", f"在{facts.attending_name}在校名册备注“{facts.attending_remark[:60]}”，全区无其现行学籍"))
    if facts.enrollment_state in DROPPED_OUT and facts.is_present:
        found.append(Answer("left_but_attending", f"学籍状态为流失、退学等离校状态，实际在{facts.attending_name or facts.enrollment_name}就读"))
    if facts.household_state == "dead" and facts.is_present:
        found.append(Answer("dead_but_attending", f"户籍登记死亡注销，实际在{facts.attending_name}就读"))
    if facts.claims_local and facts.on_roll and not facts.household:
        found.append(Answer("residence_missing", "学籍所填户口所在地为本区，户籍名册中未见此人"))
    return found


def of_lists(facts: Facts, *, out: bool) -> list[Answer]:
    """What the lists of others, monitored households and the survey, say against ours.

    DOMAIN.md §2：theirs says "初中在读", ours says dropout; and the reverse。三统一（教基厅函〔2024〕15号）。"""
    found = []
    if out and facts.monitored_says == "in":
        found.append(Answer("monitored_says_attending", "监测名单写在读，本区比对为辍失学"))
    if not out and facts.monitored_says == "out" and facts.is_present:
        found.append(Answer("monitored_says_out", f"监测名单写未上学，实际在{facts.attending_name}就读"))
    if facts.survey and not (facts.household or facts.enrollment or facts.attending):
        found.append(Answer("survey_only", "只有摸排登记，其他名册均无此人"))
    return found
