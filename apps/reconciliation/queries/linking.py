"""Linking two registers in SQL: the sides, the exact passes, and what they leave for ``students.matching``.

The passes are those of ``students.matching.exact`` (one table of cases tests both): P1 equal student number, P2 equal identity
number, each only with the same name or the same birth date and a name that sounds the same; P3 equal name, birth date and sex with
something else in support and no contradicting numbers. Each only where the key is unique on both sides. This file and
``students.actions`` are the only readers of full numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from apps.core.names import compare_key
from apps.reconciliation.models import Run
from apps.reconciliation.queries.decided import PERSON, decided
from apps.reconciliation.queries.visible import FROM_VISIBLE, parameters
from apps.students.matching import Decision, Frequency, Link, Row
from apps.students.matching.places import village_key

LINES = """
INSERT INTO reconciliation_runline (run_id, entry_id, kind, name_key, name_sound, sex, birth, document, is_valid, student, guardian_key, phone,
    other_phone, township, village, school, grade, class_name, household, head_name, unit, key, person)
SELECT %(run)s, e.id, e.kind, e.name_key, e.name_sound, e.sex, coalesce(to_char(e.birth_date, 'YYYYMMDD'), ''),
    CASE WHEN length(d.number) >= 15 THEN d.id END, coalesce(d.kind = 'resident' AND zaixue_valid_resident(d.number), false), e.student_document_id,
    e.guardian_key, coalesce(nullif(e.guardian_phone, ''), e.details ->> 'phone', ''),
    CASE WHEN e.guardian_phone <> '' AND e.details ->> 'phone' <> e.guardian_phone THEN e.details ->> 'phone' ELSE '' END,
    coalesce(nullif(e.township_code, ''), p.township, ''), coalesce(p.village, ''),
    coalesce(e.school_code, ''), e.grade, e.class_name, e.household_number, e.head_name, e.unit,
    e.key, {person}
{visible} AND e.kind = %(kind)s
"""


def prepare_lines(run: Run, kind: str) -> None:
    """Write the run's lines of one register in the form the passes compare; repeating it changes nothing."""
    values = {**parameters(run), "kind": kind}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reconciliation_runline WHERE run_id = %(run)s AND kind = %(kind)s", values)
        cursor.execute("SELECT name, code FROM schools_region WHERE parent_id = %(district)s AND level = 'township'", values)
        townships = cursor.fetchall()
        cursor.execute(f"SELECT DISTINCT e.address, e.village_name {FROM_VISIBLE} AND e.kind = %(kind)s", values)
        addresses = cursor.fetchall()
        cursor.execute("CREATE TEMP TABLE known_place (address text, village_name text, township text, village text) ON COMMIT DROP")
        with cursor.copy("COPY known_place FROM STDIN") as copy:
            for address, village in addresses:
                township = next((code for name, code in townships if name in address), "")
                copy.write_row((address, village, township, village_key(address) or village_key(village)))
        cursor.execute("ANALYZE known_place")
        joined = FROM_VISIBLE.replace(
            "\nWHERE ",
            """
            LEFT JOIN students_iddocument d ON d.id = e.document_id
            LEFT JOIN known_place p ON p.address = e.address AND p.village_name = e.village_name
            WHERE """,
            1,
        )
        cursor.execute(LINES.format(visible=joined, person=PERSON), values)


def forget_lines(run: Run) -> None:
    """The lines are only needed while the run links."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reconciliation_runline WHERE run_id = %s", [run.pk])


SIDE = """
CREATE TEMP TABLE side_{side} ON COMMIT DROP AS
SELECT entry_id AS id, name_key, name_sound, sex, birth, document, is_valid, student, guardian_key, phone, other_phone, township, village, school,
    grade, class_name, household, head_name, kind, unit, key, person, false AS taken
FROM reconciliation_runline e WHERE e.run_id = %(run)s AND e.kind = %(kind)s AND NOT EXISTS (
    SELECT 1 FROM reconciliation_link dup WHERE dup.run_id = %(run)s AND dup.right_id = e.entry_id AND dup.left_kind = dup.right_kind)
"""


def open_side(run: Run, side: str, kind: str, *, only: str = "") -> None:
    """Make the temporary table ``side_<side>`` of the lines of one register; ``only`` is a further condition on e.

    A line that another line of the same register already stands for (a duplicate) takes no part.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # tables just made have no statistics; a wrong guess costs minutes
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(f"DROP TABLE IF EXISTS side_{side}")
        cursor.execute(SIDE.format(side=side) + (f" AND {only}" if only else ""), {"run": run.pk, "kind": kind})


def unlinked(*kinds: str) -> str:
    """The condition that a line has no link of this run to any of the registers."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""NOT EXISTS (SELECT 1 FROM (
        SELECT left_id AS line FROM reconciliation_link WHERE run_id = %(run)s AND right_kind IN ({listed})
        UNION ALL SELECT right_id FROM reconciliation_link WHERE run_id = %(run)s AND left_kind IN ({listed})) k WHERE k.line = e.entry_id)"""


UNSEATED = """NOT EXISTS (
    SELECT 1 FROM reconciliation_link h JOIN reconciliation_link s
        ON s.run_id = h.run_id AND s.left_id = h.right_id AND s.left_kind = 'enrollment' AND s.right_kind = 'attending'
    WHERE h.run_id = %(run)s AND h.left_kind = 'household' AND h.right_kind = 'enrollment' AND h.left_id = e.entry_id)"""
"""A household line without a record here, or whose record found no line in the class lists: the police register has another spelling,
another parent, another telephone to find it by."""


PASS_KEYS = {"P1": "student", "P2": "document", "P3": "name_key || '/' || birth || '/' || sex"}
HAS_KEY = {"P1": "student IS NOT NULL", "P2": "document IS NOT NULL", "P3": "name_key <> '' AND birth <> '' AND sex <> ''"}
AGREES = (
    "(a.name_key <> '' AND a.name_key = b.name_key OR a.birth <> '' AND a.birth = b.birth AND a.name_sound <> '' AND a.name_sound = b.name_sound)"
)
SUPPORT = ("guardian_key", "township", "village", "school")
A_PHONE_AGREES = "(a.phone <> '' AND a.phone IN (b.phone, b.other_phone) OR a.other_phone <> '' AND a.other_phone IN (b.phone, b.other_phone))"
PHONES_GIVEN = "(a.phone || a.other_phone <> '' AND b.phone || b.other_phone <> '')"
SUPPORTED = "({any} OR NOT ({comparable}))".format(
    any=" OR ".join([A_PHONE_AGREES, *(f"(a.{f} <> '' AND a.{f} = b.{f})" for f in SUPPORT)]),
    comparable=" OR ".join([PHONES_GIVEN, *(f"(a.{f} <> '' AND b.{f} <> '')" for f in SUPPORT)]),
)
CONTRADICT = "(a.is_valid AND b.is_valid AND a.document <> b.document)"
CONDITIONS = {"P1": AGREES, "P2": AGREES, "P3": f"NOT {CONTRADICT} AND {SUPPORTED}"}
SAME_NAME = "a.name_key <> '' AND a.name_key = b.name_key"
CODES = {
    "P1": f"CASE WHEN {SAME_NAME} THEN 'P1-name' ELSE 'P1-birth' END",
    "P2": f"CASE WHEN {SAME_NAME} THEN 'P2-name' ELSE 'P2-birth' END",
    "P3": "'P3'",
}
EXACT_STEP = """
INSERT INTO found (left_id, right_id, basis)
SELECT a.id, b.id, {code}
FROM (SELECT {key} AS pass_key, min(id) AS id FROM side_l WHERE NOT taken AND {has_key} GROUP BY 1 HAVING count(*) = 1) l
JOIN (SELECT {key} AS pass_key, min(id) AS id FROM side_r WHERE NOT taken AND {has_key} GROUP BY 1 HAVING count(*) = 1) r USING (pass_key)
JOIN side_l a ON a.id = l.id JOIN side_r b ON b.id = r.id
WHERE {condition} AND NOT EXISTS (SELECT 1 FROM answered x WHERE x.left_id = a.id AND x.right_id = b.id)
"""
TAKE = (
    "UPDATE side_l SET taken = true FROM found WHERE found.left_id = side_l.id AND NOT taken",
    "UPDATE side_r SET taken = true FROM found WHERE found.right_id = side_r.id AND NOT taken",
)
LINES_OF = "SELECT id, kind, unit, key, person FROM side_{}"
ANSWERED = f"CREATE TEMP TABLE answered ON COMMIT DROP AS {decided(LINES_OF.format('l'), LINES_OF.format('r'))}"


def exact_passes(run: Run) -> None:
    """Fill ``found`` (left_id, right_id, basis): persons' answers first, then P1, P2, P3 over what is still free."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS found, answered")
        cursor.execute("CREATE TEMP TABLE found (left_id bigint, right_id bigint, basis text) ON COMMIT DROP")
        cursor.execute(ANSWERED, {"district": run.district_code})
        cursor.execute("INSERT INTO found SELECT left_id, right_id, 'person' FROM answered WHERE answer = 'same'")
        for code in PASS_KEYS:
            for statement in TAKE:
                cursor.execute(statement)
            cursor.execute(EXACT_STEP.format(code=CODES[code], key=PASS_KEYS[code], has_key=HAS_KEY[code], condition=CONDITIONS[code]))
        for statement in TAKE:
            cursor.execute(statement)


def exact_links() -> list[tuple[int, int, str]]:
    """What the exact passes found: left id, right id, code of the pass."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT left_id, right_id, basis FROM found ORDER BY 1, 2")
        return list(cursor.fetchall())


ROW = """SELECT s.id, s.name_key, s.name_sound, s.sex, s.birth, CASE WHEN s.document IS NULL THEN '' ELSE d.number END, coalesce(n.number, ''),
    s.guardian_key, s.phone, s.township, s.village, s.school, s.grade, s.class_name, s.household, s.other_phone, s.head_name
FROM side_{side} s LEFT JOIN students_iddocument d ON d.id = s.document LEFT JOIN students_iddocument n ON n.id = s.student {where} ORDER BY s.id"""


def free_rows(side: str) -> list[Row]:
    """The lines the exact passes left, as the pure rule reads them."""
    with connection.cursor() as cursor:
        cursor.execute(ROW.format(side=side, where="WHERE NOT s.taken"))
        return [row_of(values) for values in cursor.fetchall()]


def row_of(values: Sequence[Any]) -> Row:
    """A line as the pure rule reads it: the head of the household in its compare form, where it is another than the guardian."""
    row = Row._make(values)
    if not row.head:
        return row
    head = compare_key(row.head)
    return row._replace(head="" if head == row.guardian_key else head)


def likely_duplicates() -> list[Row]:
    """The lines of one register (side_l) that share a number, or name and birth date, with another line."""
    with connection.cursor() as cursor:
        cursor.execute(
            ROW.format(
                side="l",
                where="""WHERE s.id IN (
                    SELECT unnest(array_agg(id)) FROM side_l WHERE document IS NOT NULL GROUP BY document HAVING count(*) > 1
                    UNION SELECT unnest(array_agg(id)) FROM side_l WHERE student IS NOT NULL GROUP BY student HAVING count(*) > 1
                    UNION SELECT unnest(array_agg(id)) FROM side_l WHERE birth <> '' GROUP BY name_sound, birth HAVING count(*) > 1)""",
            )
        )
        return [row_of(values) for values in cursor.fetchall()]


def answers() -> dict[tuple[int, int], Decision]:
    """What persons said of pairs of these two sides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT left_id, right_id, answer FROM answered")
        return {(a, b): Decision(answer) for a, b, answer in cursor.fetchall()}


def frequency(*sides: str) -> Frequency:
    """How common names, villages and schools are over the whole registers."""
    union = " UNION ALL ".join(f"SELECT name_key, village, school FROM side_{side}" for side in sides)
    counted: list[dict[str, int]] = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({union}) u")
        (total,) = cursor.fetchone()
        for column in ("name_key", "village", "school"):
            cursor.execute(f"SELECT {column}, count(*) FROM ({union}) u GROUP BY 1")
            counted.append(dict(cursor.fetchall()))
    return Frequency(total, *counted)


def clear(run: Run, left: str, right: str) -> None:
    """Take away what an earlier try of this piece wrote."""
    values: dict[str, str | int] = {"run": run.pk, "left": left, "right": right}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reconciliation_link WHERE run_id = %(run)s AND left_kind = %(left)s AND right_kind = %(right)s", values)
        cursor.execute(
            """DELETE FROM reconciliation_doubtfulpair p USING registers_entry l, registers_entry r
            WHERE p.run_id = %(run)s AND l.id = p.left_id AND r.id = p.right_id AND l.kind = %(left)s AND r.kind = %(right)s""",
            values,
        )


def write_links(run: Run, left: str, right: str, links: Iterable[tuple[int, int, str, float | None, str]]) -> int:
    """COPY links (left id, right id, words, score, decided by) into the run; returns how many."""
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY reconciliation_link (run_id, left_kind, right_kind, left_id, right_id, basis, score, decided_by) FROM STDIN") as copy,
    ):
        for left_id, right_id, words, score, decided_by in links:
            copy.write_row((run.pk, left, right, left_id, right_id, words[:300], score, decided_by))
            count += 1
    return count


def write_doubts(run: Run, doubts: Sequence[Link]) -> None:
    """COPY doubtful pairs into the run's queue."""
    from_ = "COPY reconciliation_doubtfulpair (run_id, left_id, right_id, score, reasons, answer, answered_title, note) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(from_) as copy:
        for pair in doubts:
            copy.write_row((run.pk, pair.left, pair.right, pair.score, json.dumps(list(pair.reasons), ensure_ascii=False), "", "", ""))
