"""What two registers say against each other about one child. 〔方案二（三）3〕各平台数据应相一致。"""

from __future__ import annotations

from apps.reconciliation.comparisons.facts import Answer, Facts


def find(facts: Facts, *, out: bool) -> list[Answer]:
    """Every contradiction about a child; ``out``: ours says out of school.

    DOMAIN.md §2：theirs says "初中在读", ours says dropout; and the reverse。三统一（教基厅函〔2024〕15号）。"""
    found = []
    if facts.other_schools:
        found.append(Answer("duplicate_enrollment", f"除{facts.enrollment_name}外，{facts.other_schools}也有此人学籍"))
    if out and facts.monitored_says == "in":
        found.append(Answer("monitored_says_attending", "监测名单写在读，本区比对为辍失学"))
    if not out and facts.monitored_says == "out" and facts.is_present:
        found.append(Answer("monitored_says_out", f"监测名单写未上学，实际在{facts.attending_name}就读"))
    if facts.survey and not (facts.household or facts.enrollment or facts.attending):
        found.append(Answer("survey_only", "只有摸排登记，其他名册均无此人"))
    if facts.household_state == "dead" and facts.is_present:
        found.append(Answer("dead_but_attending", f"户籍登记死亡注销，实际在{facts.attending_name}就读"))
    if facts.claims_local and facts.on_roll and not facts.household:
        found.append(Answer("residence_missing", "学籍所填户口所在地为本区，户籍名册中未见此人"))
    return found
