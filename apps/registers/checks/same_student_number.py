"""同一份文件里同一个学籍号出现两次。"""

from __future__ import annotations

CODE = "same_student_number"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一号"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT one.row, 'student_number' AS column,
       (array_agg(CASE WHEN other.sheet = one.sheet THEN '' ELSE '工作表“' || other.sheet || '”' END || '第 ' || other.sheet_row || ' 行'
                        ORDER BY other.row))[1] AS other
  FROM repeated AS one
  JOIN repeated AS other
    ON other.student_number = one.student_number AND other.row <> one.row
 WHERE one.student_number <> ''
 GROUP BY one.row
 ORDER BY one.row
"""


def sentence(other: str) -> str:
    """``other`` says where another row with this student number stands."""
    return f"学籍号与{other}相同。一个学籍号只属于一个学生，请从国网学籍系统核对。"
