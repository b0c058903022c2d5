"""The access matrix of 一生一案: one case: its page, its ledger, what takes two signatures. Written by hand, as tests/access/table.py."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apps.cases.models import Attachment, Case, Proposal, SavedFilter
from tests.access.table import CHILDREN, SEE_CASES, Row

if TYPE_CHECKING:
    from tests.access.world import World

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
ASKERS = "registrar head_teacher principal central_school township"
OPENERS = "principal central_school township village bureau"
ROWS: dict[str, Row] = {
    # a child that has not been in class for a day, asked for by whoever may: none gets through
    "case_ask": Row(ASKERS, CHILDREN, get=405, post=302, refused=ASKERS),
    "case_move": Row(SEE_CASES, CHILDREN, get=405, post=302, refused=SEE_CASES),
    "case_note": Row(f"{ASKERS} bureau", CHILDREN, get=405, post=302),
    "case_merge": Row("bureau", CHILDREN, get=405, post=302, refused="bureau"),  # no child of the matrix has two cases
    "case_open": Row(OPENERS, CHILDREN, post=302, refused=OPENERS),  # every child of the matrix has an open case
    "proposal_decide": Row("registrar principal bureau", CHILDREN, get=405, post=302, refused="registrar principal"),
    "proposal_withdraw": Row(ASKERS, CHILDREN, get=405, post=302),
    "case_attachment": Row(SEE_CASES, CHILDREN, logged=True),
}
FORMS: dict[str, dict[str, Any]] = {
    "case_ask": {"kind": "clear", "basis": "back", "text": "测"},
    "case_move": {"target": "confirmed"},
    "case_note": {"on": "2026-11-20", "text": "测"},
    "case_open": {"reason": "测"},
    "proposal_decide": {"answer": "yes", "text": ""},
}
ARGUMENTS: dict[str, str] = {"proposal_id": "proposal", "attachment_id": "attachment"}


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """Rows of this case whose every free text carries the child's word (``make``)."""
    entry = case.ledger.get()
    waits = {"asked_at": NOW, "verdict": "", "verdict_text": "", "decided_name": "", "decided_title": "", "number": ""}
    asked = make(
        Proposal, case=case, kind="pause", basis="illness", entry=entry, first_day="2026-11-20", until="2026-11-27", asked_role="principal", **waits
    )
    kept = make(Attachment, case=case, entry=entry, stored_name=uuid.uuid4().hex, content_type="application/pdf", size=20, created_at=NOW)
    SavedFilter.objects.get_or_create(user=world.cast.post("bureau").user, name="测", query="")
    for what, value in (("proposal", asked.pk), ("attachment", kept.pk), ("attachment name", kept.stored_name)):
        world.put(what, target, value)
