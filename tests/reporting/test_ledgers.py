"""The ledger of all children: the whole of a small district at once, and children whose household no register places here."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from apps.reconciliation.models import ChildClass, Run
from apps.reporting.queries import ledgers
from tests.cast import Cast
from tests.factories import runs

pytestmark = pytest.mark.django_db


def names(answer: Any) -> dict[str, str]:
    """Name of a child -> its township, as a ledger lists them."""
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    return {str(row[1].value): str(row[8].value or "") for row in sheet.iter_rows(min_row=4)}


def test_a_district_takes_its_children_at_once_while_they_fit_into_one_workbook(cast: Cast) -> None:
    run = runs.run(counts={"children": ledgers.WHOLE})
    for child in (cast.child, cast.strangers["township"]):
        runs.child_class(child, of=run)
    ChildClass.objects.filter(child=cast.child).update(township_code="", village_code="", village_name="", is_local=False)
    bureau = cast.client("bureau")
    listed = names(bureau.get("/ledgers/children.xlsx"))
    assert {cast.child.name, cast.strangers["township"].name} <= set(listed)
    assert listed[cast.child.name] == "不在本区户籍名册" and listed[cast.strangers["township"].name] == "因民镇"
    assert bureau.get("/ledgers/children.xlsx", {"township": "530113999"}).status_code == 302
    assert '<option value="">全部</option>' in bureau.get("/ledgers/").content.decode()
    Run.objects.update(counts={"children": ledgers.WHOLE + 1})
    assert bureau.get("/ledgers/children.xlsx").status_code == 302
    assert "一张表放不下" in bureau.get("/ledgers/").content.decode()


def test_a_case_from_elsewhere_says_so(cast: Cast) -> None:
    case = runs.case(cast.child, state="persuading", township_code="", village_code="")
    told = [row[5] for row in ledgers.case_rows(type(case).objects.select_related("child", "school", "school_class"))]
    assert told == ["不在本区户籍名册"]
    type(case).objects.update(is_non_local=True)
    told = [row[5] for row in ledgers.case_rows(type(case).objects.select_related("child", "school", "school_class"))]
    assert told == ["外地"]
