"""同一份文件里同一个身份证号出现两次，姓名相同。"""

from __future__ import annotations

CODE = "same_id"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT one.row, 'id_number' AS column,
       (array_agg(CASE WHEN other.sheet = one.sheet THEN '' ELSE '工作表“' || other.sheet || '”' END || '第 ' || other.sheet_row || ' 行'
                        ORDER BY other.row))[1] AS other
  FROM repeated AS one
  JOIN repeated AS other
    ON other.id_number = one.id_number AND other.row <> one.row
   AND other.name_key = one.name_key
 WHERE one.id_number <> ''
 GROUP BY one.row
 ORDER BY one.row
"""


def sentence(other: str) -> str:
    """``other`` says where another row of the same child stands."""
    return f"同一个孩子（身份证号、姓名相同）在{other}又出现。请核对保留哪一行。"
