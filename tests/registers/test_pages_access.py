"""Who sees and decides what; how many queries a page costs whatever the size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.registers.models import Entry, Upload
from tests.registers.conftest import SCHOOL, People, Send, number, pupils, workbook

HandIn = Callable[..., Upload]
MONITORED = ["户编号", "姓名", "证件号码", "户类型"]
PARTS = ("", "problems.xlsx", "headings/", "discard/", "undo/")
POSTS = ("commit/", "missing/", "headings/", "discard/", "undo/")


@pytest.mark.parametrize(
    "who", ["stranger_registrar", "stranger_township", "stranger_village", "stranger_bureau", "village", "liaison", "administrator"]
)
def test_other_posts_do_not_find_a_schools_upload(people: People, hand_in: HandIn, send: Send, who: str) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(3)))
    client = people.clients[who]
    for part in PARTS:
        assert client.get(f"/registers/{upload.pk}/{part}").status_code == 404, part
    for part in POSTS:
        assert send(client, f"/registers/{upload.pk}/{part}", {"expected_base": 0}).status_code == 404, part
    assert Entry.objects.count() == 0
    listed = client.get("/registers/")
    assert "在校名单.xlsx" not in listed.content.decode()


@pytest.mark.parametrize("who", ["principal", "central_school", "inspector"])
def test_some_posts_may_look_and_decide_nothing(people: People, hand_in: HandIn, send: Send, who: str) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(3)))
    client = people.clients[who]
    page = client.get(f"/registers/{upload.pk}/?tab=new").content.decode()
    assert "赵小一" in page
    assert "提交名册" not in page
    assert number(1) not in page
    assert client.get(f"/registers/{upload.pk}/problems.xlsx").status_code == 404
    for part in POSTS:
        assert send(client, f"/registers/{upload.pk}/{part}", {"expected_base": 0}).status_code == 404, part


def test_the_liaison_sees_the_monitored_register_alone(people: People, hand_in: HandIn) -> None:
    hand_in(people.registrar, "attending", workbook(pupils(3)))
    own = hand_in(people.liaison, "monitored", workbook([["H1", "杨小一", number(1), "脱贫户"]], MONITORED, "监测.xlsx"))
    page = people.liaison.get("/registers/").content.decode()
    assert "监测.xlsx" in page
    assert "在校名单.xlsx" not in page
    assert "上交情况" not in page
    assert people.liaison.get(f"/registers/{own.pk}/").status_code == 200
    assert people.registrar.get(f"/registers/{own.pk}/").status_code == 404


def test_the_bureau_hands_in_for_a_school_and_sees_who_owes(people: People, hand_in: HandIn, send: Send) -> None:
    page = people.bureau.get("/registers/").content.decode()
    assert "汤丹中心小学、因民中心小学" in page
    upload = hand_in(people.bureau, "attending", workbook(pupils(3)), place=SCHOOL)
    send(people.bureau, f"/registers/{upload.pk}/commit/", {"expected_base": upload.base})
    page = people.bureau.get("/registers/").content.decode()
    assert "1 / 2" in page
    assert "<p>因民中心小学</p>" in page
    assert people.registrar.get(f"/registers/{upload.pk}/").status_code == 200
    wrong = send(people.bureau, "/registers/upload/attending/", {"term": "2026-2027-1", "place": "9999999999", "file": workbook(pupils(3))})
    assert wrong.status_code == 200
    assert Upload.objects.count() == 1


def test_a_kind_that_is_not_the_posts_own_has_no_page(people: People, send: Send) -> None:
    assert people.registrar.get("/registers/upload/household/").status_code == 404
    assert send(people.registrar, "/registers/upload/monitored/", {"file": SimpleUploadedFile("a.csv", b"a")}).status_code == 404
    assert people.registrar.get("/registers/upload/nothing/").status_code == 404
    assert people.registrar.get("/registers/report/").status_code == 404
    assert people.principal.get("/registers/upload/attending/").status_code == 404


def test_a_form_sent_twice_takes_effect_once(people: People, hand_in: HandIn) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(3)))
    form = {"_key": "6a3b8f0e-0000-4000-8000-000000000001", "expected_base": upload.base}
    for _ in range(2):
        assert people.registrar.post(f"/registers/{upload.pk}/commit/", form).status_code == 302
    assert Entry.objects.count() == 3


@pytest.mark.parametrize(("tab", "queries"), [("", 10), ("new", 11), ("changed", 11), ("unchanged", 11), ("missing", 11), ("problems", 12)])
def test_a_preview_costs_the_same_for_few_rows_and_many(
    people: People, hand_in: HandIn, django_assert_max_num_queries: Any, tab: str, queries: int
) -> None:
    small = hand_in(people.registrar, "attending", workbook(pupils(2)))
    large = hand_in(people.registrar, "attending", workbook(pupils(120)))
    counts = []
    for upload in (small, large):
        with django_assert_max_num_queries(queries) as taken:
            people.registrar.get(f"/registers/{upload.pk}/?tab={tab}")
        counts.append(len(taken))
    assert counts[0] == counts[1]


def test_the_list_costs_the_same_for_few_uploads_and_many(people: People, hand_in: HandIn, django_assert_max_num_queries: Any) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(2)))
    counts = []
    for copies in (0, 15):
        for n in range(copies):
            upload.pk, upload.stored_name = None, f"copy{n}"
            upload.save()
        with django_assert_max_num_queries(21) as taken:
            assert people.bureau.get("/registers/").status_code == 200
        counts.append(len(taken))
    assert counts[0] == counts[1]
