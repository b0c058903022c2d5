"""同一份文件里整行重复。"""

from __future__ import annotations

CODE = "same_row"
SEVERITY = "error"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT later.row, 'name' AS column,
       CASE WHEN later.sheet = later.first_sheet THEN '' ELSE '工作表“' || later.first_sheet || '”' END || '第 ' || later.first_line || ' 行' AS other
  FROM (SELECT row, sheet,
               first_value(row) OVER same AS first_row, first_value(sheet) OVER same AS first_sheet, first_value(sheet_row) OVER same AS first_line
          FROM repeated
        WINDOW same AS (PARTITION BY key, name, sex, birth_date, id_number, student_number, school_code, school_name, grade, class_name,
                                     guardian_name, address, household_number, situation_text ORDER BY row)) AS later
 WHERE later.row > later.first_row
 ORDER BY later.row
"""


def sentence(other: str) -> str:
    """``other`` says where the first of the equal rows stands."""
    return f"与{other}完全相同，只收前一行。请删去重复的行。"
