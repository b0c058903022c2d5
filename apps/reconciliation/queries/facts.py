"""Facts about the children of one place, one query; and writing what the comparisons answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection

from apps.reconciliation.comparisons import Answer, Facts
from apps.reconciliation.comparisons.facts import TRANSFERRED
from apps.reconciliation.comparisons.whereabouts import Tree
from apps.reconciliation.models import Run
from apps.reconciliation.queries.visible import FROM_VISIBLE, parameters
from apps.reconciliation.rules import receiving_school

FACTS = """
WITH places AS MATERIALIZED (
    SELECT c.* FROM reconciliation_childclass c LEFT JOIN schools_school p ON p.code = c.school_code
    WHERE c.run_id = %(run)s AND coalesce(nullif(c.township_code, ''), p.township_id, '') = %(place)s
), doubts AS MATERIALIZED (
    SELECT l.child_id, r.child_id AS other_id, r.kind FROM reconciliation_doubtfulpair d JOIN registers_entry l ON l.id = d.left_id
    JOIN registers_entry r ON r.id = d.right_id WHERE d.run_id = %(run)s AND d.answer IN ('', 'ask')
    UNION SELECT r.child_id, l.child_id, l.kind FROM reconciliation_doubtfulpair d JOIN registers_entry l ON l.id = d.left_id
    JOIN registers_entry r ON r.id = d.right_id WHERE d.run_id = %(run)s AND d.answer IN ('', 'ask')
), doubtful AS (
    SELECT d.child_id, array_agg(k.kind) AS kinds FROM doubts d
    LEFT JOIN reconciliation_childclass o ON o.run_id = %(run)s AND o.child_id = d.other_id,
    LATERAL (VALUES (d.kind), (CASE WHEN o.enrollment_id IS NOT NULL THEN 'enrollment' END),
        (CASE WHEN o.attending_id IS NOT NULL THEN 'attending' END),
        (CASE WHEN o.monitored_id IS NOT NULL THEN 'monitored' END), (CASE WHEN o.survey_id IS NOT NULL THEN 'survey' END)) k (kind)
    WHERE k.kind IS NOT NULL GROUP BY d.child_id
), several AS MATERIALIZED (
    SELECT e.child_id, array_agg(DISTINCT e.school_code) AS schools {visible} AND e.kind = 'enrollment'
        AND e.state NOT IN ('graduated', 'completed', 'incomplete', 'dead', 'transferred_out')
    GROUP BY e.child_id HAVING count(DISTINCT e.school_code) > 1
), refused AS MATERIALIZED (
    SELECT w.school_code, w.name_key, w.name_sound, w.birth_date, w.grade, w.class_name, min(w.sheet_row) AS sheet_row FROM registers_stagedrow w
    JOIN registers_upload ru ON ru.id = w.upload_id AND ru.kind = 'attending'
    WHERE w.upload_id = ANY(%(lists)s) AND w.status = 'rejected' AND w.name_key <> '' AND NOT EXISTS (
        SELECT 1 FROM registers_upload nu WHERE nu.id = ANY(%(lists)s) AND nu.kind = 'attending' AND nu.committed_seq > ru.committed_seq
            AND (nu.school_code IS NULL OR nu.school_code = w.school_code))
    GROUP BY 1, 2, 3, 4, 5, 6
), decided AS MATERIALIZED (
    SELECT DISTINCT ON (s.child_id, s.comparison, CASE WHEN s.comparison = 'x' THEN s.from_class END)
        s.child_id, s.comparison, s.from_class, s.outcome, s.decided_title, s.explanation, s.valid_until
    FROM (SELECT coalesce(p.merged_into_id, p.id) AS child_id, t.id, t.comparison, t.from_class, t.outcome, t.decided_title, t.explanation,
            t.valid_until
        FROM reconciliation_settlement t JOIN students_child p ON p.id = t.child_id
        WHERE t.district_code = %(district)s) s
    JOIN places c ON c.child_id = s.child_id
    ORDER BY s.child_id, s.comparison, CASE WHEN s.comparison = 'x' THEN s.from_class END, s.id DESC
), decisions AS (
    SELECT child_id, json_agg(json_build_array(comparison, from_class, outcome, decided_title, explanation)) AS list FROM decided
    WHERE valid_until IS NULL OR valid_until >= %(day)s GROUP BY child_id
)
SELECT c.id, c.child_id, c.is_school_age,
    h.id IS NOT NULL, coalesce(h.state, ''), coalesce(h.document_id IS NULL AND h.birth_date IS NULL AND h.id IS NOT NULL, false),
    en.id IS NOT NULL, coalesce(en.state, ''), coalesce(en.school_code, ''), coalesce(ens.name, ''), coalesce(c.grade, 0),
    coalesce(left(en.residence_code, 6) = %(district)s, false),
    coalesce(en.details ->> 'boarding', '') = 'home_teaching' OR coalesce(en.remark, '') LIKE '%%送教%%',
    coalesce(en.remark, ''), coalesce({disability}, ''),
    a.id IS NOT NULL, coalesce(a.school_code, ''), coalesce(ats.name, ''), coalesce(a.remark, ''), a.student_document_id IS NOT NULL,
    a.document_id IS NOT NULL,
    en.school_code IS NULL OR en.school_code = ANY(%(listed)s),
    s.id IS NOT NULL, coalesce(s.state, ''), coalesce(s.school_text, ''),
    m.id IS NOT NULL, coalesce(m.group_kind, ''), coalesce(m.state, ''), coalesce(m.situation_text, ''),
    (SELECT string_agg(o.name, '、' ORDER BY o.code) FROM schools_school o WHERE o.code = ANY(v.schools) AND o.code <> en.school_code),
    (SELECT '第' || min(x.sheet_row) || '行' FROM refused x WHERE x.school_code = en.school_code AND (
        x.name_key = en.name_key AND (x.birth_date IS NULL OR en.birth_date IS NULL OR x.birth_date = en.birth_date OR x.grade = en.grade)
        OR x.birth_date = en.birth_date AND (x.name_sound = en.name_sound OR x.grade = en.grade AND x.class_name = en.class_name))),
    coalesce(f.kinds, '{{}}'), w.list,
    CASE WHEN en.state = 'transferred_out' AND en.school_text <> coalesce(ens.name, '') THEN en.school_text ELSE '' END,
    CASE WHEN en.state = 'transferred_out' THEN (en.details -> 'extra')::json END,
    ARRAY[h.id, en.id, a.id, m.id, s.id]
FROM places c
LEFT JOIN registers_entry h ON h.id = c.household_id
LEFT JOIN registers_entry en ON en.id = c.enrollment_id
LEFT JOIN registers_entry a ON a.id = c.attending_id
LEFT JOIN registers_entry m ON m.id = c.monitored_id
LEFT JOIN registers_entry s ON s.id = c.survey_id
LEFT JOIN schools_school ens ON ens.code = en.school_code
LEFT JOIN schools_school ats ON ats.code = a.school_code
LEFT JOIN doubtful f ON f.child_id = c.child_id
LEFT JOIN several v ON v.child_id = c.child_id
LEFT JOIN decisions w ON w.child_id = c.child_id
ORDER BY c.id
"""

# 残疾类型 of any register, else 健康状况 50–59 (GB/T 2261.3), which stands under its own heading among the columns nobody asked for.
KINDS_OF_DISABILITY = ", ".join(f"nullif({line}.details ->> 'disability', '')" for line in ("en", "h", "a", "s", "m"))
HEALTH = "coalesce({})".format(", ".join(f"{line}.details -> 'extra' ->> '健康状况'" for line in ("en", "h", "a", "s")))
DISABILITY = f"{KINDS_OF_DISABILITY}, CASE WHEN {HEALTH} ~ '^[ ]*5[0-9]|^[^无非未]*残疾' THEN '健康状况 ' || {HEALTH} END"

# The first columns of FACTS after the ids, as the fields of ``Facts``.
TOLD = (
    "is_school_age", "household", "household_state", "household_bare", "enrollment", "enrollment_state", "enrollment_school",
    "enrollment_name", "grade", "claims_local", "taught_at_home", "enrollment_remark", "disability", "attending", "attending_school",
    "attending_name", "attending_remark", "attending_number", "attending_document", "list_handed_in", "survey", "survey_state",
    "survey_school", "monitored", "monitored_kind",
)  # fmt: skip


def facts(run: Run, place: str, *, first_day: date, registration_days: int) -> Iterator[tuple[int, list[int], set[str], Facts]]:
    """Every child of a township ('' = no known place): row id, lines, contradictions a person already settled, facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, name FROM schools_region WHERE level IN ('province', 'prefecture', 'district')")
        tree = Tree.of(cursor.fetchall())
        values = {**parameters(run), "place": place, "day": run.day_in_term, "lists": run.uploads}
        cursor.execute(FACTS.format(visible=FROM_VISIBLE, disability=DISABILITY), values)
        rows = cursor.fetchall()
    days = (run.day_in_term - first_day).days
    for pk, _child, *values, other_schools, refused, doubts, decisions, moved_to, extra, lines in rows:
        settled, closed = remembered(decisions)
        told: dict[str, Any] = dict(zip(TOLD, values, strict=False))
        receiving = moved_to or receiving_school(told["enrollment_remark"], extra or {}) if told["enrollment_state"] == TRANSFERRED else ""
        known = Facts(
            **told,
            monitored_says=monitored_says(*values[-2:]),
            receiving_school=receiving,
            district=run.district_code,
            other_schools=other_schools or "",
            refused_line=refused or "",
            doubt_enrollment="enrollment" in doubts,
            doubt_attending="attending" in doubts,
            doubt_monitored="monitored" in doubts,
            doubt_survey="survey" in doubts,
            days_since_start=days,
            registration_days=registration_days,
            settled=settled,
        )
        if known.outside_school:
            known = replace(known, outside_place=tree.place(known.outside_school))
        yield pk, [line for line in lines if line], closed, known


def monitored_says(state: str, text: str) -> str:
    """'in', 'out' or '' after the monitored list's own word on schooling."""
    if state in ("never_enrolled", "dropout") or any(word in text for word in ("失学", "辍学", "未就读", "未上学", "非在校")):
        return "out"
    return "in" if state == "enrolled_inside" or any(word in text for word in ("在读", "在校", "就读", "年级")) else ""


def remembered(decisions: list[list[str]] | None) -> tuple[dict[str, Answer], set[str]]:
    """Persons' decisions that still hold: the answer per comparison, and the contradictions already settled."""
    settled: dict[str, Answer] = {}
    closed: set[str] = set()
    for comparison, from_class, outcome, title, explanation in decisions or ():
        if comparison == "x":
            closed.add(from_class)
        else:
            settled[comparison] = Answer(outcome, f"人工核定（{title}）：{explanation}"[:300])
    return settled, closed


CLASS_COLUMNS = (
    "id",
    "on_roll",
    "is_present",
    "first",
    "first_reason",
    "second",
    "second_reason",
    "reverse",
    "reverse_reason",
    "third",
    "third_reason",
)


# A person's decision moves the facts too, so that both identities hold: a child decided into a class of ① has its household here,
# one decided 在籍在校 sits in its own school.
FOLLOWING = """is_local = c.is_local OR t.first NOT IN ('', 'no_residence'),
    attending_school_id = CASE WHEN t.second = 'attending' THEN c.school_code ELSE c.attending_school_id END"""


def write_classes(run: Run, rows: Iterable[tuple[object, ...]]) -> None:
    """Set the classes of children: rows in the order of ``CLASS_COLUMNS``."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMP TABLE answered_class (id bigint PRIMARY KEY, on_roll boolean, is_present boolean, first text, first_reason text,
            second text, second_reason text, reverse text, reverse_reason text, third text, third_reason text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY answered_class FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        assignments = ", ".join(f"{column} = t.{column}" for column in CLASS_COLUMNS[1:])
        assignments += f", {FOLLOWING}"
        cursor.execute(f"UPDATE reconciliation_childclass c SET {assignments} FROM answered_class t WHERE c.id = t.id AND c.run_id = %s", [run.pk])


def write_findings(run: Run, rows: Iterable[tuple[int, str, str, str, str, list[int]]]) -> int:
    """Write findings (class row id, comparison, class, reason, owner, lines), replacing those of the same children. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE found_class (id bigint, comparison text, klass text, reason text, owner text, entries bigint[]) ON COMMIT DROP"
        )
        with cursor.copy("COPY found_class FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            """DELETE FROM reconciliation_finding f USING answered_class t JOIN reconciliation_childclass c ON c.id = t.id
            WHERE f.run_id = %(run)s AND f.child_id = c.child_id""",
            {"run": run.pk},
        )
        cursor.execute(
            """INSERT INTO reconciliation_finding (run_id, child_id, comparison, klass, reason, entries, owner, district_code, township_code,
                village_code, school_code, school_class_id, name, pinyin, id_masked, state, outcome, explanation, settled_title)
            SELECT c.run_id, c.child_id, t.comparison, t.klass, t.reason, t.entries, t.owner, c.district_code, c.township_code, c.village_code,
                CASE WHEN t.comparison = '2r' THEN c.attending_school_id ELSE c.school_code END,
                CASE WHEN t.comparison = '2r' THEN a.school_class_id ELSE c.school_class_id END,
                c.name, c.pinyin, c.id_masked, 'open', '', '', ''
            FROM found_class t JOIN reconciliation_childclass c ON c.id = t.id LEFT JOIN registers_entry a ON a.id = c.attending_id
            ORDER BY c.id, t.comparison""",
        )
        return int(cursor.rowcount)


def places_of(run: Run) -> list[str]:
    """Where the run's children are: township codes, '' for those without a known place."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT coalesce(nullif(c.township_code, ''), p.township_id, '') FROM reconciliation_childclass c
            LEFT JOIN schools_school p ON p.code = c.school_code WHERE c.run_id = %s ORDER BY 1""",
            [run.pk],
        )
        return [code for (code,) in cursor.fetchall()]
