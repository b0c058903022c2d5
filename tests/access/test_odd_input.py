"""What nobody types by hand is answered with a page, never with an error of the system."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from apps.reconciliation.models import Finding
from tests.cast import Cast
from tests.reconciliation.scenes import finished

pytestmark = pytest.mark.django_db


def refusal(answer: Any) -> str:
    assert answer.status_code == 400
    return str(answer.content.decode())


@pytest.mark.parametrize("run", ["²", "9" * 30, "x", "-1"])
def test_a_run_that_is_no_number_does_not_exist(cast: Cast, run: str) -> None:
    finished(cast)
    assert cast.client("bureau").get("/findings/", {"run": run}).status_code == 404


def test_a_finding_that_is_no_number_is_not_settled(cast: Cast) -> None:
    finished(cast)
    form = {"finding": ["²", "9" * 5000], "_key": str(uuid.uuid4())}
    answer = cast.client("registrar").post("/findings/settle/", form, follow=True)
    assert answer.status_code == 200 and "没有选中问题" in answer.content.decode()
    assert not Finding.objects.exclude(state=Finding.State.OPEN).exists()


@pytest.mark.parametrize(
    "url",
    [
        "/third/?text=%00",
        "/pairs/?answer=%00",
        "/children/?text=a%00",
        "/findings/?a%00=1",
        "/runs/1/rosters/%00/not_returned.xlsx",
    ],  # fmt: skip
)
def test_no_address_with_a_nul_character_reaches_a_page(cast: Cast, url: str) -> None:
    told = refusal(cast.client("bureau").get(url))
    assert "空字符" in told and "回到工作台" in told


def test_no_form_with_a_nul_character_reaches_a_page(cast: Cast) -> None:
    form = {"term": "2026\x00", "_key": str(uuid.uuid4())}
    assert "空字符" in refusal(cast.client("bureau").post("/runs/start/", form))
    assert "空字符" in refusal(Client().post("/login/", {"username": "a\x00", "password": "b"}))


def test_a_cookie_with_a_nul_character_names_no_session(client: Client) -> None:
    assert "空字符" in refusal(client.get("/login/", headers={"cookie": 'sessionid="\\000"'}))


def test_a_user_name_of_any_length_is_refused_in_the_form(client: Client) -> None:
    answer = client.post("/login/", {"username": "a" * 3000, "password": "x"})
    assert answer.status_code == 200 and "username" in answer.context["form"].errors
    assert not AccessAttempt.objects.exists()
