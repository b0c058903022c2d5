"""不在义务教育年龄。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.schools.rules import cohort_bounds

CODE = "age_outside"
SEVERITY = "warning"
ARTICLE = "中华人民共和国义务教育法 第十一条：年满六周岁；九年制"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Full years on 31 August (policy) of the school year below 6 or above 15 (policy); says nothing where the year is not known."""
    options = block.options
    if options.school_year is None:
        return
    # One year more than the nine cohorts: a child that began at seven is still in grade 9.
    ages = {"entry_age": options.entry_age, "leaving_age": options.leaving_age + 1}
    first, last = (day.isoformat() for day in cohort_bounds(options.school_year, cutoff=options.entry_cutoff, **ages))
    month_day = last[4:]
    for index, born in enumerate(block.column("birth_date")):
        if born and not first <= born <= last:
            age = options.school_year - int(born[:4]) - (born[4:] > month_day)
            day = f"{options.school_year} 年 {options.entry_cutoff // 100} 月 {options.entry_cutoff % 100} 日"
            span = f"{options.entry_age}–{options.leaving_age} 周岁"
            yield index, "birth_date", f"按出生日期，{day}是 {age} 周岁，不在 {span}之内。请核对出生日期。"
