"""Writing the lines of a commit: documents, classes, old lines replaced, new lines in, missing lines off the roll."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper

from apps.core.errors import Refused
from apps.registers.actions import children
from apps.registers.models import Kind, Upload

# Columns that a line takes over from its staged row as they are.
PLAIN = (
    "row", "sheet_row", "name", "name_key", "name_sound", "pinyin", "initials", "sex", "birth_date", "ethnicity", "id_masked", "student_masked",
    "grade", "class_name", "state", "guardian_name", "guardian_key", "guardian_phone", "address", "household_number", "head_name", "residence_code",
    "group_kind", "village_name", "remark", "reported_on", "school_text", "situation_text",
)  # fmt: skip
SCHOOL_KINDS = (Kind.ENROLLMENT, Kind.ATTENDING)


def write_documents(cursor: CursorWrapper) -> None:
    """Add the numbers nobody has seen yet. Two numbers with one hash stop the commit by their equal key (64 bits: never seen)."""
    try:
        cursor.execute(
            "INSERT INTO students_iddocument (id, kind, number, masked) SELECT DISTINCT ON (w.id, w.kind, w.number) w.*"
            " FROM (SELECT document, id_kind, id_text, id_masked FROM incoming WHERE change <> 'unchanged' AND document IS NOT NULL UNION ALL"
            " SELECT student_document, 'student', student_number, student_masked FROM incoming"
            " WHERE change <> 'unchanged' AND student_document IS NOT NULL) w (id, kind, number, masked)"
            " WHERE NOT EXISTS (SELECT FROM students_iddocument d WHERE d.id = w.id AND d.kind = w.kind AND d.number = w.number)"
            " ORDER BY w.id, w.kind, w.number"
        )
    except IntegrityError as fault:
        raise Refused("两个不同号码的校验值相同，系统无法区分，请联系维护人员。", code="hash") from fault


def make_classes(cursor: CursorWrapper, upload: Upload, values: dict[str, Any]) -> list[int]:
    """Make the classes the rows name and the school does not have yet in this school year; their ids."""
    if upload.kind not in SCHOOL_KINDS:
        return []
    cursor.execute(
        "INSERT INTO schools_schoolclass (school_id, school_year, grade, name)"
        " SELECT DISTINCT s.school_code, %(year)s, s.grade, s.class_name FROM staged s WHERE s.status <> 'rejected'"
        " AND s.grade BETWEEN 1 AND 9 AND s.class_name <> '' ON CONFLICT (school_id, school_year, grade, name) DO NOTHING RETURNING id",
        values,
    )
    return [pk for (pk,) in cursor.fetchall()]


def replace_old(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Mark the lines that a changed row replaces."""
    cursor.execute(
        "UPDATE registers_entry e SET superseded_by_id = %(upload)s FROM incoming i WHERE i.change = 'changed' AND e.id = i.old_id", values
    )


def insert(cursor: CursorWrapper, upload: Upload, values: dict[str, Any]) -> None:
    """Write the new lines and new versions, and the new children from their first line, in one go; ``incoming.child`` is known by now.

    The children are written as ``children.refresh`` would say of one line; foreign keys are looked at when the transaction ends.
    """
    has_school = upload.kind in SCHOOL_KINDS
    places = {
        "kind": "%(kind)s", "district_code": "%(district)s", "unit": "i.unit", "key": "i.line_key", "fingerprint": "i.fingerprint",
        "upload_id": "%(upload)s", "end_reason": "''", "child_id": "i.child", "document_id": "i.document",
        "student_document_id": "i.student_document", "township_code": "left(s.township_code, 9)",
        "village_code": "''" if has_school else "coalesce(v.code, '')", "school_code": "s.school_code" if has_school else "NULL",
        "school_class_id": "c.id" if has_school else "NULL::bigint", "details": DETAILS,
    }  # fmt: skip
    places |= {column: f"s.{column}" for column in PLAIN}
    joined = (
        " LEFT JOIN schools_schoolclass c ON c.school_id = s.school_code AND c.school_year = %(year)s AND c.grade = s.grade AND c.name = s.class_name"
        if has_school
        else f" LEFT JOIN ({VILLAGES}) v ON v.parent_id = s.township_code AND v.called = {VILLAGE_CALLED.format('s.village_name')}"
    )
    told = ", ".join(f"{said} AS {column}" for column, said in places.items())
    facts = {"id": "child_id", "district_code": "district_code"} | {name: column for name, (column, _) in children.FACTS.items()}
    cursor.execute(
        f"WITH lines AS MATERIALIZED (SELECT {told}, i.is_fresh FROM staged s JOIN incoming i USING (row){joined} WHERE i.change <> 'unchanged'),"
        f" written AS (INSERT INTO registers_entry ({', '.join(places)}) SELECT {', '.join(places)} FROM lines)"
        f" INSERT INTO students_child ({', '.join(facts)}) SELECT {', '.join(facts.values())} FROM lines WHERE is_fresh",
        values,
    )


# 村委会、村、社区 are written or left out as people like; the stem within a township tells which one is meant.
VILLAGE_CALLED = "regexp_replace({0}, '(村民委员会|村委会|居民委员会|居委会|社区|村)+$', '')"
VILLAGES = (
    f"SELECT DISTINCT ON (parent_id, called) code, parent_id, called FROM (SELECT code, parent_id, {VILLAGE_CALLED.format('name')} AS called"
    " FROM schools_region WHERE level = 'village' AND left(code, 6) = %(district)s) named ORDER BY parent_id, called, code"
)


# The numbers of guardians go no further than hash and mask.
DETAILS = (
    "CASE WHEN s.guardian_id_number = '' THEN s.details"
    " ELSE s.details || jsonb_build_object('guardian_document', hashtextextended('resident:' || s.guardian_id_number, 0)::text) END"
)


def end_missing(cursor: CursorWrapper, upload: Upload, values: dict[str, Any]) -> int:
    """Take the missing lines off the roll as answered: one by one, by the default, or by the default of the kind.

    Unasked, a line comes off and the comparison asks: a child on no new roll must not count as present. A survey only adds.
    """
    answers = dict(upload.missing_answer)
    default = answers.pop("default", "absent_from_file" if upload.kind == Kind.SURVEY else "see_comparison")
    cursor.execute(
        "UPDATE registers_entry e SET ended_by_id = %(upload)s, end_reason = m.answer"
        " FROM (SELECT m.id, coalesce(%(answers)s::jsonb ->> m.id::text, %(default)s) AS answer FROM missing m) m"
        " WHERE e.id = m.id AND m.answer <> 'absent_from_file'",
        {**values, "answers": json.dumps(answers), "default": default},
    )
    return int(cursor.rowcount)
