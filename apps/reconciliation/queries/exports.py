"""Whole runs for files: links between lines, all pairs of a child's lines, as they were when the run ended."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from apps.core.errors import Refused
from apps.reconciliation.models import Run

LINK_COLUMNS = (
    "left_register", "left_row", "right_register", "right_row", "basis", "score", "decided_by",
    "left_upload", "right_upload", "left_name", "right_name",
)  # fmt: skip
# Every two lines of one child of the run, as the run itself joined them (what the lines' children are today says nothing of it): the lines its
# row names, and those found to be the same line entered twice. The direct link's reason where there is one, else through which lines they meet.
LINKS = """
WITH RECURSIVE held (row_id, line) AS (
    SELECT c.id, v.line FROM reconciliation_childclass c
    CROSS JOIN LATERAL (VALUES (c.household_id), (c.enrollment_id), (c.attending_id), (c.monitored_id), (c.survey_id)) AS v (line)
    WHERE c.run_id = %(run)s AND v.line IS NOT NULL
    UNION
    SELECT h.row_id, d.other FROM held h JOIN doubled d ON d.line = h.line
), doubled (line, other) AS MATERIALIZED (
    SELECT left_id, right_id FROM reconciliation_link WHERE run_id = %(run)s AND left_kind = right_kind
    UNION ALL SELECT right_id, left_id FROM reconciliation_link WHERE run_id = %(run)s AND left_kind = right_kind
), lines AS MATERIALIZED (
    SELECT h.row_id, e.id, e.kind, e.row, e.upload_id, e.name FROM held h JOIN registers_entry e ON e.id = h.line
)
SELECT l.kind, l.row, r.kind, r.row, coalesce(k.basis, '两行都已关联到同一名儿童的其他名册行'), k.score, coalesce(k.decided_by, 'rule'),
    l.upload_id, r.upload_id, l.name, r.name
FROM lines l JOIN lines r ON r.row_id = l.row_id AND r.id <> l.id
    AND (array_position(%(order)s, l.kind) < array_position(%(order)s, r.kind) OR (l.kind = r.kind AND l.id < r.id))
LEFT JOIN LATERAL (
    SELECT basis, score, decided_by FROM reconciliation_link k
    WHERE k.run_id = %(run)s AND ((k.left_id = l.id AND k.right_id = r.id) OR (k.left_id = r.id AND k.right_id = l.id)) LIMIT 1) k ON true
ORDER BY l.kind, l.upload_id, l.row, r.kind, r.row
"""
ORDER = ["household", "enrollment", "attending", "monitored", "survey"]


def finished_run(number: int, *, district: str) -> Run:
    """The run of this number, to be written out. Refused where there is none, or it has not ended well."""
    run: Run | None = Run.objects.filter(pk=number, district_code=district).select_related("term").first()
    if run is None:
        raise Refused(f"没有第{number}次比对。", code="absent")
    if not run.is_finished:
        more = "请等它结束后再导出" if run.state == Run.State.RUNNING else "它没有结果可以导出，请重新比对"
        raise Refused(f"{run}现在是“{run.get_state_display()}”，{more}。", code="unfinished")
    return run


def all_links(run: Run) -> Iterator[tuple[object, ...]]:
    """Rows in the order of ``LINK_COLUMNS``."""
    with connection.cursor() as cursor:
        cursor.execute(LINKS, {"run": run.pk, "order": ORDER})
        yield from cursor.fetchall()
