"""同一个身份证号同时出现在两所学校。"""

from __future__ import annotations

CODE = "id_in_other_school"
SEVERITY = "warning"
ARTICLE = "中小学生学籍管理办法（教基一〔2013〕7号）：一人一籍，不得重复建籍"
# Columns: row, column, other (what the sentence names). Two schools of the file itself; and a line that stands in a school which handed
# this register in this term and is not in the file. The number is known by its hash, as registers_entry keeps it (queries/incoming.py).
SQL = """
WITH handed_in AS MATERIALIZED (
SELECT DISTINCT mine.kind, mine.district_code, units.unit
  FROM registers_upload AS mine
  JOIN registers_upload AS theirs USING (kind, district_code, term_id), jsonb_array_elements_text(theirs.counts -> 'units') AS units (unit)
 WHERE mine.id = %(upload)s AND theirs.state = 'committed' AND units.unit NOT IN (SELECT school_code FROM staged WHERE status <> 'rejected')
), standing AS MATERIALIZED (
SELECT entry.document_id AS document, school.name AS school
  FROM handed_in
  JOIN registers_entry AS entry USING (kind, district_code, unit)
  JOIN schools_school AS school ON school.code = entry.unit
 WHERE entry.document_id IS NOT NULL AND entry.superseded_by_id IS NULL AND entry.ended_by_id IS NULL
)
SELECT found.row, 'id_number' AS column, min(found.school) AS other
  FROM (SELECT one.row, school.name AS school
          FROM repeated AS one
          JOIN repeated AS other ON other.id_number = one.id_number AND other.school_code <> one.school_code
          JOIN schools_school AS school ON school.code = other.school_code
         WHERE one.id_number <> '' AND one.school_code <> ''
         UNION ALL
        SELECT one.row, standing.school
          FROM standing
          JOIN staged AS one
            ON standing.document = hashtextextended(CASE WHEN one.id_kind IN ('resident', 'disability') AND length(one.id_number) >= 18
                                                         THEN 'resident:' || left(one.id_number, 18) ELSE 'other:' || one.id_number END, 0)
         WHERE one.id_number <> '' AND one.school_code <> '' AND one.status <> 'rejected') AS found
 GROUP BY found.row
 ORDER BY found.row
"""


def sentence(other: str) -> str:
    """``other`` names the other school; of the child there nothing more is said."""
    return f"“{other}”的这份名册里也有这个身份证号。请两校核实孩子在哪里就读，撤销重复的一份。"
