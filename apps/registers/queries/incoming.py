"""The lines an upload would bring, beside the lines that stand: the one piece of SQL that preview and commit share.

A row belongs to a *unit* (its school, its township, or '' for a register of the whole district) and has a key in it; both
hashed by PostgreSQL's ``hashtextextended``. Equal fingerprints mean that a row says nothing new.
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
SCHOOL_KINDS = (Kind.ENROLLMENT, Kind.ATTENDING)
# All that a line says; a change in any of them makes a new version of the line.
CONTENT = (
    "name", "sex", "ethnicity", "id_number", "student_number", "provincial_number", "class_name", "boarding", "state", "guardian_name",
    "guardian_relation", "guardian_phone", "guardian_id_number", "phone", "address", "household_number", "member_number", "head_name",
    "residence_code", "township_code", "village_name", "group_kind", "risk_cleared", "left_behind", "migrant", "orphan", "disability", "inclusive",
    "remark", "entered_on", "school_text", "situation_text", "surveyor",
)  # fmt: skip
FINGERPRINT = (
    "hashtextextended(concat_ws(chr(31), "
    + ", ".join(f"s.{column}" for column in CONTENT)
    + ", s.grade, s.birth_date - date '2000-01-01', s.reported_on - date '2000-01-01', CASE WHEN s.extra = '{}' THEN '' ELSE s.extra::text END), 0)"
)
# A certificate of disability begins with its holder's resident number, and that is what is compared (DATA.md §2).
DOCUMENT_KIND = "CASE WHEN s.id_kind IN ('resident', 'disability') AND length(s.id_number) >= 18 THEN 'resident' ELSE 'other' END"
DOCUMENT_NUMBER = (
    "CASE WHEN s.id_kind IN ('resident', 'disability') AND length(s.id_number) >= 18 THEN left(s.id_number, 18) ELSE left(s.id_number, 40) END"
)
DOCUMENT = f"CASE WHEN s.id_number <> '' THEN hashtextextended(({DOCUMENT_KIND}) || ':' || ({DOCUMENT_NUMBER}), 0) END"
STUDENT_DOCUMENT = "CASE WHEN s.student_number <> '' THEN hashtextextended('student:' || left(s.student_number, 40), 0) END"


def masked(text: str) -> str:
    """SQL for the masked form of a number, the same as ``core.ids.mask`` (a test holds the two together)."""
    return (
        f"CASE WHEN {text} = '' THEN ''"
        f" WHEN length({text}) = 18 THEN overlay({text} PLACING '********' FROM 7 FOR 8)"
        f" WHEN length({text}) = 19 AND {text} ~ '^[GLJ][1-9][0-9]{{16}}[0-9X]$' THEN overlay({text} PLACING '********' FROM 8 FOR 8)"
        f" WHEN length({text}) >= 14 THEN left({text}, 6) || repeat('*', length({text}) - 10) || right({text}, 4)"
        f" ELSE left({text}, least(2, length({text}) / 3)) || repeat('*', length({text}) - 2 * least(2, length({text}) / 3))"
        f" || right({text}, least(2, length({text}) / 3)) END"
    )


def incoming_sql(kind: str) -> str:
    """SELECT of the accepted rows with their change: row, name_key, birth_date, unit, id_kind, id_text, student_text, fingerprint, document,
    student_document, line_key, old_id, child, change ('new', 'changed', 'unchanged'), is_fresh and leader. Parameters: upload, kind, district.

    The same key twice in a unit gets a number, so that no child falls out for a number that was typed twice.
    """
    unit = UNIT[Kind(kind)]
    # Sorting numbers is quicker than sorting texts: the rows of a unit are counted by the hash of their key.
    times = "row_number() OVER (PARTITION BY s.unit, s.hashed ORDER BY s.row)"
    return f"""
        SELECT s.*, e.id AS old_id, e.child_id AS child, false AS is_fresh, NULL::int AS leader,
               CASE WHEN e.id IS NULL THEN 'new' WHEN e.fingerprint = s.fingerprint THEN 'unchanged' ELSE 'changed' END AS change
          FROM (SELECT s.row, s.name_key, s.birth_date, s.unit, s.id_kind, s.id_text, s.student_text, s.fingerprint, s.document,
                       s.student_document, CASE WHEN {times} > 1 THEN hashtextextended(s.key || '#' || {times}, 0) ELSE s.hashed END AS line_key
                  FROM (SELECT s.row, s.key, s.name_key, s.birth_date, {unit} AS unit, {DOCUMENT_KIND} AS id_kind, {DOCUMENT_NUMBER} AS id_text,
                               left(s.student_number, 40) AS student_text, {FINGERPRINT} AS fingerprint, {DOCUMENT} AS document,
                               {STUDENT_DOCUMENT} AS student_document, hashtextextended(s.key, 0) AS hashed
                          FROM registers_stagedrow s WHERE s.upload_id = %(upload)s AND s.status <> 'rejected') s) s
          LEFT JOIN registers_entry e ON e.kind = %(kind)s AND e.district_code = %(district)s AND e.unit = s.unit AND e.key = s.line_key
                AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL"""


def missing_sql(kind: str, incoming: str = "incoming") -> str:
    """SELECT id, child_id of the lines that stand in the file's own units but not in the file.

    A rejected row of the same name keeps its child from being called missing. Parameters: upload, kind, district, units, village.
    """
    unit = UNIT[Kind(kind)]
    return f"""
        SELECT e.id, e.child_id FROM registers_entry e
         WHERE e.kind = %(kind)s AND e.district_code = %(district)s AND e.unit = ANY(%(units)s)
           AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL
           AND (%(village)s = '' OR e.village_code = %(village)s)
           AND e.id NOT IN (SELECT i.old_id FROM {incoming} i WHERE i.old_id IS NOT NULL)
           AND (e.unit, e.name_key) NOT IN (SELECT {unit}, s.name_key FROM registers_stagedrow s
                                             WHERE s.upload_id = %(upload)s AND s.status = 'rejected')"""


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
