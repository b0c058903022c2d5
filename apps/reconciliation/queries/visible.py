"""Which lines of the registers a run looks at: those in force at its cutoff."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.reconciliation.models import Run

# In force at the cutoff: brought by then, not yet replaced, not yet ended. Alias e; parameters district, brought, listed.
# Class lists count only for schools that handed one in (or confirmed the old one) in the run's own term.
FROM_VISIBLE = """
FROM registers_entry e
WHERE e.district_code = %(district)s AND e.upload_id = ANY(%(brought)s)
  AND (e.superseded_by_id IS NULL OR e.superseded_by_id <> ALL(%(brought)s))
  AND (e.ended_by_id IS NULL OR e.ended_by_id <> ALL(%(brought)s))
  AND (e.kind <> 'attending' OR e.school_code = ANY(%(listed)s))
"""


def parameters(run: Run) -> dict[str, Any]:
    """The named parameters of ``FROM_VISIBLE``: the uploads committed by the cutoff, the schools whose class lists count."""
    return {"run": run.pk, "district": run.district_code, "brought": brought(run), "listed": listed_schools(run)}


def brought(run: Run) -> list[int]:
    """Every upload of the district committed by the run's cutoff."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM registers_upload WHERE district_code = %s AND committed_seq <= %s ORDER BY 1", [run.district_code, run.cutoff_seq]
        )
        return [pk for (pk,) in cursor.fetchall()]


def listed_schools(run: Run) -> list[str]:
    """Codes of the schools whose class lists of this term are in: by their own upload, or in a file of the township or district."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT school_code FROM registers_upload
            WHERE district_code = %(district)s AND kind = 'attending' AND term_id = %(term)s AND committed_seq <= %(cutoff)s
              AND school_code IS NOT NULL
            UNION
            SELECT e.school_code FROM registers_entry e JOIN registers_upload u ON u.id = e.upload_id
            WHERE e.district_code = %(district)s AND e.kind = 'attending' AND e.school_code IS NOT NULL
              AND u.committed_seq <= %(cutoff)s
              AND (u.term_id = %(term)s OR EXISTS (
                SELECT 1 FROM registers_upload w
                WHERE w.district_code = %(district)s AND w.kind = 'attending' AND w.term_id = %(term)s AND w.school_code IS NULL
                  AND w.committed_seq <= %(cutoff)s AND w.committed_seq >= u.committed_seq))
            """,
            {"district": run.district_code, "term": run.term_id, "cutoff": run.cutoff_seq},
        )
        return sorted(code for (code,) in cursor.fetchall())


def named_uploads(*, district: str, cutoff: int, term: int) -> list[int]:
    """The uploads a run over this cutoff uses: those whose lines are in force, and this term's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT e.upload_id FROM registers_entry e JOIN registers_upload u ON u.id = e.upload_id
            WHERE e.district_code = %(district)s AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL AND u.committed_seq <= %(cutoff)s
            UNION SELECT id FROM registers_upload
            WHERE district_code = %(district)s AND term_id = %(term)s AND state = 'committed' AND committed_seq <= %(cutoff)s
            """,
            {"district": district, "cutoff": cutoff, "term": term},
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def kinds_present(run: Run) -> set[str]:
    """The registers that have at least one line in force."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT e.kind {FROM_VISIBLE}", parameters(run))
        return {kind for (kind,) in cursor.fetchall()}


def analyze(phase: str) -> None:
    """Let the planner know how large the tables of a phase have become (a large load and a large phase come before autovacuum does)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT zaixue_analyze(%s)", [phase])
