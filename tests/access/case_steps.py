"""The access matrix of 一生一案: visits, the four legal steps, the letter to another district. Written by hand, as tests/access/table.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from apps.cases.models import Case, CaseEntry, Handover, LegalStep, Service, Visit
from tests.access.table import CHILDREN, SEE_CASES, Row

if TYPE_CHECKING:
    from tests.access.world import World

# In the world of the matrix every case is suspected: papers of the four steps and letters stand in it, none may be issued or answered.
GO = "registrar head_teacher principal township village"
EXPORT = "registrar principal central_school township bureau inspector"
ROWS: dict[str, Row] = {
    "visit_new": Row(GO, CHILDREN, post=302),
    "visit_correct": Row(GO, CHILDREN, post=302, refused="registrar head_teacher principal"),  # the township wrote them
    "visit_void": Row(GO, CHILDREN, get=405, post=302, refused="registrar head_teacher principal"),
    "visit_sheet_pdf": Row(GO, CHILDREN),
    "visit_sheet_docx": Row(GO, CHILDREN),
    "visit_pdf": Row(SEE_CASES, CHILDREN),
    "visit_docx": Row(SEE_CASES, CHILDREN),
    "step_issue": Row("township", CHILDREN, get=405, post=302, refused="township"),
    "step_serve": Row("township", CHILDREN, get=405, post=302, refused="township"),
    "step_void": Row("township", CHILDREN, get=405, post=302, refused="township"),
    "step_pdf": Row(SEE_CASES, CHILDREN),
    "step_docx": Row(SEE_CASES, CHILDREN),
    "step_proof_pdf": Row(SEE_CASES, CHILDREN),
    "step_proof_docx": Row(SEE_CASES, CHILDREN),
    "step_register": Row(SEE_CASES, also=("year=2025", "step=1", "state=waiting", "state=served", "township={far_township}", "page=99")),
    "step_register_file": Row(EXPORT, also=("year=2026&state=served", "township={far_township}")),
    "handover_send": Row("bureau", CHILDREN, get=405, post=302, refused="bureau"),
    "handover_track": Row("bureau", CHILDREN, get=405, post=302),
    "handover_answer": Row("bureau", CHILDREN, get=405, post=302),
    "handover_pdf": Row(SEE_CASES, CHILDREN),
    "handover_docx": Row(SEE_CASES, CHILDREN),
}
VISIT = {"day": "2026-11-23", "way": "home", "visitors": "李测", "spoke_with": "父亲", "outcome": "refused", "text": "不愿返校"}
FORMS: dict[str, dict[str, Any]] = {
    "visit_new": VISIT,
    "visit_correct": VISIT | {"reason": "写错了人"},
    "visit_void": {"void-text": "写错了人"},
    "step_issue": {"paper": "persuade", "addressee": "杨父"},
    "step_void": {"void-text": "写错了人"},
    "handover_send": {"handover-addressee": "测县教育体育局", "handover-home": "测县"},
    "handover_track": {"track-on": "2026-11-23", "track-text": "电话催办"},
    "handover_answer": {"answer-answer": "working", "answer-on": "2026-11-23", "answer-text": "正在办理"},
}
ARGUMENTS: dict[str, str] = {"visit_id": "visit", "step_id": "step", "handover_id": "handover"}
AT = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAY = date(2026, 11, 20)


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """Rows of this case whose every free text carries the child's word (``make``)."""
    word = world.word(f"child {target}")
    letter = {"title": word, "issuer": word, "number": word, "addressee": word, "paragraphs": [word], "date": word, "court": ""}

    def line(kind: str) -> CaseEntry:
        made: CaseEntry = make(CaseEntry, case=case, kind=kind, source="", target="", happened_on=DAY, written_at=AT)
        return made

    visit = make(Visit, case=case, entry=line("visit"), day=DAY, way="home", outcome="refused", cause="", is_local=True, written_at=AT)
    told = {"paper": "persuade", "office": case.township_code, "stopped_text": "", "letter": letter, "issued_on": DAY, "issued_at": AT}
    step = make(LegalStep, case=case, step=1, entry=line("document"), **told)
    make(Service, step=step, entry=line("document"), way="direct", served_on=DAY, written_at=AT)
    handover = make(Handover, case=case, entry=line("document"), letter=letter, sent_on=DAY, reply_by=DAY, receiving="", reply="")
    for what, row in (("visit", visit), ("step", step), ("handover", handover)):
        world.put(what, target, row.pk)
