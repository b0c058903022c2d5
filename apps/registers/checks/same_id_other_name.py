"""同一份文件里两个名字用了同一个身份证号。"""

from __future__ import annotations

CODE = "same_id_other_name"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999：每个公民唯一、终身不变"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT one.row, 'id_number' AS column,
       (array_agg(CASE WHEN other.sheet = one.sheet THEN '' ELSE '工作表“' || other.sheet || '”' END || '第 ' || other.sheet_row || ' 行'
                        ORDER BY other.row))[1] AS other
  FROM repeated AS one
  JOIN repeated AS other
    ON other.id_number = one.id_number AND other.row <> one.row
   AND other.name_key <> one.name_key
 WHERE one.id_number <> ''
 GROUP BY one.row
 ORDER BY one.row
"""


def sentence(other: str) -> str:
    """``other`` says where the row with the other name stands."""
    return f"身份证号与{other}相同，但姓名不同，至少有一个用错了号码（常见于兄弟姐妹）。请按证件核对。"
