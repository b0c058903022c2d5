"""Linking two registers in SQL: the sides, the exact passes, and what they leave for ``students.matching``.

The passes are those of ``students.matching.exact`` (one table of cases tests both): P1 equal student number, P2 equal identity
number, each only with the same name or the same birth date and a name that sounds the same; P3 equal name, birth date and sex with
something else in support and no contradicting numbers. Each only where the key is unique on both sides. This file and
``students.actions`` are the only readers of full numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from django.db import connection

from apps.reconciliation.models import Run
from apps.reconciliation.queries.visible import FROM_VISIBLE, parameters
from apps.students.matching import Decision, Frequency, Link, Row

SIDE = """
CREATE TEMP TABLE side_{side} ON COMMIT DROP AS
SELECT e.id, e.name_key, e.name_sound, e.sex, coalesce(to_char(e.birth_date, 'YYYYMMDD'), '') AS birth,
    CASE WHEN length(d.number) >= 15 THEN left(d.number, 18) ELSE '' END AS id_number,
    coalesce(sd.number, '') AS student_number, e.guardian_key, e.guardian_phone AS phone,
    coalesce(nullif(e.township_code, ''), t.code, '') AS township,
    coalesce(nullif(substring(e.address FROM '(?:街道|镇|乡)(.{{1,12}}?(?:村|社区))'), ''), e.village_name) AS village,
    coalesce(e.school_code, '') AS school, e.grade, e.class_name, e.household_number AS household, e.unit, e.key, false AS taken
{visible} AND e.kind = %(kind)s
"""


def open_side(run: Run, side: str, kind: str, *, only: str = "") -> None:
    """Make the temporary table ``side_<side>`` of the lines of one register; ``only`` is a further condition on e.

    A line that another line of the same register already stands for (a duplicate) takes no part.
    """
    visible = FROM_VISIBLE.replace(
        "\nWHERE ",
        """
        LEFT JOIN students_iddocument d ON d.id = e.document_id
        LEFT JOIN students_iddocument sd ON sd.id = e.student_document_id
        LEFT JOIN schools_region t ON t.parent_id = e.district_code AND t.level = 'township' AND position(t.name IN e.address) > 0
        WHERE """,
        1,
    )
    sql = SIDE.format(side=side, visible=visible) + NOT_A_DUPLICATE + (f" AND {only}" if only else "")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS side_{side}")
        cursor.execute(sql, {**parameters(run), "kind": kind})
        cursor.execute(f"ANALYZE side_{side}")


NOT_A_DUPLICATE = """ AND NOT EXISTS (
    SELECT 1 FROM reconciliation_link dup
    WHERE dup.run_id = %(run)s AND dup.right_id = e.id AND dup.left_kind = dup.right_kind)"""


def unlinked(*kinds: str) -> str:
    """The condition that a line has no link of this run to any of the registers."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""NOT EXISTS (SELECT 1 FROM reconciliation_link k WHERE k.run_id = %(run)s AND (
        (k.left_id = e.id AND k.right_kind IN ({listed})) OR (k.right_id = e.id AND k.left_kind IN ({listed}))))"""


PASS_KEYS = {"P1": "student_number", "P2": "id_number", "P3": "name_key || '/' || birth || '/' || sex"}
HAS_KEY = {"P1": "student_number <> ''", "P2": "id_number <> ''", "P3": "name_key <> '' AND birth <> '' AND sex <> ''"}
AGREES = "(a.name_key <> '' AND a.name_key = b.name_key OR a.birth <> '' AND a.birth = b.birth AND a.name_sound <> '' AND a.name_sound = b.name_sound)"
SUPPORT = ("guardian_key", "phone", "township", "village", "school")
SUPPORTED = "({any} OR NOT ({comparable}))".format(
    any=" OR ".join(f"(a.{f} <> '' AND a.{f} = b.{f})" for f in SUPPORT), comparable=" OR ".join(f"(a.{f} <> '' AND b.{f} <> '')" for f in SUPPORT)
)
CONTRADICT = "(a.id_number <> b.id_number AND zaixue_valid_resident(a.id_number) AND zaixue_valid_resident(b.id_number))"
CONDITIONS = {"P1": AGREES, "P2": AGREES, "P3": f"NOT {CONTRADICT} AND {SUPPORTED}"}
SAME_NAME = "a.name_key <> '' AND a.name_key = b.name_key"
CODES = {
    "P1": f"CASE WHEN {SAME_NAME} THEN 'P1-name' ELSE 'P1-birth' END",
    "P2": f"CASE WHEN {SAME_NAME} THEN 'P2-name' ELSE 'P2-birth' END",
    "P3": "'P3'",
}
PASS = """
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
ANSWERED = """
CREATE TEMP TABLE answered ON COMMIT DROP AS
SELECT l.id AS left_id, r.id AS right_id, p.answer
FROM reconciliation_pairdecision p
JOIN side_l l ON l.unit = p.left_unit AND l.key = p.left_key
JOIN side_r r ON r.unit = p.right_unit AND r.key = p.right_key
WHERE p.district_code = %(district)s AND p.left_kind = %(left)s AND p.right_kind = %(right)s
UNION
SELECT l.id, r.id, p.answer
FROM reconciliation_pairdecision p
JOIN side_l l ON l.unit = p.right_unit AND l.key = p.right_key
JOIN side_r r ON r.unit = p.left_unit AND r.key = p.left_key
WHERE p.district_code = %(district)s AND p.left_kind = %(right)s AND p.right_kind = %(left)s
"""


def exact_passes(run: Run, left: str, right: str) -> None:
    """Fill ``found`` (left_id, right_id, basis): persons' answers first, then P1, P2, P3 over what is still free."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS found, answered")
        cursor.execute("CREATE TEMP TABLE found (left_id bigint, right_id bigint, basis text) ON COMMIT DROP")
        cursor.execute(ANSWERED, {"district": run.district_code, "left": left, "right": right})
        cursor.execute("INSERT INTO found SELECT left_id, right_id, 'person' FROM answered WHERE answer = 'same'")
        for code in PASS_KEYS:
            for statement in TAKE:
                cursor.execute(statement)
            cursor.execute(PASS.format(code=CODES[code], key=PASS_KEYS[code], has_key=HAS_KEY[code], condition=CONDITIONS[code]))
        for statement in TAKE:
            cursor.execute(statement)


def exact_links() -> list[tuple[int, int, str]]:
    """What the exact passes found: left id, right id, code of the pass."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT left_id, right_id, basis FROM found ORDER BY 1, 2")
        return cursor.fetchall()


ROW = """SELECT id, name_key, name_sound, sex, birth, id_number, student_number, guardian_key, phone, township, village, school, grade,
    class_name, household FROM side_{side} {where} ORDER BY id"""


def free_rows(side: str) -> list[Row]:
    """The lines the exact passes left, as the pure rule reads them."""
    with connection.cursor() as cursor:
        cursor.execute(ROW.format(side=side, where="WHERE NOT taken"))
        return [Row._make(row) for row in cursor.fetchall()]


def likely_duplicates() -> list[Row]:
    """The lines of one register (side_l) that share a number, or name and birth date, with another line."""
    with connection.cursor() as cursor:
        cursor.execute(
            ROW.format(
                side="l",
                where="""WHERE id IN (
                    SELECT unnest(array_agg(id)) FROM side_l WHERE id_number <> '' GROUP BY id_number HAVING count(*) > 1
                    UNION SELECT unnest(array_agg(id)) FROM side_l WHERE birth <> '' GROUP BY name_sound, birth HAVING count(*) > 1)""",
            )
        )
        return [Row._make(row) for row in cursor.fetchall()]


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
    with connection.cursor() as cursor:
        for table in ("reconciliation_link", "reconciliation_doubtfulpair"):
            kinds = (
                "left_kind = %(left)s AND right_kind = %(right)s"
                if table.endswith("link")
                else "left_id IN (SELECT id FROM registers_entry WHERE kind = %(left)s) AND right_id IN (SELECT id FROM registers_entry WHERE kind = %(right)s)"
            )
            cursor.execute(f"DELETE FROM {table} WHERE run_id = %(run)s AND {kinds}", {"run": run.pk, "left": left, "right": right})


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
