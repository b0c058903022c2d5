"""Finding again the lines of which a person once said "same" or "different".

By the natural key first. Where a side's key is gone (a line without a number carries school, grade and class in it), by the person: the one
line of the register with the same name, birth date and guardian. Of two answers about the same two lines the later one counts.
"""

from __future__ import annotations

from django.db import connection

from apps.registers.models import Entry

PERSON = """CASE WHEN e.name_key <> '' AND (e.birth_date IS NOT NULL OR e.guardian_key <> '') THEN
    hashtextextended(concat_ws('|', e.name_key, to_char(e.birth_date, 'YYYYMMDD'), e.guardian_key), 0) END"""
"""Whom a line (alias e) speaks of, without anything that changes from year to year; NULL where a name stands alone."""

# Lines of both sides as (id, kind, unit, key, person); each answer counts whichever side is the left one.
DECIDED = """
WITH told AS MATERIALIZED (
    SELECT id, answer, decided_at, left_kind, left_unit, left_key, left_person, right_kind, right_unit, right_key, right_person
    FROM reconciliation_pairdecision WHERE district_code = %(district)s
    UNION ALL
    SELECT -id, answer, decided_at, right_kind, right_unit, right_key, right_person, left_kind, left_unit, left_key, left_person
    FROM reconciliation_pairdecision WHERE district_code = %(district)s
), {sides}
SELECT DISTINCT ON (l.line, r.line) l.line AS left_id, r.line AS right_id, told.answer
FROM told JOIN left_lines l ON l.told = told.id JOIN right_lines r ON r.told = told.id
ORDER BY l.line, r.line, told.decided_at DESC, abs(told.id) DESC
"""
SIDE = """{side}_keyed AS MATERIALIZED (
    SELECT t.id AS told, e.id AS line FROM told t JOIN ({lines}) e ON e.kind = t.{side}_kind AND e.unit = t.{side}_unit AND e.key = t.{side}_key
), {side}_alone AS MATERIALIZED (
    SELECT e.kind, e.person, min(e.id) AS id FROM ({lines}) e WHERE e.person IN (SELECT {side}_person FROM told) GROUP BY 1, 2 HAVING count(*) = 1
), {side}_lines AS MATERIALIZED (
    SELECT told, line FROM {side}_keyed
    UNION ALL
    SELECT t.id, e.id FROM told t JOIN {side}_alone e ON e.kind = t.{side}_kind AND e.person = t.{side}_person
    WHERE t.id NOT IN (SELECT told FROM {side}_keyed)
)"""


def decided(left: str, right: str) -> str:
    """SQL of left_id, right_id, answer for two selections of lines (id, kind, unit, key, person); parameter district."""
    return DECIDED.format(sides=", ".join(SIDE.format(side=side, lines=lines) for side, lines in (("left", left), ("right", right))))


def persons(*entries: Entry) -> dict[int, int | None]:
    """Line id -> the hash of whom it speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT e.id, {PERSON} FROM registers_entry e WHERE e.id = ANY(%s)", [[entry.pk for entry in entries]])
        return dict(cursor.fetchall())
