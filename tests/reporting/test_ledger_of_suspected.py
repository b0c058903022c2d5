"""What was suspected stays in the ledger of suspected children, whatever came of it; what was never more comes into no other."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from apps.cases.models import Case
from tests.cast import Cast
from tests.factories import cases_back as make
from tests.factories import runs

pytestmark = pytest.mark.django_db


def ledger(cast: Cast, kind: str) -> set[tuple[str, str]]:
    """(name, state) of the rows."""
    sheet = load_workbook(io.BytesIO(cast.client("bureau").get(f"/ledgers/{kind}.xlsx").content)).active
    assert sheet is not None
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    at = head.index("状态")
    return {(str(row[1]).split()[0], str(row[at]).split()[0]) for row in rows[:-1] if row[1]}


def test_a_case_that_went_on_stays_in_the_ledger_of_suspected(cast: Cast) -> None:
    children = cast.home.children
    states = ("suspected", "cleared", "persuading", "closed", "closed", "confirmed", "closed")
    cases: list[Case] = [runs.case(child, state=state) for child, state in zip(children, states, strict=False)]
    for case in cases[2:5]:
        make.entry(case, kind="opened", target="suspected")
    make.entry(cases[3], kind="moved", source="suspected", target="closed")  # died before anybody confirmed it
    make.entry(cases[4], kind="moved", source="suspected", target="confirmed")
    make.entry(cases[4], kind="moved", source="monitoring", target="closed")
    make.entry(cases[6], kind="moved", source="suspected", target="closed")
    make.entry(cases[6], kind="moved", source="closed", target="reopened")
    named = [case.child.name for case in cases]
    labels = [case.standing.label for case in cases]
    assert ledger(cast, "suspected") == {(named[n], labels[n]) for n in range(5)}
    assert ledger(cast, "dropout") == {(named[n], labels[n]) for n in (2, 4, 5, 6)}
