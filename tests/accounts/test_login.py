"""Log-in, lock-out, passwords, acting posts."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.test import Client
from django.urls import path

from apps.accounts.models import User
from apps.accounts.queries import lock_time
from apps.audit.models import Event, Submission
from apps.core import clock
from apps.core.pages import page, public_page
from apps.core.rights import Right
from apps.schools.models import PolicyValue
from config.urls import urlpatterns as real
from tests.cast import TODAY, Cast
from tests.factories import people


@page(Right.WORKBENCH)
def who(request: Any) -> HttpResponse:
    return HttpResponse(request.actor.title)


@page(Right.SETTLE_FINDINGS, methods=("GET", "POST"))
def settle(request: Any) -> HttpResponse:
    return redirect("/done/")


urlpatterns = [
    *[p for p in real if getattr(p, "name", "") != "workbench"],
    path("", who, name="workbench"), path("settle/", settle), path("open/", public_page()(lambda request: HttpResponse("ok"))),
]  # fmt: skip
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def log_in(browser: Client, username: str, password: str) -> Any:
    return browser.post("/login/", {"username": username, "password": password})


def test_log_in_leads_to_the_workbench(cast: Cast) -> None:
    browser, user = Client(), cast.post("registrar").user
    assert identify_hasher(user.password).algorithm == "argon2"
    assert "登录" in browser.get("/login/").content.decode()
    assert log_in(browser, user.username, people.PASSWORD).headers["Location"] == "/"
    assert "<h1>学籍管理员 · 汤丹镇中心学校" in browser.get("/").content.decode()
    assert browser.session.get_expiry_age() == 12 * 3600


def test_five_failures_lock_the_name(cast: Cast) -> None:
    browser, user = Client(), cast.post("registrar").user
    for _ in range(4):
        answer = log_in(browser, user.username, "wrong")
        assert answer.status_code == 200 and "用户名或密码不正确" in answer.content.decode()
    fifth = log_in(browser, user.username, "wrong")
    assert fifth.status_code == 429 and "账号暂时锁定" in fifth.content.decode() and "请 15 分钟后再登录" in fifth.content.decode()
    assert log_in(browser, user.username, people.PASSWORD).status_code == 429
    assert "_auth_user_id" not in browser.session
    other = cast.post("principal").user
    assert log_in(browser, other.username, people.PASSWORD).status_code == 302


def test_a_district_sets_its_own_limit(cast: Cast) -> None:
    PolicyValue.objects.create(district_code="530113", key="lockout_failures", value=3, effective_from=TODAY, basis="测试")
    browser, user = Client(), cast.post("registrar").user
    assert [log_in(browser, user.username, "wrong").status_code for _ in range(3)] == [200, 200, 429]


def test_a_district_sets_how_long_a_name_is_locked(cast: Cast) -> None:
    PolicyValue.objects.create(district_code="530113", key="lockout_minutes", value=40, effective_from=TODAY, basis="测试")
    browser, user = Client(), cast.post("registrar").user
    for _ in range(5):
        answer = log_in(browser, user.username, "wrong")
    assert "请 40 分钟后再登录" in answer.content.decode()
    AccessAttempt.objects.update(attempt_time=clock.machine() - timedelta(minutes=39))
    assert log_in(browser, user.username, people.PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=clock.machine() - timedelta(minutes=41))
    assert log_in(browser, user.username, people.PASSWORD).status_code == 302


def test_nobody_lifts_a_lock_with_another_name(cast: Cast) -> None:
    PolicyValue.objects.create(district_code="530113", key="lockout_minutes", value=40, effective_from=TODAY, basis="测试")
    user = cast.post("registrar").user
    for _ in range(5):
        log_in(Client(), user.username, "wrong")
    AccessAttempt.objects.update(attempt_time=clock.machine() - timedelta(minutes=20))
    for name in ("nobody", cast.neighbour.posts["registrar"].user.username):
        assert log_in(Client(), name, "wrong").status_code == 200
    assert log_in(Client(), user.username, people.PASSWORD).status_code == 429


def test_the_longest_lock_of_any_district_holds_for_all(cast: Cast) -> None:
    def lock(district: str, minutes: int, since: date) -> int:
        PolicyValue.objects.create(district_code=district, key="lockout_minutes", value=minutes, effective_from=since, basis="测试")
        return int(lock_time(None).total_seconds() / 60)

    assert lock("530113", 10, TODAY - timedelta(1)) == 15  # the neighbour set none
    assert lock("530199", 5, TODAY) == 10
    assert lock("530199", 60, TODAY + timedelta(1)) == 10
    assert lock("530113", 30, TODAY) == 30


def test_the_old_password_cannot_be_guessed(cast: Cast) -> None:
    browser, new = cast.client("registrar"), "Xin-De-Mi-Ma-88"
    forms = [{"old_password": f"wrong-{n}", "new_password1": new, "new_password2": new} for n in range(5)]
    answers = [browser.post("/password/", form) for form in forms]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert "原密码不正确" in answers[0].content.decode() and "账号暂时锁定" in answers[4].content.decode()
    kept = "".join(AccessAttempt.objects.values_list("post_data", flat=True))
    assert "old_password" in kept and "wrong-" not in kept and new not in kept
    right = browser.post("/password/", {**forms[0], "old_password": people.PASSWORD})
    user = User.objects.get(pk=cast.post("registrar").user_id)
    assert right.status_code == 429 and user.check_password(people.PASSWORD)
    assert log_in(Client(), user.username, people.PASSWORD).status_code == 429  # one count for both


def test_unknown_and_wrong_sound_the_same(cast: Cast) -> None:
    sentences = [log_in(Client(), name, "wrong").context["form"].non_field_errors() for name in ("nobody", cast.post("bureau").user.username)]
    assert sentences[0] == sentences[1]


def test_a_switched_off_person_stays_out(cast: Cast) -> None:
    user = cast.post("registrar").user
    browser = cast.client("registrar")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/").status_code == 302
    assert log_in(Client(), user.username, people.PASSWORD).status_code == 200


def test_log_out_is_a_post(cast: Cast) -> None:
    browser = cast.client("registrar")
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").headers["Location"] == "/login/"
    assert browser.get("/").headers["Location"] == "/login/?next=/"


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short1", "密码太短，至少 10 个字符"),
        ("1234567890123", "数字"),
        ("password123", "常见"),
        ("u-same-name-1", "登录名"),
        (people.PASSWORD, "相同"),
    ],
)
def test_password_rules(cast: Cast, new: str, sentence: str) -> None:
    user = people.user(username="u-same-name-1")
    browser = Client()
    browser.force_login(user, backend=people.BACKEND)
    answer = browser.post("/password/", {"old_password": people.PASSWORD, "new_password1": new, "new_password2": new})
    assert answer.status_code == 200
    assert sentence in "".join(answer.context["form"].errors.as_text())


def test_an_initial_password_must_be_changed_first(cast: Cast) -> None:
    held = cast.post("registrar")
    User.objects.filter(pk=held.user_id).update(must_change_password=True)
    browser = cast.client("registrar")
    assert browser.get("/").headers["Location"] == "/password/"
    assert browser.post("/settle/", {"_key": str(uuid.uuid4())}).headers["Location"] == "/password/"
    assert not Submission.objects.exists()
    new = "Xin-De-Mi-Ma-88"
    assert browser.post("/password/", {"old_password": people.PASSWORD, "new_password1": new, "new_password2": new}).headers["Location"] == "/"
    assert browser.get("/").status_code == 200
    assert User.objects.get(pk=held.user_id).check_password(new)


def test_switching_to_another_own_post(cast: Cast) -> None:
    browser, user = cast.client("registrar"), cast.post("registrar").user
    second = people.post("principal", holder=user, school=cast.home.schools[1])
    assert browser.post("/post/", {"post": second.pk, "_key": str(uuid.uuid4())}).headers["Location"] == "/"
    assert "<h1>校长 · 汤丹镇九年一贯制学校" in browser.get("/").content.decode()
    event = Event.objects.get(verb="switch_post")
    assert "学籍管理员" in event.sentence and event.post_id == second.pk


@pytest.mark.parametrize("whose", ["stranger", "ended", "later", "word"])
def test_no_other_post_can_be_taken(cast: Cast, whose: str) -> None:
    user, school = cast.post("registrar").user, cast.home.schools[1]
    ended = people.post("principal", holder=user, school=school, ends_on=TODAY - timedelta(1))
    later = people.post("registrar", holder=user, school=school, starts_on=TODAY + timedelta(1))
    number = {"stranger": cast.post("bureau").pk, "ended": ended.pk, "later": later.pk, "word": "x"}[whose]
    browser = cast.client("registrar")
    assert browser.post("/post/", {"post": number, "_key": str(uuid.uuid4())}).status_code == 404
    assert "学籍管理员" in browser.get("/").content.decode()


def test_a_post_ended_yesterday_gives_nothing(cast: Cast) -> None:
    held, browser = cast.post("registrar"), cast.client("registrar")
    held.ends_on = TODAY
    held.save()
    assert browser.get("/").status_code == 200  # the last day counts
    held.ends_on = TODAY - timedelta(1)
    held.save()
    answer = browser.get("/")
    assert answer.status_code == 403 and "没有在任岗位" in answer.content.decode()


def test_a_post_from_tomorrow_gives_nothing_yet(cast: Cast) -> None:
    held = people.post("bureau", starts_on=date(2026, 11, 24))
    assert people.client(held).get("/").status_code == 403


def test_strangers_learn_nothing_from_a_missing_key(cast: Cast) -> None:
    assert cast.client("head_teacher").post("/settle/").status_code == 404
    assert cast.client("registrar").post("/settle/").status_code == 400
    key = str(uuid.uuid4())
    browser = cast.client("registrar")
    assert [browser.post("/settle/", {"_key": key}).headers["Location"] for _ in range(2)] == ["/done/", "/done/"]
    assert Submission.objects.count() == 1


def test_a_form_changed_after_it_was_sent_is_asked_about_and_kept(cast: Cast) -> None:
    """The back button brings back a page with its old key: what was typed anew is neither lost nor done unasked."""
    key, browser = str(uuid.uuid4()), cast.client("registrar")
    assert browser.post("/settle/", {"_key": key, "words": "甲"}).status_code == 302
    asked = browser.post("/settle/", {"_key": key, "words": "乙<丙"})
    body = asked.content.decode()
    assert asked.status_code == 409 and "再办理一次吗" in body and 'name="words" value="乙&lt;丙"' in body and key not in body
    assert Submission.objects.count() == 1 and "里提交的" not in body
    with_file = {"_key": key, "words": "甲", "proof": SimpleUploadedFile("证明.txt", b"1")}
    assert "重新选择文件" in browser.post("/settle/", with_file).content.decode()
    assert browser.post("/settle/", {"_key": key, "words": "甲"}).headers["Location"] == "/done/"


def test_what_is_no_page_is_said_in_the_products_look(cast: Cast) -> None:
    opened = cast.client("registrar").get("/logout/")
    assert opened.status_code == 405 and "只用来提交表单" in opened.content.decode() and opened.headers["Allow"] == "POST"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.post("registrar").user, backend="apps.accounts.queries.Known")
    stale = strict.post("/settle/", {"_key": str(uuid.uuid4())})
    assert stale.status_code == 403 and "页面已过期" in stale.content.decode() and "回到工作台" in stale.content.decode()


def test_a_form_sent_after_the_session_ended_leads_back_to_a_page(cast: Cast) -> None:
    assert Client().post("/settle/", {"_key": str(uuid.uuid4())}).headers["Location"] == "/login/?next=/"
    assert Client().get("/settle/").headers["Location"] == "/login/?next=/settle/"


def test_health_and_methods(cast: Cast) -> None:
    assert Client().get("/healthz/").json() == {"status": "ok"}
    assert Client().head("/healthz/").status_code == 200
    assert Client().post("/open/").status_code == 405
    assert cast.client("registrar").delete("/settle/").status_code == 405
