"""同一份文件里整行重复。"""

from __future__ import annotations

CODE = "same_row"
SEVERITY = "error"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT later.row, 'name' AS column, later.first_row::text AS other
  FROM (SELECT row, min(row) OVER same AS first_row
          FROM repeated
        WINDOW same AS (PARTITION BY key, name, sex, birth_date, id_number, student_number, school_code, school_name, grade, class_name,
                                     guardian_name, address, household_number, situation_text)) AS later
 WHERE later.row > later.first_row
 ORDER BY later.row
"""


def sentence(other: str) -> str:
    """``other`` is the number of the first of the equal rows."""
    return f"与第 {other} 条数据完全相同，只收前一条。请删去重复的行。"
