"""销号 of a child that nothing is left to bring back to: past compulsory age, or through with compulsory schooling."""

from __future__ import annotations

from datetime import date

from apps.cases.rules.facts import Facts
from apps.schools.policy import Policy
from apps.schools.rules import cohort_bounds

LAST_GRADE = 9


def is_past_age(birth: date | None, *, today: date, numbers: Policy) -> bool:
    """Whether a child is past compulsory age by its birth date, once the day on which ages count has gone by; an unknown birth date proves nothing.

    《义务教育法》第二条、第十一条：九年义务教育，年龄按 8 月 31 日计算；〔方案二（一）〕适龄儿童一个不少，不得以超龄销号。"""
    cutoff = numbers["entry_cutoff"]
    year = today.year if (today.month, today.day) > divmod(cutoff, 100) else today.year - 1
    first, _ = cohort_bounds(year, entry_age=numbers["entry_age"], leaving_age=numbers["leaving_age"], cutoff=cutoff)
    return birth is not None and birth < first


def is_over(basis: str, facts: Facts, *, numbers: Policy) -> bool:
    """Whether what is known of a child bears out the ground on which its case is to be closed; death and a certificate are proven by their papers.

    《义务教育法》第二条：九年义务教育；〔方案二（一）〕“动态清零”：以什么销号，就要有什么事实（缺省值，待本区确认）。"""
    if basis == "past_age":
        return is_past_age(facts.birth_date, today=facts.today, numbers=numbers)
    if basis == "graduated":
        return facts.finishes_on is not None and facts.finishes_on <= facts.today
    return True
