"""同一份文件里两个名字用了同一个身份证号。"""

from __future__ import annotations

CODE = "same_id_other_name"
SEVERITY = "warning"
ARTICLE = "GB 11643-1999：每个公民唯一、终身不变"
# Columns: row, column, other (what the sentence names).
SQL = """
SELECT one.row, 'id_number' AS column, min(other.row)::text AS other
  FROM repeated AS one
  JOIN repeated AS other
    ON other.id_number = one.id_number AND other.row <> one.row
   AND other.name_key <> one.name_key
 WHERE one.id_number <> ''
 GROUP BY one.row
 ORDER BY one.row
"""


def sentence(other: str) -> str:
    """``other`` is the number of the row with the other name."""
    return f"身份证号与第 {other} 条相同，但姓名不同，至少有一个用错了号码（常见于兄弟姐妹）。请按证件核对。"
