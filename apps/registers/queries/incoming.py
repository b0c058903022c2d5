"""The lines an upload would bring, beside the lines that stand: the one piece of SQL that preview and commit share.

A row belongs to a *unit* (its school, its township, or '' for a register of the whole district) and has a key in it, hashed by
PostgreSQL's ``hashtextextended``. Equal fingerprints mean that a row says nothing new. ``staged`` are the rows of the one upload: the
working table of actions/staged.py, or STAGED before the SQL.
"""

from __future__ import annotations

from typing import Any

from apps.registers.models import Kind, Upload

UNIT = {
    Kind.ENROLLMENT: "s.school_code",
    Kind.ATTENDING: "s.school_code",
    Kind.HOUSEHOLD: "s.township_code",
    Kind.SURVEY: "s.township_code",
    Kind.MONITORED: "''",
}
STAGED = "staged AS NOT MATERIALIZED (SELECT * FROM registers_stagedrow WHERE upload_id = %(upload)s)"  # after WITH
SCHOOL_KINDS = (Kind.ENROLLMENT, Kind.ATTENDING)
# A township may be found out only in the database (actions/places.py).
FINGERPRINT = "s.fingerprint # hashtextextended(s.township_code, 0)"
# A certificate of disability begins with its holder's resident number, and that is what is compared (DATA.md §2).
DOCUMENT_KIND = "CASE WHEN s.id_kind IN ('resident', 'disability') AND length(s.id_number) >= 18 THEN 'resident' ELSE 'other' END"
DOCUMENT_NUMBER = "CASE WHEN s.id_kind = 'disability' THEN left(s.id_number, 18) ELSE s.id_number END"
DOCUMENT = f"CASE WHEN s.id_number <> '' THEN hashtextextended(({DOCUMENT_KIND}) || ':' || ({DOCUMENT_NUMBER}), 0) END"
STUDENT_DOCUMENT = "CASE WHEN s.student_number <> '' THEN hashtextextended('student:' || s.student_number, 0) END"


def incoming_sql(kind: str) -> str:
    """SELECT of the accepted rows of ``staged`` with their change: row, name_key, birth_date, unit, id_kind, id_text, id_masked, student_number,
    student_masked, fingerprint, document, student_document, line_key, is_repeated, old_id, old_child, change ('new', 'changed', 'unchanged').
    Parameters: kind, district.
    """
    return f"""
        SELECT s.*, e.id AS old_id, e.child_id AS old_child,
               CASE WHEN e.id IS NULL THEN 'new' WHEN e.fingerprint = s.fingerprint THEN 'unchanged' ELSE 'changed' END AS change
          FROM (SELECT s.row, s.name_key, s.birth_date, {UNIT[Kind(kind)]} AS unit, {DOCUMENT_KIND} AS id_kind, {DOCUMENT_NUMBER} AS id_text,
                       s.id_masked, s.student_number, s.student_masked, {FINGERPRINT} AS fingerprint,
                       {DOCUMENT} AS document, {STUDENT_DOCUMENT} AS student_document, hashtextextended(s.key, 0) AS line_key, s.is_repeated
                  FROM staged s WHERE s.status <> 'rejected') s
          LEFT JOIN registers_entry e ON e.kind = %(kind)s AND e.district_code = %(district)s AND e.unit = s.unit AND e.key = s.line_key
                AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL"""


def missing_sql(kind: str) -> str:
    """SELECT id, child_id of the lines that stand in the file's own units but not in the file (``incoming``).

    A rejected row of the same name keeps its child from being called missing. Parameters: kind, district, units, village.
    """
    return f"""
        SELECT e.id, e.child_id FROM registers_entry e
         WHERE e.kind = %(kind)s AND e.district_code = %(district)s AND e.unit = ANY(%(units)s)
           AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL
           AND (%(village)s = '' OR e.village_code = %(village)s)
           AND e.id NOT IN (SELECT i.old_id FROM incoming i WHERE i.old_id IS NOT NULL)
           AND (e.unit, e.name_key) NOT IN (SELECT {UNIT[Kind(kind)]}, s.name_key FROM staged s WHERE s.status = 'rejected')"""


def parameters(upload: Upload) -> dict[str, Any]:
    """The named parameters of the SQL above; ``units`` as counted when the file was read."""
    return {
        "upload": upload.pk,
        "kind": upload.kind,
        "district": upload.district_code,
        "village": upload.village_code,
        "units": upload.counts.get("units", []),
        "year": int(upload.term.code[:4]),
    }


def own_unit(upload: Upload) -> str:
    """The unit an upload speaks for by itself, '' where it is the whole district."""
    if upload.kind in SCHOOL_KINDS:
        return upload.school_id or ""
    return upload.township_code if upload.kind != Kind.MONITORED else ""
