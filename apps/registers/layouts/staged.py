"""The columns of a staged row, in the order they are copied into the database."""

from __future__ import annotations

# What is known about a row beside its own words.
ABOUT = (
    "row", "status", "key", "school_code", "township_code", "id_kind", "fingerprint", "sheet", "sheet_row", "name_key", "name_sound", "pinyin",
    "initials", "id_masked", "student_masked", "school_name", "township_name", "guardian_key", "cleaned", "problems",
)  # fmt: skip
# What a row says; a change in any of it makes a new version of its line (``fingerprint`` is the hash of these).
CONTENT = (
    "id_number", "student_number", "guardian_id_number", "name", "sex", "birth_date", "ethnicity", "grade", "class_name", "state", "guardian_name",
    "guardian_phone", "address", "household_number", "head_name", "residence_code", "village_name", "group_kind", "remark", "reported_on",
    "school_text", "situation_text", "details",
)  # fmt: skip
STAGED_COLUMNS = (*ABOUT, *CONTENT)
# What is told by a row but not asked often goes into the one JSON object ``details`` under these names; empty values are left out.
DETAILS = (
    "provincial_number", "boarding", "guardian_relation", "phone", "member_number", "risk_cleared", "left_behind", "migrant", "orphan", "disability",
    "inclusive", "entered_on", "surveyor",
)  # fmt: skip
NULL_COLUMNS = frozenset({"birth_date", "reported_on", "grade"})  # NULL where empty; every other text is never NULL
# Characters kept of a text, as the database holds them (a test holds the two together).
LONGEST = {
    "name": 50, "name_key": 50, "name_sound": 200, "pinyin": 200, "initials": 50, "ethnicity": 20, "id_number": 40, "student_number": 40,
    "id_masked": 40, "student_masked": 40, "guardian_id_number": 40, "class_name": 30, "state": 30, "guardian_name": 50, "guardian_key": 50,
    "guardian_phone": 30, "address": 200, "household_number": 30, "head_name": 50, "residence_code": 12, "group_kind": 20, "remark": 300,
    "school_text": 100, "situation_text": 200, "village_name": 60,
}  # fmt: skip
