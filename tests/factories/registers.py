"""Uploads and the lines they brought, already committed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db.models import Max

from apps.core.names import compare_key, sound_key
from apps.registers.models import Entry, Upload
from apps.schools.actions import ensure_term
from apps.schools.models import Term
from apps.students.models import Child
from tests.factories.children import document, id_number

numbers = count(1)
UNIT_OF = {"enrollment": "school_id", "attending": "school_id", "household": "township_code", "survey": "township_code"}


def term(district: str = "530113", code: str = "2026-2027-1") -> Term:
    """A term with the default days."""
    return ensure_term(district=district, code=code)


def upload(kind: str = "enrollment", *, of: Term | None = None, state: str = "committed", **fields: Any) -> Upload:
    """An upload of a term; committed with the next number unless ``state`` says otherwise."""
    of = of or term(fields.get("district_code", "530113"))
    values: dict[str, Any] = {
        "kind": kind, "term": of, "district_code": of.district_code, "file_name": f"测试{next(numbers)}.xlsx", "stored_name": uuid.uuid4().hex,
        "size": 1, "sha256": uuid.uuid4().hex * 2, "state": state, "counts": {"rows": 1},
    }  # fmt: skip
    if state == "committed":
        values["committed_seq"] = (Upload.objects.aggregate(last=Max("committed_seq"))["last"] or 0) + 1
        values["committed_at"] = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
    made: Upload = Upload.objects.create(**(values | fields))
    return made


def entry(child: Child, kind: str = "enrollment", *, by: Upload | None = None, **fields: Any) -> Entry:
    """A standing line of a register about a child."""
    n = next(numbers)
    unit = str(getattr(child, UNIT_OF.get(kind, ""), "") or "")
    by = by or upload(kind, of=term(child.district_code), school_id=child.school_id, township_code=child.township_code)
    values: dict[str, Any] = {
        "kind": kind, "district_code": child.district_code, "unit": unit, "key": n, "fingerprint": n, "upload": by, "row": n, "sheet_row": n + 1,
        "child": child, "township_code": child.township_code, "village_code": child.village_code, "school": child.school,
        "school_class": child.school_class, "name": child.name, "name_key": compare_key(child.name), "name_sound": sound_key(child.name),
        "pinyin": child.pinyin, "initials": child.initials, "sex": child.sex, "birth_date": child.birth_date, "document": child.document,
        "id_masked": child.id_masked, "grade": child.grade, "guardian_name": child.guardian_name, "guardian_phone": child.guardian_phone,
        "address": child.address,
    }  # fmt: skip
    if kind == "enrollment":
        paper = document(f"G{child.document.number if child.document else id_number(n)}", kind="student")
        values |= {"student_document": paper, "student_masked": paper.masked}
    made: Entry = Entry.objects.create(**(values | fields))
    return made
