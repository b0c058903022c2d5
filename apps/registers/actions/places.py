"""Schools and townships of staged rows, checked against the district's own in sets."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

from apps.registers.models import Upload
from apps.registers.queries.incoming import SCHOOL_KINDS

PROBLEM = "jsonb_build_array(jsonb_build_object('column', '{column}', 'code', '{code}', 'severity', 'error', 'message', {message}))"


def resolve(cursor: CursorWrapper, upload: Upload) -> None:
    """Check the places of all rows against the district's own, in sets; rows of unknown or other places are rejected."""
    values = {"district": upload.district_code, "school": upload.school_id or "", "township": upload.township_code}
    if upload.kind in SCHOOL_KINDS:
        _unknown_schools(cursor, values)
        if upload.school_id:
            _other_places(
                cursor, values, "school_code", "school", "'这一行是别的学校（' || left(coalesce(nullif(s.school_name, ''), s.school_code), 30)"
            )
        return
    _townships(cursor, values)
    if upload.township_code:
        _other_places(
            cursor, values, "township_code", "township", "'这一行是别的乡镇（' || left(coalesce(nullif(s.township_name, ''), s.township_code), 30)"
        )


def _reject(cursor: CursorWrapper, values: dict[str, Any], problem: str, condition: str) -> None:
    code = problem.split("'code', '")[1].split("'")[0]
    cursor.execute(
        f"UPDATE staged s SET status = 'rejected',"
        f" problems = coalesce((SELECT jsonb_agg(p) FROM jsonb_array_elements(s.problems) p WHERE p ->> 'code' <> '{code}'), '[]') || {problem}"
        f" WHERE {condition}",
        values,
    )


def _unknown_schools(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """A code the district does not have is looked up by the school's name; what is still unknown is rejected."""
    known = "EXISTS (SELECT 1 FROM schools_school k WHERE k.code = s.school_code AND k.district_code = %(district)s)"
    cursor.execute(f"SELECT DISTINCT s.school_code FROM staged s WHERE NOT {known}", values)
    strange = [code for (code,) in cursor.fetchall()]
    if not strange:
        return
    values = {**values, "strange": strange}
    cursor.execute(
        "UPDATE staged s SET school_code = k.code FROM schools_school k"
        " WHERE s.school_code = ANY(%(strange)s) AND s.school_code = '' AND k.district_code = %(district)s AND k.name = btrim(s.school_name)",
        values,
    )
    message = (
        "'学校“' || left(concat_ws(' ', nullif(s.school_code, ''), nullif(s.school_name, '')), 40)"
        " || '”不在本区学校名录里。请核对学校标识码，或先由区教体局登记这所学校。'"
    )
    _reject(
        cursor,
        values,
        PROBLEM.format(column="school_code", code="school_unknown", message=message),
        f"s.school_code = ANY(%(strange)s) AND NOT {known}",
    )


def _other_places(cursor: CursorWrapper, values: dict[str, Any], column: str, own: str, message: str) -> None:
    """Rows that another school or township must hand in."""
    code = "school_other" if own == "school" else "township_other"
    problem = PROBLEM.format(column=column, code=code, message=f"{message} || '）的，不能由本单位上传。请删去，或由那个单位上传。'")
    _reject(cursor, values, problem, f"s.{column} NOT IN ('', %({own})s)")


def _townships(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """A township code is nine digits of this district; otherwise the name, the place of household or the address tells."""
    towns = "SELECT code, name FROM schools_region WHERE parent_id = %(district)s AND level = 'township'"
    cursor.execute(
        f"UPDATE staged s SET township_code = coalesce((SELECT t.code FROM ({towns}) t WHERE t.code = left(s.township_code, 9)"
        f" OR t.name = s.township_name OR t.code = left(s.residence_code, 9) OR (t.name <> '' AND strpos(s.address, t.name) > 0)"
        " ORDER BY t.code = left(s.township_code, 9) DESC, t.name = s.township_name DESC,"
        " t.code = left(s.residence_code, 9) DESC, t.code LIMIT 1), '')"
        f" WHERE s.township_code NOT IN (SELECT code FROM ({towns}) t)",
        values,
    )
