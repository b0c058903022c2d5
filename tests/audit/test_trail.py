"""The audit trail masks what it is told; the keys of forms are forgotten after a while."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.conf import settings

from apps.audit.actions import record
from apps.audit.models import Event, Submission
from apps.audit.tasks import forget_submissions
from apps.core import clock
from config.celery import TIMETABLE, app
from tests.cast import Cast
from tests.factories.children import id_number

pytestmark = pytest.mark.django_db
NUMBER = id_number(618)
MASKED = f"530113********{NUMBER[-4:]}"


def test_no_event_holds_a_whole_number(cast: Cast) -> None:
    told = {"answers": {f"表头{NUMBER}": "remark"}, "list": [NUMBER, 7, None], "rows": 5}
    record("learn_headings", f"说明：{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", by=cast.actor("bureau"), **told)
    event = Event.objects.get(verb="learn_headings")
    assert event.sentence == f"说明：{MASKED}"
    assert event.data == {"answers": {f"表头{MASKED}": "remark"}, "list": [MASKED, 7, None], "rows": 5}


def test_old_form_keys_are_forgotten_every_night(cast: Cast) -> None:
    ages = {"old": settings.SUBMISSION_DAYS + 1, "young": settings.SUBMISSION_DAYS - 1}
    for path, days in ages.items():
        made = Submission.objects.create(key=uuid.uuid4(), user_id=1, path=path)
        Submission.objects.filter(pk=made.pk).update(at=clock.machine() - timedelta(days=days))
    forget_submissions()
    assert [one.path for one in Submission.objects.all()] == ["young"]
    entry = next(one for one in TIMETABLE.values() if one["task"] == forget_submissions.name)
    assert entry["task"] in app.tasks and entry["schedule"].hour == {3}


def test_a_form_is_remembered_without_what_was_searched(cast: Cast) -> None:
    cast.client("registrar").post(f"/findings/settle/?text={NUMBER}", {"_key": str(uuid.uuid4())})
    assert Submission.objects.get().location == f"/findings/?text={MASKED}"
