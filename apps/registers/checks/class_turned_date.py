"""班级被表格软件变成了日期。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from apps.registers.layouts.block import Block

CODE = "class_turned_date"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """'7-1' that became 1 July; read back where the grade allows it."""
    for index, cell, name in block.both("class_name"):
        if not isinstance(cell, date):
            continue
        if name:
            yield (
                index,
                "class_name",
                f"班级被表格软件变成了日期（{cell.month}月{cell.day}日），已读回为 {name} 班。请核对，并把这一列设为“文本”格式。",
            )
        else:
            yield (
                index,
                "class_name",
                f"班级被表格软件变成了日期（{cell.month}月{cell.day}日），看不出是哪个班。请把这一列设为“文本”格式后重新填写班号。",
            )
