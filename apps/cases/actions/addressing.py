"""Whom a notice about a case reaches."""

from __future__ import annotations

from apps.cases.models import Case
from apps.cases.queries.idle import township_of
from apps.notices.actions import Address


def post_of(case: Case, role: str) -> Address:
    """The post of a role that has to do with a case: of the district, of the township or village charged with it (else of its township), of its
    class, or of its school."""
    match role:
        case "bureau":
            return Address(role, case.district_code)
        case "township" | "village":
            charged = case.owner_region if case.owner_role == role else ""
            return Address(role, case.district_code, region=charged or township_of(case))
        case "head_teacher":
            return Address(role, case.district_code, school=case.school_id, school_class=case.school_class_id)
        case _:
            return Address(role, case.district_code, school=case.school_id)
