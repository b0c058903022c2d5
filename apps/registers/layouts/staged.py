"""The columns of a staged row, in the order they are copied into the database."""

from __future__ import annotations

STAGED_COLUMNS = (
    "row", "sheet", "sheet_row", "status", "key", "name", "name_key", "name_sound", "pinyin", "initials", "sex", "birth_date", "ethnicity",
    "id_kind", "id_number", "student_number", "provincial_number", "school_code", "school_name", "grade", "class_name", "boarding", "state",
    "guardian_name", "guardian_key", "guardian_relation", "guardian_phone", "guardian_id_number", "phone", "address", "household_number",
    "member_number", "head_name", "residence_code", "township_code", "township_name", "village_name", "group_kind", "risk_cleared",
    "left_behind", "migrant", "orphan", "disability", "inclusive", "remark", "reported_on", "entered_on", "school_text", "situation_text",
    "surveyor", "extra", "cleaned", "problems",
)  # fmt: skip
NUMBER_COLUMNS = frozenset({"row", "sheet_row"})
NULL_COLUMNS = frozenset({"birth_date", "reported_on", "grade"})  # NULL where empty; every other text is never NULL
JSON_COLUMNS = frozenset({"extra", "cleaned", "problems"})
