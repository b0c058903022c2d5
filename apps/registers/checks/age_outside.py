"""不在义务教育年龄。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "age_outside"
SEVERITY = "warning"
ARTICLE = "中华人民共和国义务教育法 第十一条：年满六周岁；九年制"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Full years on 31 August of the school year below 6 or above 15; says nothing where the school year is not known."""
    year = block.options.school_year
    if year is None:
        return
    first, last = f"{year - OLDEST - 1}-09-01", f"{year - YOUNGEST}-08-31"
    for index, born in enumerate(block.column("birth_date")):
        if born and not first <= born <= last:
            age = year - int(born[:4]) - (born[5:] > "08-31")
            yield index, "birth_date", f"按出生日期，{year} 年 8 月 31 日是 {age} 周岁，不在 6–15 周岁之内。请核对出生日期。"


YOUNGEST, OLDEST = 6, 15  # full years
