"""The access matrix of 一生一案: the lists, the dashboard, the printed file, the ledgers. Written by hand, as tests/access/table.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apps.cases.models import Case
from apps.reporting.models import FileBatch
from tests.access.table import CHILDREN, SEE_CASES, Row

if TYPE_CHECKING:
    from tests.access.world import World

EXPORTERS = "registrar principal central_school township bureau inspector"
EVERY = "suspected dropout children"
ROWS: dict[str, Row] = {
    "dashboard": Row(f"{EXPORTERS} leader"),
    "filter_keep": Row(SEE_CASES, get=405, post=302),
    "filter_drop": Row(SEE_CASES, get=405, post=302),
    "case_file_pdf": Row(EXPORTERS, CHILDREN, logged=True),
    "case_file_docx": Row(EXPORTERS, CHILDREN, logged=True),
    "case_list_file": Row(EXPORTERS, logged=True),
    "ledger_list": Row(EXPORTERS),
    "ledger_file": Row(EXPORTERS, dict.fromkeys(EXPORTERS.split(), "suspected dropout"), logged=True),
    "batch_new": Row(EXPORTERS, get=405, post=302),
    "batch_show": Row(EXPORTERS, {"bureau": "own"}),
    "batch_zip": Row(EXPORTERS, {}),  # the batch of the matrix is not finished
}
FORMS: dict[str, dict[str, Any]] = {"batch_new": {"state": "open"}, "filter_keep": {"name": "测", "query": "state=open"}}
ARGUMENTS: dict[str, str] = {"ledger": "ledger", "batch_id": "batch"}


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """A batch that the home bureau asked for (of the other district: its own), and the names of the ledgers."""
    post = world.place(target).posts["bureau"]
    if target in ("own", "district"):
        at = datetime(2026, 11, 20, 2, tzinfo=UTC)
        made = make(FileBatch, district_code=case.district_code, post_id=post.pk, cases=[case.pk], state="waiting", asked_at=at)
        world.put("batch", target, made.pk)
    for name in ("suspected", "dropout", "nothing"):
        world.put("ledger", name, name)
