"""What an upload would change, counted at one moment; kept on the upload so that a later commit can see whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.utils import CursorWrapper

from apps.registers.models import Kind, Upload
from apps.registers.queries.incoming import UNIT, incoming_sql, missing_sql, own_unit, parameters

TEMPORARY = "CREATE TEMP TABLE {0} ON COMMIT DROP AS {1}"


COUNTED = "unit, line_key, document, student_document, old_id, child, change, row"  # what the planner has to know of ``incoming``


def prepare(cursor: CursorWrapper) -> None:
    """Settings of this transaction for statements over ten thousands of rows; of its temporary tables a small sample says enough."""
    cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 10")


@contextmanager
def whole_sets(cursor: CursorWrapper) -> Iterator[None]:
    """Let joins and groups be planned by hash alone: the tables just filled have no statistics yet, and a wrong guess costs minutes.

    A nested loop would be quadratic in the file, a merge on the unit alone quadratic in the unit (seen: 20 s a re-load).

    The web's role owns no table and so may not ANALYZE them; its own temporary tables it may.
    """
    cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on; SET LOCAL enable_sort = on")


def keep(cursor: CursorWrapper, name: str, select: str, values: dict[str, Any], columns: str) -> None:
    """Make a temporary table of this transaction, with statistics."""
    with whole_sets(cursor):
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(TEMPORARY.format(name, select), values)
    cursor.execute(f"ANALYZE {name} ({columns})")


def lock_district(cursor: CursorWrapper, district: str) -> None:
    """Let one commit or undo of a district at a time through, until the transaction ends.

    Not one per kind: two kinds committed at once would each make a child for the same number.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('registers:' || %s, 0))", [district])


def gather(cursor: CursorWrapper, upload: Upload) -> None:
    """Make the temporary tables ``incoming`` and ``missing``. A new row has a child's number of its own until its child is known (children.py)."""
    values = parameters(upload)
    fresh = "coalesce(i.old_child, nextval('students_child_id_seq')) AS child, i.old_child IS NULL AS is_fresh"
    keep(cursor, "incoming", f"SELECT i.*, {fresh} FROM ({incoming_sql(upload.kind)}) i", values, COUNTED)
    keep(cursor, "missing", missing_sql(upload.kind), values, "id")


def last_commit(cursor: CursorWrapper, upload: Upload) -> int:
    """The number of the latest commit that touched any unit of this upload, 0 where none did."""
    cursor.execute(
        "SELECT coalesce(max(committed_seq), 0) FROM registers_upload WHERE kind = %(kind)s AND district_code = %(district)s"
        " AND state = 'committed' AND jsonb_exists_any(counts -> 'units', %(units)s)",
        parameters(upload),
    )
    return int(cursor.fetchone()[0])


def count(cursor: CursorWrapper, upload: Upload) -> dict[str, Any]:
    """Fill ``upload.counts`` and ``upload.base`` from the rows and lines as they are; makes ``incoming`` and ``missing``. Not saved."""
    cursor.execute(f"SELECT s.status, {UNIT[Kind(upload.kind)]}, count(*) FROM staged s GROUP BY 1, 2")
    found = cursor.fetchall()
    counts: dict[str, Any] = {status: sum(rows for one, _, rows in found if one == status) for status in ("accepted", "cleaned", "rejected")}
    units = {unit for status, unit, _ in found if status != "rejected"}
    if own_unit(upload) or upload.kind == Kind.MONITORED:
        units.add(own_unit(upload))
    counts |= {"rows": sum(rows for _, _, rows in found), "units": sorted(units), "twin": upload.counts.get("twin", 0)}
    counts["kind_doubt"] = upload.counts.get("kind_doubt", "")
    upload.counts = counts
    upload.base = last_commit(cursor, upload)
    gather(cursor, upload)
    cursor.execute("SELECT change, count(*) FROM incoming GROUP BY 1")
    changes = dict(cursor.fetchall())
    cursor.execute("SELECT count(*) FROM missing")
    counts["missing"] = cursor.fetchone()[0]
    counts |= {"inserted": changes.get("new", 0), "updated": changes.get("changed", 0), "unchanged": changes.get("unchanged", 0)}
    counts["standing"] = counts["missing"] + counts["updated"] + counts["unchanged"]
    return counts


def shrinks(upload: Upload, percent: int) -> bool:
    """Whether the roll would lose more than ``percent`` of its lines. A survey adds and never takes away."""
    counts = upload.counts
    return upload.kind != Kind.SURVEY and counts["missing"] * 100 > counts["standing"] * percent
