"""Reads and writes of the step that makes children out of linked lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from apps.reconciliation.models import Run
from apps.reconciliation.queries.decided import decided
from apps.reconciliation.queries.visible import FROM_VISIBLE, parameters


class Line(NamedTuple):
    """A line in force: its id, register, the child it belongs to so far, its school and whether its state counts as current."""

    id: int
    kind: str
    child: int
    school: str
    current: bool


def lines(run: Run) -> list[Line]:
    """Every line in force, in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT e.id, e.kind, e.child_id, coalesce(e.school_code, ''),
                e.state NOT IN ('graduated', 'completed', 'incomplete', 'dead', 'moved_out', 'duplicate', 'not_found', 'transferred_out')
            {FROM_VISIBLE} ORDER BY e.id""",
            parameters(run),
        )
        return [Line._make(row) for row in cursor.fetchall()]


def links(run: Run) -> list[tuple[int, int, bool]]:
    """Links of the run, surest first: left line, right line, whether inside one register."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT left_id, right_id, left_kind = right_kind FROM reconciliation_link WHERE run_id = %s
            ORDER BY decided_by = 'person' DESC, left_kind = right_kind DESC, score DESC NULLS FIRST, left_id, right_id""",
            [run.pk],
        )
        return list(cursor.fetchall())


LINES_OF = "SELECT entry_id AS id, kind, unit, key, person FROM reconciliation_runline WHERE run_id = %(run)s"


def different(run: Run) -> list[tuple[int, int]]:
    """Pairs of lines of which a person said that they are two children."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT left_id, right_id FROM ({decided(LINES_OF, LINES_OF)}) d WHERE answer = 'different' AND left_id < right_id ORDER BY 1, 2",
            {"run": run.pk, "district": run.district_code},
        )
        return list(cursor.fetchall())


BEFORE_MERGES = """
SELECT e.id, d.id FROM students_child d
JOIN reconciliation_childclass c ON c.child_id = d.id AND c.run_id < %(run)s
CROSS JOIN LATERAL unnest(ARRAY[c.household_id, c.enrollment_id, c.attending_id, c.monitored_id, c.survey_id]) AS line (id)
JOIN registers_entry k ON k.id = line.id
JOIN registers_entry e ON e.child_id = d.merged_into_id AND (e.kind, e.district_code, e.unit, e.key) = (k.kind, k.district_code, k.unit, k.key)
WHERE d.merged_into_id = ANY(%(into)s)
GROUP BY 1, 2 ORDER BY max(c.run_id) DESC, 2
"""


def before_merges(run: Run, into: set[int]) -> dict[int, list[int]]:
    """Line -> the children that an earlier run gave it (or an older version of it) to and that were merged into one of these, latest first."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE_MERGES, {"run": run.pk, "into": sorted(into)})
        for line, child in cursor.fetchall():
            found.setdefault(line, []).append(child)
    return found


def new_children(count: int) -> list[int]:
    """Reserve ids for children split off from others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('students_child_id_seq') FROM generate_series(1, %s)", [count])
        return [pk for (pk,) in cursor.fetchall()]


def write_children(run: Run, owners: Iterable[tuple[int, int]], copies: Iterable[tuple[int, int]]) -> None:
    """Give lines to children: ``owners`` (line, child) where it changes; ``copies`` (new child, line it is made from)."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE made (child_id bigint, entry_id bigint) ON COMMIT DROP")
        with cursor.copy("COPY made FROM STDIN") as copy:
            for row in copies:
                copy.write_row(row)
        cursor.execute(
            """INSERT INTO students_child (id, name, pinyin, initials, sex, birth_date, ethnicity, document_id, id_masked, guardian_name,
                guardian_phone, address, district_code, township_code, village_code, school_code, school_class_id, grade)
            SELECT m.child_id, e.name, e.pinyin, e.initials, e.sex, e.birth_date, e.ethnicity, e.document_id, e.id_masked, e.guardian_name,
                e.guardian_phone, e.address, e.district_code, e.township_code, e.village_code, e.school_code, e.school_class_id, e.grade
            FROM made m JOIN registers_entry e ON e.id = m.entry_id"""
        )
        cursor.execute("CREATE TEMP TABLE owner (entry_id bigint PRIMARY KEY, child_id bigint) ON COMMIT DROP")
        with cursor.copy("COPY owner FROM STDIN") as copy:
            for row in owners:
                copy.write_row(row)
        cursor.execute("UPDATE registers_entry e SET child_id = o.child_id FROM owner o WHERE e.id = o.entry_id AND e.child_id <> o.child_id")


MERGED = "CREATE TEMP TABLE gone (old bigint PRIMARY KEY, new bigint) ON COMMIT DROP"
FOLLOW = (
    "UPDATE registers_entry t SET child_id = g.new FROM gone g WHERE t.child_id = g.old",
    "UPDATE students_child t SET merged_into_id = g.new FROM gone g WHERE t.merged_into_id = g.old",  # one step leads to the end
    "UPDATE students_child t SET merged_into_id = g.new FROM gone g WHERE t.id = g.old",
    "UPDATE students_child t SET merged_into_id = NULL WHERE merged_into_id IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM registers_entry e WHERE e.child_id = t.id)",
)


def merge_children(gone: Iterable[tuple[int, int]]) -> None:
    """Children all of whose lines went to another child follow them: (old, new), with their older lines.

    Their decisions, cases and events stay their own and are read as the other's (``coalesce(merged_into_id, id)``), so that parting them
    again brings everything back.
    """
    with connection.cursor() as cursor:
        cursor.execute(MERGED)
        with cursor.copy("COPY gone FROM STDIN") as copy:
            for row in gone:
                copy.write_row(row)
        for statement in FOLLOW:
            cursor.execute(statement)


GROUP_COLUMNS = ("child_id", "household_id", "enrollment_id", "attending_id", "monitored_id", "survey_id")


SETTLED = """
DELETE FROM reconciliation_doubtfulpair p USING registers_entry l, registers_entry r, reconciliation_childclass cl, reconciliation_childclass cr
WHERE p.run_id = %(run)s AND p.answer = '' AND l.id = p.left_id AND r.id = p.right_id
  AND cl.run_id = p.run_id AND cl.child_id = l.child_id AND cr.run_id = p.run_id AND cr.child_id = r.child_id
  AND (CASE r.kind {kinds} END IS NOT NULL OR CASE l.kind {other_kinds} END IS NOT NULL)
"""


ASKED_TWICE = """
DELETE FROM reconciliation_doubtfulpair p USING (
    SELECT d.id, row_number() OVER (PARTITION BY least(l.child_id, r.child_id), greatest(l.child_id, r.child_id) ORDER BY d.score DESC, d.id) AS place
    FROM reconciliation_doubtfulpair d JOIN registers_entry l ON l.id = d.left_id JOIN registers_entry r ON r.id = d.right_id
    WHERE d.run_id = %(run)s AND d.answer = '') twice
WHERE p.id = twice.id AND twice.place > 1
"""


def forget_doubts(run: Run) -> int:
    """Take away questions another register has answered (one of the two lines' children has its line in the other's register), and of
    several questions about the same two children all but the likeliest. Returns how many."""
    kinds = ("household", "enrollment", "attending", "monitored", "survey")
    with connection.cursor() as cursor:
        told = {side: " ".join(f"WHEN '{kind}' THEN {side}.{kind}_id" for kind in kinds) for side in ("cl", "cr")}
        cursor.execute(SETTLED.format(kinds=told["cl"], other_kinds=told["cr"]), {"run": run.pk})
        count = int(cursor.rowcount)
        cursor.execute(ASKED_TWICE, {"run": run.pk})
        return count + int(cursor.rowcount)


def write_groups(run: Run, groups: Iterable[tuple[int | None, ...]], *, first: str, last: str) -> int:
    """Write one ``ChildClass`` row without classes for each child: ``groups`` in the order of ``GROUP_COLUMNS``.

    ``first``, ``last``: birth dates bounding compulsory age (ISO). Returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reconciliation_finding WHERE run_id = %s", [run.pk])
        cursor.execute("DELETE FROM reconciliation_childclass WHERE run_id = %s", [run.pk])
        columns = ", ".join(f"{c} bigint" for c in GROUP_COLUMNS)
        cursor.execute(f"CREATE TEMP TABLE grouped ({columns}) ON COMMIT DROP")
        with cursor.copy(f"COPY grouped ({', '.join(GROUP_COLUMNS)}) FROM STDIN") as copy:
            for row in groups:
                copy.write_row(row)
        cursor.execute("ANALYZE grouped")
        cursor.execute(INSERT_CLASSES, {"run": run.pk, "district": run.district_code, "first": first, "last": last})
        return int(cursor.rowcount)


INSERT_CLASSES = """
INSERT INTO reconciliation_childclass (run_id, child_id, household_id, enrollment_id, attending_id, monitored_id, survey_id,
    district_code, township_code, village_code, village_name, school_code, school_class_id, attending_school_id, grade, stage,
    is_local, is_school_age, on_roll, is_present, group_kind,
    name, pinyin, id_masked, first, first_reason, second, second_reason, reverse, reverse_reason, third, third_reason)
SELECT %(run)s, g.child_id, g.household_id, g.enrollment_id, g.attending_id, g.monitored_id, g.survey_id,
    %(district)s, coalesce(h.township_code, s.township_code, m.township_code, ''),
    coalesce(h.village_code, s.village_code, m.village_code, ''), coalesce(h.village_name, s.village_name, m.village_name, ''),
    coalesce(en.school_code, a.school_code),
    CASE WHEN en.id IS NULL OR a.school_code = en.school_code THEN coalesce(a.school_class_id, en.school_class_id) ELSE en.school_class_id END,
    a.school_code,
    coalesce(en.grade, a.grade),
    CASE WHEN coalesce(en.grade, a.grade) BETWEEN 7 AND 9 THEN 'junior' WHEN coalesce(en.grade, a.grade) BETWEEN 1 AND 6 THEN 'primary'
        WHEN coalesce(h.birth_date, s.birth_date, m.birth_date) < (%(last)s::date - interval '6 years') THEN 'junior' ELSE 'primary' END,
    h.id IS NOT NULL,
    coalesce(h.birth_date BETWEEN %(first)s::date AND %(last)s::date OR en.birth_date BETWEEN %(first)s::date AND %(last)s::date,
        h.birth_date BETWEEN %(first)s::date AND %(last)s::date, en.birth_date BETWEEN %(first)s::date AND %(last)s::date,
        coalesce(a.birth_date, s.birth_date, m.birth_date) BETWEEN %(first)s::date AND %(last)s::date, true),
    false, false, coalesce(m.group_kind, ''),
    coalesce(en.name, h.name, a.name, m.name, s.name), coalesce(en.pinyin, h.pinyin, a.pinyin, m.pinyin, s.pinyin),
    coalesce(nullif(en.id_masked, ''), nullif(h.id_masked, ''), nullif(a.id_masked, ''), nullif(m.id_masked, ''), s.id_masked, ''),
    '', '', '', '', '', '', '', ''
FROM grouped g
LEFT JOIN registers_entry h ON h.id = g.household_id
LEFT JOIN registers_entry en ON en.id = g.enrollment_id
LEFT JOIN registers_entry a ON a.id = g.attending_id
LEFT JOIN registers_entry m ON m.id = g.monitored_id
LEFT JOIN registers_entry s ON s.id = g.survey_id
"""
