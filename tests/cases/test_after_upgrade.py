"""What an older version stored as the next task is right as soon as the timetable starts, not from the next night on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery.signals import beat_init

from apps.cases.models import Case
from apps.cases.tasks import refresh_clocks
from config.celery import app
from tests.cast import TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import fresh, twelve
from tests.factories.cases_steps import persuading

pytestmark = pytest.mark.django_db


def test_the_start_of_the_timetable_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", sent.append)
    beat_init.send(sender=None)
    assert sent == [refresh_clocks.name] and refresh_clocks.name in app.tasks


def test_the_stored_step_becomes_the_paper_that_is_due(cast: Cast) -> None:
    twelve(cast)
    first, second, ended = cast.home.children[:3]
    cases = [persuading(child, since=TODAY - timedelta(10), now=make.NOW) for child in (first, second)]
    Case.objects.filter(pk=cases[0].pk).update(progress_on=TODAY + timedelta(9))  # the paper comes before the next visit
    over = make.case(ended, "closed", task="", due_on=None)
    Case.objects.filter(pk__in=[one.pk for one in cases]).update(task="step", owner_role="township", due_on=TODAY, try_on=None)
    refresh_clocks()
    told = [fresh(one) for one in cases]
    assert [(one.task, one.due_on == one.try_on) for one in told] == [("first_paper", False), ("visit", True)]
    assert fresh(over).task == ""
