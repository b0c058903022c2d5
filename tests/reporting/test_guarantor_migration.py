"""Who was named before the posts of the two lines came: the migration gives each of them the post, for that child alone, and forgets nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from apps.cases.models import Duty, Guarantor
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs

pytestmark = pytest.mark.django_db
migration = import_module("apps.reporting.migrations.0004_guarantors")


class Old:
    """The rows of the table that is gone, as the migration reads them."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.objects = self

    def select_related(self, *_: str) -> Old:
        return self

    def order_by(self, *_: str) -> list[Any]:
        return self.rows


def test_each_named_person_becomes_a_holder(cast: Cast) -> None:
    one, other = runs.case(cast.home.children[0]), runs.case(cast.home.children[1])

    def row(case: Any, duty: str, name: str, at: datetime) -> Any:
        report = SimpleNamespace(case_id=case.pk, district_code="530113")
        return SimpleNamespace(report=report, duty=duty, name=name, phone="1", named_at=at, by_name="甲", by_title="乙")

    rows = [
        row(one, "township", "李测", NOW), row(one, "village", "王测", NOW), row(other, "village", "赵测", NOW),
        row(one, "township", "钱测", NOW), row(one, "township", "孙测", NOW + timedelta(3)),
    ]  # fmt: skip
    models = {"Responsible": Old(rows), "Guarantor": Guarantor, "Duty": Duty}
    migration.copy(SimpleNamespace(get_model=lambda app, name: models[name]), None)
    told = set(Guarantor.objects.values_list("case_id", "duty__code", "name", "first_day", "last_day"))
    assert told == {
        (one.pk, "gov_township_cadre", "李测", TODAY, TODAY), (one.pk, "gov_township_cadre", "钱测", TODAY, TODAY + timedelta(2)),
        (one.pk, "gov_township_cadre", "孙测", TODAY + timedelta(3), None), (one.pk, "gov_village", "王测", TODAY, None),
        (other.pk, "gov_village", "赵测", TODAY, None),
    }  # fmt: skip
    assert Duty.objects.filter(district_code="530113").count() == 12
