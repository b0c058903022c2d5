"""The back button after a form: no page of the browser's own, nothing typed lost, and nothing of a child after the log-out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.attendance.models import Leave
from tests.cast import Cast

Enter = Callable[..., Page]
MONDAY = date(2026, 9, 14)


@pytest.fixture
def teacher(acting: Enter, school: Cast, at: Callable[..., None]) -> Page:
    """The head teacher before a new slip, opened from the list of calls."""
    at(MONDAY)
    page = acting("head_teacher")
    page.goto("/contacts/")
    page.goto(f"/leaves/new/{school.child.pk}/")
    return page


def ask(page: Page, last_day: date, **told: Any) -> None:
    page.fill("[name=last_day]", f"{last_day}")
    for name, words in told.items():
        page.fill(f"[name={name}]", words)
    page.locator("main form [type=submit]").click()


def test_back_after_a_refused_form_shows_the_form(teacher: Page) -> None:
    depth = teacher.evaluate("history.length")
    ask(teacher, date(2026, 9, 11), facts="发热，在卫生院", guardian_name="杨父")
    expect(teacher.locator("main")).to_contain_text("结束日期早于开始日期")
    assert teacher.input_value("[name=facts]") == "发热，在卫生院"
    assert teacher.evaluate("document.activeElement.name") == "last_day"
    assert teacher.evaluate("history.length") == depth
    ask(teacher, date(2026, 9, 15))
    teacher.wait_for_url("**/leaves/*/")
    expect(teacher.locator(".flash.success")).to_be_visible()  # the message is not spent on the way
    teacher.go_back()
    expect(teacher.locator("h1")).to_contain_text("请假")
    assert "/leaves/new/" in teacher.url
    teacher.go_back()
    expect(teacher.locator("h1")).to_contain_text("今天要联系")
    assert Leave.objects.count() == 1


def test_without_a_network_the_form_stays_as_it_was_filled_in(teacher: Page) -> None:
    teacher.context.set_offline(True)
    ask(teacher, date(2026, 9, 15), facts="发热，在卫生院", guardian_name="杨父")
    expect(teacher.locator("[data-told]")).to_contain_text("网络中断")
    assert teacher.input_value("[name=facts]") == "发热，在卫生院"
    teacher.context.set_offline(False)
    teacher.locator("main form [type=submit]").click()
    teacher.wait_for_url("**/leaves/*/")
    assert Leave.objects.get().facts == "发热，在卫生院"


def test_an_answer_that_is_no_page_of_the_form_leaves_the_form_alone(teacher: Page) -> None:
    """Another log-in in a second window: the token of this page is an old one."""
    teacher.context.clear_cookies(name="csrftoken")
    ask(teacher, date(2026, 9, 15), facts="发热，在卫生院", guardian_name="杨父")
    expect(teacher.locator("[data-told]")).to_contain_text("请刷新页面后再提交")
    assert teacher.input_value("[name=facts]") == "发热，在卫生院"


def test_a_log_in_that_ran_out_keeps_what_was_typed(teacher: Page) -> None:
    """Logged in again, in another window, the same form is taken with the new token."""
    kept = teacher.context.cookies()
    teacher.context.clear_cookies(name="sessionid")
    ask(teacher, date(2026, 9, 15), facts="发热，在卫生院", guardian_name="杨父")
    expect(teacher.locator("[data-told]")).to_contain_text("登录已过期")
    assert teacher.input_value("[name=facts]") == "发热，在卫生院"
    teacher.context.add_cookies([one for one in kept if one["name"] == "sessionid"])
    teacher.evaluate("document.querySelector('main form [name=csrfmiddlewaretoken]').value = 'an old one'")
    teacher.locator("main form [type=submit]").click()
    teacher.wait_for_url("**/leaves/*/")
    assert Leave.objects.get().facts == "发热，在卫生院"


def test_a_place_on_the_same_page_is_gone_to_without_loading_it_anew(teacher: Page) -> None:
    teacher.fill("[name=facts]", "半句")
    teacher.locator("a.skip").focus()
    teacher.keyboard.press("Enter")
    expect(teacher.locator("#main")).to_be_focused()
    assert teacher.input_value("[name=facts]") == "半句"


def test_after_the_log_out_nobody_goes_back_to_a_child(teacher: Page, school: Cast) -> None:
    expect(teacher.locator("main")).to_contain_text("杨阿测")
    teacher.locator("details.acting summary").click()
    teacher.click("button:has-text('退出登录')")
    teacher.wait_for_url("**/login/**")
    teacher.go_back()
    expect(teacher.locator("[name=password]")).to_be_visible()
    assert "杨阿测" not in teacher.content()
