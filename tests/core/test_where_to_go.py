"""A form that a script sends is told where its answer leads; the messages wait for the page itself."""

from __future__ import annotations

import uuid

import pytest

from tests.attendance.test_roll_pages import form
from tests.attendance.test_roll_pages import room as room
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Sent-By": "script"}


def test_a_form_of_the_script_is_told_where_to_go(cast: Cast, room: object) -> None:
    teacher, sent = cast.client("head_teacher"), form(cast.home.classes[0])
    for _ in range(2):
        answer = teacher.post(f"/roll/{cast.home.classes[0].pk}/", sent, headers=SCRIPT)
        assert (answer.status_code, answer.headers["X-Go-To"], "Location" in answer.headers) == (204, "/roll/", False)
    assert "没有重复办理" in teacher.get("/roll/").content.decode()  # the second one's message


def test_what_is_refused_and_what_no_script_sends_stay_as_they_are(cast: Cast, room: object) -> None:
    teacher, sent = cast.client("head_teacher"), form(cast.home.classes[0])
    assert teacher.post(f"/roll/{cast.home.classes[0].pk}/", sent | {"day": "x"}, headers=SCRIPT).status_code == 422
    answer = teacher.post(f"/roll/{cast.home.classes[0].pk}/", sent | {"_key": str(uuid.uuid4())})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/roll/")
