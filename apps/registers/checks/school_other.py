"""是别的学校的学生。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block

CODE = "school_other"
SEVERITY = "error"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：学籍由就读学校管理"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Rows of another school in an upload made for one school."""
    own = block.options.school_code
    if not own:
        return
    named = block.options.school_name
    names = block.column("school_name")
    for index, code in enumerate(block.column("school_code")):
        if (code and code != own) or (not code and names[index] and named and names[index] != named):
            yield index, "school_code", f"这一行是别的学校（{(code or names[index])[:20]}）的学生，不能从本校上传。请删去，或由那所学校上传。"
