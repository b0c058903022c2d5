"""A child's card and the search: who may open them, what they show, and the full number with its trace."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Event
from tests.cast import Cast
from tests.factories import registers, runs

pytestmark = pytest.mark.django_db
SEE = ["registrar", "head_teacher", "principal", "central_school", "township", "village", "bureau", "inspector"]
REVEAL = ["registrar", "principal", "central_school", "township", "bureau"]
CARD_QUERIES = 24  # seven of them about the school day


def reveal(client: Client, child: Any, reason: str = "核对户口簿") -> Any:
    """Ask for the full number."""
    return client.post(f"/children/{child.pk}/reveal/", {"_key": str(uuid.uuid4()), "reason": reason})


def known(cast: Cast) -> None:
    """Lines, links, findings and a case of the home child."""
    run = runs.run()
    left, right = registers.entry(cast.child, "household", group_kind="", remark=""), registers.entry(cast.child, "enrollment")
    registers.entry(cast.child, "monitored", group_kind="unstable")
    runs.link(left, right, of=run)
    runs.child_class(cast.child, of=run, second="not_returned", second_reason="不在名册中", third="unstable", third_reason="监测户")
    runs.finding(cast.child, of=run, klass="not_returned")
    runs.case(cast.child)


@pytest.mark.parametrize("role", SEE)
def test_the_card_within_the_scope_alone(cast: Cast, role: str) -> None:
    client = cast.client(role)
    page = client.get(f"/children/{cast.child.pk}/")
    assert page.status_code == 200
    assert cast.child.document.number not in page.content.decode()
    reach = {"head_teacher": ["class", "school", "township"], "registrar": ["school", "township"], "principal": ["school", "township"]}
    outside = reach.get(role, ["township"] if role in ("central_school", "township", "village") else [])
    for name in [*outside, "district"]:
        assert client.get(f"/children/{cast.strangers[name].pk}/").status_code == 404, name


@pytest.mark.parametrize("role", ["liaison", "administrator"])
def test_posts_without_children_find_no_such_page(cast: Cast, role: str) -> None:
    client = cast.client(role)
    assert [client.get(path).status_code for path in ("/children/", f"/children/{cast.child.pk}/")] == [404, 404]
    assert reveal(client, cast.child).status_code == 404


def test_the_card_says_what_is_known(cast: Cast) -> None:
    known(cast)
    page = cast.client("bureau").get(f"/children/{cast.child.pk}/").content.decode()
    for words in ("未返校", "不在名册中", "身份证号与姓名一致", "脱贫不稳定户", "一生一案", "测试立案"):
        assert words in page, words


def test_comparison_three_is_not_for_everybody(cast: Cast) -> None:
    known(cast)
    assert "监测户" not in cast.client("head_teacher").get(f"/children/{cast.child.pk}/").content.decode()


def test_a_village_sees_the_lines_but_no_comparison_and_no_case(cast: Cast) -> None:
    known(cast)
    page = cast.client("village").get(f"/children/{cast.child.pk}/").content.decode()
    assert "国网学籍" in page
    assert "比对结果" not in page
    assert "测试立案" not in page


@pytest.mark.parametrize("role", ["principal", "township", "village", "bureau", "inspector"])
def test_who_may_open_a_case_finds_the_way_on_the_card(cast: Cast, role: str) -> None:
    link, page = f"/cases/open/{cast.child.pk}/", f"/children/{cast.child.pk}/"
    assert (link in cast.client(role).get(page).content.decode()) == (role != "inspector")
    runs.case(cast.child)
    assert link not in cast.client(role).get(page).content.decode(), "one case at a time"


@pytest.mark.parametrize("role", SEE)
def test_the_card_asks_a_fixed_number_of_questions(cast: Cast, role: str) -> None:
    known(cast)
    client = cast.client(role)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/children/{cast.child.pk}/")
    for _ in range(5):
        registers.entry(cast.child, "survey")
        registers.entry(cast.child, "attending", superseded_by=registers.upload("attending"))
    with CaptureQueriesContext(connection) as many:
        client.get(f"/children/{cast.child.pk}/")
    assert len(few) == len(many) <= CARD_QUERIES


def test_the_card_of_a_merged_child_leads_to_the_one_it_went_into(cast: Cast) -> None:
    kept, gone = cast.home.children[:2]
    gone.merged_into = kept
    gone.save()
    page = cast.client("bureau").get(f"/children/{gone.pk}/")
    assert (page.status_code, page.url) == (302, f"/children/{kept.pk}/")


@pytest.mark.parametrize("role", REVEAL)
def test_a_number_is_shown_once_and_leaves_a_trace(cast: Cast, role: str) -> None:
    client = cast.client(role)
    page = reveal(client, cast.child)
    assert page.status_code == 200
    assert cast.child.document.number in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    event = Event.objects.get(child_id=cast.child.pk)
    assert (event.verb, event.user_name, event.sentence) == ("reveal_number", cast.post(role).user.name, "查看完整证件号：核对户口簿")
    again = client.get(f"/children/{cast.child.pk}/").content.decode()
    assert cast.child.document.number not in again
    assert "核对户口簿" in again
    assert "核对户口簿" not in cast.client("head_teacher").get(f"/children/{cast.child.pk}/").content.decode()


def test_no_number_without_a_reason_or_outside_the_scope(cast: Cast) -> None:
    client = cast.client("registrar")
    assert cast.child.document.number not in reveal(client, cast.child, "看").content.decode()
    assert reveal(client, cast.strangers["school"]).status_code == 404
    assert reveal(cast.client("head_teacher"), cast.child).status_code == 404
    assert not Event.objects.filter(verb="reveal_number").exists()


def found(client: Client, text: str) -> set[int]:
    """Which children the search finds."""
    return {child.pk for child in client.get("/children/", {"text": text}).context["page"]}


def test_search_by_name_initials_and_number(cast: Cast) -> None:
    child, client = cast.child, cast.client("bureau")
    for text in (child.name, child.initials, child.document.number[-4:], child.document.number):
        assert child.pk in found(client, text), text
    assert found(client, cast.neighbour.children[0].document.number) == set()


def test_a_whole_number_is_searched_by_its_end_without_the_right(cast: Cast) -> None:
    page = cast.client("head_teacher").get("/children/", {"text": cast.child.document.number})
    assert page.context["narrowed"] is True
    assert "后四位相同" in page.content.decode()


def test_the_list_shows_the_scope_alone(cast: Cast) -> None:
    assert found(cast.client("head_teacher"), "") == {cast.child.pk}
    assert len(found(cast.client("bureau"), "")) == len(cast.home.children)
    assert {child.pk for child in cast.client("bureau").get("/children/", {"school": "x", "grade": "99"}).context["page"]} != set()


def test_a_slip_begins_with_choosing_the_pupil(cast: Cast) -> None:
    teacher = cast.client("head_teacher")
    assert 'href="/children/?purpose=leave"' in teacher.get("/leaves/").content.decode()
    chosen = teacher.get("/children/?purpose=leave").content.decode()
    assert f'href="/leaves/new/{cast.child.pk}/"' in chosen and 'name="purpose" value="leave"' in chosen
    assert f'href="/leaves/new/{cast.child.pk}/"' not in cast.client("bureau").get("/children/?purpose=leave").content.decode()
    assert "purpose=leave" not in cast.client("bureau").get("/leaves/").content.decode()
