"""Constraints of a case, of what takes two signatures and of files: refused under their names, told in their sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.cases.models import Attachment, Case, NumberSeries, Proposal, SavedFilter
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.test_constraints import again, test_a_row_that_breaks_it_is_refused

pytestmark = pytest.mark.django_db


def proposal(case: Case, **fields: Any) -> Proposal:
    """A pause that waits for its second signature."""
    values = {
        "case": case, "kind": "pause", "basis": "illness", "text": "住院", "first_day": TODAY, "until": TODAY, "entry": case.ledger.first(), "asked_at": NOW,
        "asked_role": "principal", "asked_name": "甲", "asked_title": "校长",
    }  # fmt: skip
    return Proposal(**(values | fields))


def case_of(cast: Cast) -> Case:
    made = runs.case(cast.child)
    made.ledger.get_or_create(kind="opened", text="立案", happened_on=TODAY, written_at=NOW, by_name="系统", by_title="系统")
    return made


def kept(row: Any) -> Any:
    row.save()
    return row


DECIDED = {"verdict": "agreed", "decided_at": NOW, "decided_name": "乙", "decided_title": "区教体局"}
BROKEN: dict[str, Callable[[Cast], Any]] = {
    "merged_case_names_the_other": lambda cast: Case(
        child=cast.child, district_code="530113", state="merged", origin="hand", reason="测", opened_on=TODAY
    ),
    "one_waiting_proposal": lambda cast: again(kept(proposal(case_of(cast)))),
    "proposal_decided_whole": lambda cast: proposal(case_of(cast), decided_at=NOW),
    "two_different_signatures": lambda cast: proposal(
        case_of(cast), **DECIDED, asked_user=cast.post("bureau").user, decided_user=cast.post("bureau").user
    ),
    "proposal_runs_forward": lambda cast: proposal(case_of(cast), first_day=None),
    "ended_early_was_agreed": lambda cast: proposal(case_of(cast), ended_on=TODAY),
    "attachment_hangs_on_one": lambda cast: Attachment(
        case=case_of(cast), file_name="a.jpg", stored_name="a", content_type="image/jpeg", size=1, created_at=NOW
    ),
    "one_series_of_papers": lambda cast: again(NumberSeries.objects.create(issuer="530113102", year=2026)),
    "one_filter_of_a_name": lambda cast: again(SavedFilter.objects.create(user=cast.post("bureau").user, name="超期", query="overdue=1")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_breaks_one_of_a_case_is_refused(cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_constraints.BROKEN", BROKEN)
    test_a_row_that_breaks_it_is_refused(cast, name)
