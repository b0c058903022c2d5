"""The access matrix of 一生一案: return, placement, home teaching, care, monitoring. Written by hand, as tests/access/table.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apps.cases.models import CarePlan, Case, HomeTeaching, Lesson, MonitoringNote, Placement, PlacementReview, Proposal, Return
from tests.access.table import CHILDREN, SCHOOL, SEE_CASES, Row

if TYPE_CHECKING:
    from tests.access.world import World

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
NAMERS = "central_school township bureau"
# In the world of the matrix every case is suspected: nothing that comes after persuasion may be done yet, and is refused with its reason.
ROWS: dict[str, Row] = {
    "case_school": Row(NAMERS, CHILDREN, get=405, post=302, refused=NAMERS),
    "case_return": Row("registrar principal", CHILDREN, get=405, post=302, refused="registrar principal"),
    "case_return_end": Row("registrar principal", CHILDREN, get=405, post=302, refused="registrar principal"),
    "case_place": Row("principal", CHILDREN, post=302, refused="principal", also=("cause=ill",)),
    "case_review": Row("principal", CHILDREN, get=405, post=302),
    "case_reopen": Row("principal township bureau", CHILDREN, get=405, post=302, refused="principal township bureau"),
    "case_watch": Row(SCHOOL, CHILDREN, get=405, post=302, refused=SCHOOL),
    "case_care": Row(SCHOOL, CHILDREN, get=405, post=302, refused=SCHOOL),
    "case_exempt": Row(
        "registrar head_teacher principal central_school township", CHILDREN, post=302, refused="principal township",
        closed="registrar head_teacher central_school",
    ),
    "case_exempt_end": Row("registrar principal bureau", CHILDREN, get=405, post=302, refused="bureau", closed="registrar principal"),
    "exempt_pdf": Row(SEE_CASES, CHILDREN),
    "exempt_docx": Row(SEE_CASES, CHILDREN),
    "closing_pdf": Row(SEE_CASES, CHILDREN),
    "closing_docx": Row(SEE_CASES, CHILDREN),
    "home_list": Row(SEE_CASES, also=("year=2025", "text=雀", "text={far_number}", "page=99")),
    "home_file": Row(SEE_CASES, also=("text=雀",)),
    "home_new": Row(SCHOOL, CHILDREN, post=302, refused=SCHOOL),  # every child of the matrix has a plan this year
    "home_show": Row(SEE_CASES, CHILDREN),
    "home_lesson": Row(SCHOOL, CHILDREN, get=405, post=302, refused=SCHOOL),  # without a photograph
    "home_end": Row(SCHOOL, CHILDREN, get=405, post=302),
    "home_void": Row(SCHOOL, CHILDREN, get=405, post=302),
    "home_sheet_pdf": Row(SEE_CASES, CHILDREN),
    "home_sheet_docx": Row(SEE_CASES, CHILDREN),
    "home_sheet_xlsx": Row(SEE_CASES, CHILDREN),
}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "case_return": {"on": "2026-11-20", "room": "none", "text": "测"},
    "case_return_end": {"on": "2026-11-20", "text": "测"},
    "case_review": {"day": "2026-11-20", "outcome": "change", "text": "测"},
    "case_reopen": {"on": "2026-11-20", "text": "测"},
    "case_watch": {"day": "2026-11-20", "study": "测"},
    "case_care": {"teacher": "测", "text": "测", "first_day": "2026-11-20", "review_on": "2026-12-20"},
    "case_exempt_end": {"text": "病愈"},
    "home_new": {"lessons": "90", "teachers": "测", "plan": "测", "first_day": "2026-11-20", "last_day": "2027-07-10"},
    "home_lesson": {"day": "2026-11-20", "lessons": "2", "teachers": "测", "content": "测", "guardian": "测"},
    "home_end": {"on": "2026-11-20", "text": "测"},
    "home_void": {"text": "测"},
}
ARGUMENTS: dict[str, str] = {"exempt_id": "exempt", "closing_id": "closing", "plan_id": "home plan", "lesson_id": "lesson"}


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """Rows of this case whose every free text carries the child's word (``make``)."""
    entry, day, later = case.ledger.first(), "2026-11-20", "2026-12-20"
    at = {"case": case, "entry": entry}
    places = {"school": case.school, "school_class": case.school_class}
    make(Return, registered_on=day, **at, **places)
    placed = make(Placement, cause="ill", kind="inclusive", panel_on=day, first_day=day, review_on=later, **at, **places)
    make(PlacementReview, placement=placed, entry=entry, day=day, outcome="fits", next_on=later)
    make(MonitoringNote, day=day, school_days=5, present_days=5, written_at=NOW, **at)
    make(CarePlan, groups=["disabled"], first_day=day, review_on=later, **at)
    home = {name: getattr(case, name) for name in ("district_code", "township_code", "village_code")}
    plan = make(
        HomeTeaching, child=case.child, case=case, school_year=2026, lessons=60, first_day="2026-09-01", last_day="2027-07-10", **home, **places
    )
    lesson = make(Lesson, plan=plan, day=day, lessons=2, written_at=NOW)
    waits = {"asked_at": NOW, "verdict": "", "verdict_text": "", "decided_name": "", "decided_title": "", "number": "", "asked_role": "principal"}
    exempt = make(Proposal, case=case, kind="exempt", basis="deferral", entry=entry, first_day=day, until=later, **waits)
    closing = make(Proposal, case=case, kind="close", basis="died", entry=entry, **waits)
    for what, row in (("home plan", plan), ("lesson", lesson), ("exempt", exempt), ("closing", closing)):
        world.put(what, target, row.pk)
