"""Whole runs for files: links between lines, all pairs of a child's lines."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from apps.reconciliation.models import Run
from apps.reconciliation.queries.visible import FROM_VISIBLE, parameters

LINK_COLUMNS = (
    "left_register", "left_row", "right_register", "right_row", "basis", "score", "decided_by",
    "left_upload", "right_upload", "left_name", "right_name",
)  # fmt: skip
# Every two lines of one child: the direct link's reason where there is one, else through which lines they meet.
LINKS = """
WITH lines AS MATERIALIZED (
    SELECT e.id, e.kind, e.row, e.upload_id, e.name, e.child_id {visible}
      AND e.child_id IN (SELECT child_id FROM reconciliation_childclass WHERE run_id = %(run)s)
)
SELECT l.kind, l.row, r.kind, r.row, coalesce(k.basis, '两行都已关联到同一名儿童的其他名册行'), k.score, coalesce(k.decided_by, 'rule'),
    l.upload_id, r.upload_id, l.name, r.name
FROM lines l JOIN lines r ON r.child_id = l.child_id AND r.id <> l.id
    AND (array_position(%(order)s, l.kind) < array_position(%(order)s, r.kind) OR (l.kind = r.kind AND l.id < r.id))
LEFT JOIN LATERAL (
    SELECT basis, score, decided_by FROM reconciliation_link k
    WHERE k.run_id = %(run)s AND ((k.left_id = l.id AND k.right_id = r.id) OR (k.left_id = r.id AND k.right_id = l.id)) LIMIT 1) k ON true
ORDER BY l.kind, l.upload_id, l.row, r.kind, r.row
"""
ORDER = ["household", "enrollment", "attending", "monitored", "survey"]


def all_links(run: Run) -> Iterator[tuple[object, ...]]:
    """Rows in the order of ``LINK_COLUMNS``."""
    with connection.cursor() as cursor:
        cursor.execute(LINKS.format(visible=FROM_VISIBLE), {**parameters(run), "order": ORDER})
        yield from cursor.fetchall()
