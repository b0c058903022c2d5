"""Writing the lines of a commit: documents, classes, old lines replaced, new lines in, missing lines off the roll."""

from __future__ import annotations

import json
from typing import Any

from django.db.backends.utils import CursorWrapper

from apps.core.errors import Refused
from apps.registers.actions import children
from apps.registers.models import Entry, Kind, Upload
from apps.registers.queries.incoming import masked

ROWS = "FROM incoming i JOIN registers_stagedrow s ON s.upload_id = %(upload)s AND s.row = i.row"
CHANGED = f"{ROWS} WHERE i.change <> 'unchanged'"
# What is told by a line but not asked often goes into ``details`` under these names; empty values are left out.
DETAILS = (
    "provincial_number", "boarding", "guardian_relation", "phone", "member_number", "risk_cleared", "left_behind", "migrant", "orphan", "disability",
    "inclusive", "entered_on", "surveyor",
)  # fmt: skip
PLAIN = (
    "name", "name_key", "name_sound", "pinyin", "initials", "sex", "ethnicity", "class_name", "state", "guardian_name", "guardian_key",
    "guardian_phone", "address", "household_number", "head_name", "residence_code", "group_kind", "remark", "school_text", "situation_text",
    "village_name",
)  # fmt: skip
SCHOOL_KINDS = (Kind.ENROLLMENT, Kind.ATTENDING)


def write_documents(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Add the numbers nobody has seen yet; two numbers with one hash stop the commit (64 bits: never seen)."""
    wanted = (
        "SELECT i.document AS id, i.id_kind AS kind, i.id_text AS number FROM incoming i WHERE i.change <> 'unchanged' AND i.document IS NOT NULL"
        " UNION ALL SELECT i.student_document, 'student', i.student_text FROM incoming i"
        " WHERE i.change <> 'unchanged' AND i.student_document IS NOT NULL"
    )
    cursor.execute(
        f"INSERT INTO students_iddocument (id, kind, number, masked) SELECT id, kind, number, {masked('number')} FROM ({wanted}) w ORDER BY id"
        " ON CONFLICT (id) DO NOTHING",
        values,
    )
    added = cursor.rowcount
    cursor.execute("SELECT count(document) + count(student_document) FROM incoming WHERE change <> 'unchanged'")
    if cursor.fetchone()[0] == added:
        return
    cursor.execute(
        f"SELECT 1 FROM ({wanted}) w JOIN students_iddocument d ON d.id = w.id WHERE d.number <> w.number OR d.kind <> w.kind LIMIT 1", values
    )
    if cursor.fetchone():
        raise Refused("两个不同号码的校验值相同，系统无法区分，请联系维护人员。", code="hash")


def make_classes(cursor: CursorWrapper, upload: Upload, values: dict[str, Any]) -> list[int]:
    """Make the classes the rows name and the school does not have yet in this school year; their ids."""
    if upload.kind not in SCHOOL_KINDS:
        return []
    cursor.execute(
        "INSERT INTO schools_schoolclass (school_id, school_year, grade, name)"
        f" SELECT DISTINCT s.school_code, %(year)s, s.grade, left(s.class_name, 30) {CHANGED}"
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
    """Write the new lines and new versions, and the new children from their first line; ``incoming.child`` is known by now.

    The children are written as ``children.refresh`` would say of one line; foreign keys are looked at when the transaction ends.
    """
    has_school = upload.kind in SCHOOL_KINDS
    facts = [column for column, _ in children.FACTS.values()]
    number = "i.id_text"
    places = {
        "kind": "%(kind)s", "district_code": "%(district)s", "unit": "i.unit", "key": "i.line_key", "fingerprint": "i.fingerprint",
        "upload_id": "%(upload)s", "row": "s.row", "sheet_row": "s.sheet_row", "end_reason": "''", "child_id": "i.child",
        "township_code": "left(s.township_code, 9)", "village_code": "''" if has_school else "coalesce(v.code, '')",
        "school_code": "s.school_code" if has_school else "NULL", "school_class_id": "c.id" if has_school else "NULL::bigint",
        "birth_date": "s.birth_date", "document_id": "i.document", "id_masked": masked(number),
        "student_document_id": "i.student_document", "student_masked": masked("s.student_number"), "grade": "s.grade",
        "reported_on": "s.reported_on", "details": details_sql(),
    }  # fmt: skip
    longest = {field.name: field.max_length for field in Entry._meta.concrete_fields}
    places |= {column: f"left(s.{column}, {longest[column]})" for column in PLAIN}
    joined = (
        " LEFT JOIN schools_schoolclass c ON c.school_id = s.school_code AND c.school_year = %(year)s AND c.grade = s.grade"
        " AND c.name = left(s.class_name, 30)"
        if has_school
        else f" LEFT JOIN ({VILLAGES}) v ON v.parent_id = s.township_code AND v.called = {VILLAGE_CALLED.format('s.village_name')}"
    )
    cursor.execute(
        f"WITH line AS (INSERT INTO registers_entry ({', '.join(places)}) SELECT {', '.join(places.values())}"
        f" {ROWS}{joined} WHERE i.change <> 'unchanged' RETURNING row, child_id, district_code, {', '.join(facts)})"
        f" INSERT INTO students_child (id, district_code, {', '.join(children.FACTS)})"
        f" SELECT line.child_id, line.district_code, line.{', line.'.join(facts)}"
        " FROM line JOIN incoming i USING (row) WHERE i.is_fresh",
        values,
    )


# 村委会、村、社区 are written or left out as people like; the stem within a township tells which one is meant.
VILLAGE_CALLED = "regexp_replace({0}, '(村民委员会|村委会|居民委员会|居委会|社区|村)+$', '')"
VILLAGES = (
    f"SELECT DISTINCT ON (parent_id, called) code, parent_id, called FROM (SELECT code, parent_id, {VILLAGE_CALLED.format('name')} AS called"
    " FROM schools_region WHERE level = 'village' AND left(code, 6) = %(district)s) named ORDER BY parent_id, called, code"
)


def details_sql() -> str:
    """The other columns as one JSON object; numbers of guardians only as hash and mask."""
    parts = ", ".join(f"'{column}', nullif(s.{column}, '')" for column in DETAILS)
    guardian = (
        "CASE WHEN s.guardian_id_number = '' THEN '{}'::jsonb ELSE jsonb_build_object('guardian_masked',"
        f" {masked('s.guardian_id_number')}, 'guardian_document', hashtextextended('resident:' || s.guardian_id_number, 0)::text) END"
    )
    extra = "CASE WHEN s.extra = '{}' THEN '{}'::jsonb ELSE jsonb_build_object('extra', s.extra) END"
    empty = " || ".join(f"s.{column}" for column in (*DETAILS, "guardian_id_number"))
    filled = f"jsonb_strip_nulls(jsonb_build_object({parts})) || {guardian} || {extra}"
    return f"CASE WHEN {empty} = '' AND s.extra = '{{}}' THEN '{{}}'::jsonb ELSE {filled} END"


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
