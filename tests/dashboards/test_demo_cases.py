"""The demonstration shows a case in every state, as its truth file says once the roll calls have been looked through."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from apps.cases.models import Case, CaseEntry, Climb, HomeTeaching, LegalStep
from apps.cases.tasks import flag_absences
from apps.cases.workflow import State
from apps.dashboards.management.demo.cases.playing import PARTS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One small district with its histories, after the flag; rolled back at the end."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(PINNED_TODAY=TODAY, VAR_DIR=folder, UPLOAD_DIR=folder / "uploads"),
    ):
        call_command("demo_data", pupils=900, json=True, stdout=StringIO(), stderr=StringIO())
        flag_absences()
        yield json.loads((folder / "demo" / "truth_cases.json").read_text(encoding="utf-8"))
        transaction.set_rollback(True)


def test_every_history_is_played_and_stands_as_told(demo: list[dict[str, Any]]) -> None:
    assert [told["story"] for told in demo] == [part.story.__name__ for part in PARTS]
    columns = ("state", "task", "owner_role", "climbed", "repeats")
    rows = {row["pk"]: row for row in Case.objects.values("pk", *columns)}
    stand = {told["story"]: [rows[told["case"]][name] for name in columns] for told in demo}
    assert stand == {told["story"]: [told[name] for name in columns] for told in demo}


def test_there_is_a_case_in_every_state(demo: list[dict[str, Any]]) -> None:
    assert set(Case.objects.values_list("state", flat=True)) == {state.value for state in State}


def test_the_histories_have_past_days(demo: list[dict[str, Any]]) -> None:
    """In the order in which things happened, none to come; what was written is written on that day."""
    for told in demo:
        days = list(CaseEntry.objects.filter(case=told["case"]).order_by("pk").values_list("written_at__date", flat=True))
        assert days == sorted(days)
        assert days[0] < TODAY
        assert days[-1] <= TODAY
    assert Climb.objects.filter(level=4).exists()
    assert LegalStep.objects.filter(services__isnull=False).count() == 2
    assert [plan.given.count() > 5 for plan in HomeTeaching.objects.order_by("pk")] == [True, False]
