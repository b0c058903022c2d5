"""同一个身份证号同时出现在两所学校。"""

from __future__ import annotations

CODE = "id_in_other_school"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍，不得重复建籍"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT one.row, 'id_number' AS column, min(COALESCE(NULLIF(other.school_name, ''), other.school_code)) AS other
  FROM repeated AS one
  JOIN repeated AS other
    ON other.id_number = one.id_number AND other.school_code <> one.school_code
 WHERE one.id_number <> '' AND one.school_code <> '' AND other.school_code <> ''
 GROUP BY one.row
 ORDER BY one.row
"""


def sentence(other: str) -> str:
    """``other`` names the other school."""
    return f"这个身份证号在“{other}”也有学籍。请两校核实孩子在哪里就读，撤销重复的一份。"
