"""A roll call on a phone whose network goes away: it opens, keeps, sends by itself once, and overwrites nobody (docs/decisions/0014)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

Enter = Callable[..., Page]
SOON = 60_000  # milliseconds; the page tries again every 5 seconds
CLASS = """
from apps.accounts.models import Post
from apps.attendance.models import *
from django.utils import timezone
room = Post.objects.get(user__username="teacher", role="head_teacher").school_class
"""
# A clean day in the class of the demonstration's teacher, with six pupils in it whatever else the demonstration holds.
CLEAN = f"""{CLASS}
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.queries.seats import Held
from apps.students.models import Child
from datetime import date, timedelta
seat_pupils(district=room.school.district_code, today=date(2026, 11, 23), now=timezone.now(), held=Held())  # nothing is left to the timetable to bring in line
Mark.objects.filter(school_class=room, day="2026-11-23").delete()
aside = date(2000, 1, 1) + timedelta(RollCall.objects.filter(school_class=room, day__year=2000).count())
RollCall.objects.filter(school_class=room, day="2026-11-23").update(day=aside)  # its corrections stay for good: the database deletes none
Leave.objects.filter(school_class=room, last_day__gte="2026-11-23").delete()
for n in range(6 - Seat.objects.filter(school_class=room, last_day=None, away="").count()):
    child = Child.objects.create(name=f"断网测{{n}}", pinyin=f"duan wang ce {{n}}", initials="dwc", district_code=room.school.district_code, school=room.school,
        school_class=room, grade=room.grade)
    Seat.objects.create(child=child, district_code=child.district_code, school=room.school, school_class=room, first_day=date(2026, 9, 1))
"""
STORED = f"""{CLASS}
rolls = RollCall.objects.filter(school_class=room, day="2026-11-23")
print(rolls.count(), sorted(Mark.objects.filter(roll_call__in=rolls).values_list("code", "reason")), [r.revision for r in rolls])
"""
KEPT = """async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller || !(await (await caches.open("roll-pages")).keys()).length) await new Promise((done) => setTimeout(done, 50));
}"""
AGED = """async () => {
    const base = await new Promise((done) => { const asked = indexedDB.open("zaixue", 1); asked.onsuccess = () => done(asked.result); });
    await new Promise((done) => {
        const step = base.transaction("unsent", "readwrite"), rows = step.objectStore("unsent"), asked = rows.getAll();
        asked.onsuccess = () => asked.result.forEach((item) => rows.put({ ...item, at: 0 })); step.oncomplete = done; });
    base.close();
}"""
LEFT = """async () => {
    const base = await new Promise((done) => { const asked = indexedDB.open("zaixue", 1); asked.onsuccess = () => done(asked.result); });
    const rows = !base.objectStoreNames.contains("unsent") ? 0 : await new Promise((done) => {
        const asked = base.transaction("unsent").objectStore("unsent").count(); asked.onsuccess = () => done(asked.result); });
    base.close();
    return [rows, (await caches.keys()).filter((name) => name.startsWith("roll")).length, (await navigator.serviceWorker.getRegistrations()).length];
}"""


@pytest.fixture
def teacher(enter: Enter, site: Site) -> Page:
    """The head teacher's phone, the page of the day kept on it."""
    site.shell(CLEAN)
    page = enter("teacher", width=360, height=800)
    page.goto("/roll/")
    expect(page.locator(".pupils select").first).to_be_visible()
    page.evaluate(KEPT)
    return page


def choose(page: Page, number: int, value: str) -> None:
    page.locator(".pupils select").nth(number).select_option(value)


def leave_and_send(page: Page, value: str, words: str = "") -> None:
    """Without a network: open the page anew, mark one, send."""
    page.context.set_offline(True)
    page.goto("/roll/")
    choose(page, 0, value)
    if words:
        page.locator(".pupils input").fill(words)
    expect(page.locator("#counts")).to_contain_text("未到 1")
    page.click("button:has-text('提交')")
    expect(page.locator("#unsent")).to_contain_text("未上传 1")


def test_without_a_network_it_opens_and_is_sent_once_when_it_is_back(teacher: Page, site: Site) -> None:
    leave_and_send(teacher, "other", "外婆家有事")
    teacher.goto("/roll/")  # put away and taken out again, still without a network
    expect(teacher.locator("#unsent")).to_contain_text("未上传 1")
    assert site.shell(STORED).strip() == "0 [] []"
    teacher.context.set_offline(False)
    expect(teacher.locator("main")).to_contain_text("已点名", timeout=SOON)
    expect(teacher.locator("#unsent")).to_be_hidden()
    assert site.shell(STORED).strip() == "1 [('absent', 'other')] [1]"
    teacher.reload()
    assert teacher.locator(".pupils select").first.input_value() == "other"
    expect(teacher.locator(".pupils input")).to_have_value("外婆家有事")
    assert site.shell(STORED).strip() == "1 [('absent', 'other')] [1]"


def test_what_was_kept_under_a_wrong_clock_is_sent(teacher: Page, site: Site) -> None:
    """A telephone that started without a network believes it is 1970 until the network tells it the time."""
    leave_and_send(teacher, "unexcused")
    teacher.evaluate(AGED)
    teacher.context.set_offline(False)
    expect(teacher.locator("main")).to_contain_text("已点名", timeout=SOON)
    assert site.shell(STORED).strip() == "1 [('absent', 'unexcused')] [1]"


def test_somebody_was_quicker_both_stand_side_by_side(teacher: Page, enter: Enter, site: Site) -> None:
    leave_and_send(teacher, "sick")
    subject = enter("subject", width=360, height=800)
    subject.goto("/roll/")
    choose(subject, 1, "late")
    subject.click("button:has-text('提交')")
    expect(subject.locator("main")).to_contain_text("已点名")
    teacher.context.set_offline(False)
    expect(teacher.locator(".versus tr.differs")).to_have_count(2, timeout=SOON)
    assert site.shell(STORED).strip() == "1 [('late', '')] [1]"
    teacher.goto("/roll/")  # not decided: it is asked again
    expect(teacher.locator(".versus")).to_be_visible(timeout=SOON)
    teacher.click("button:has-text('以我的为准更正')")
    expect(teacher.locator("main")).to_contain_text("已点名")
    assert site.shell(STORED).strip() == "1 [('absent', 'sick')] [2]"
    assert teacher.evaluate(LEFT)[0] == 0


def test_what_stands_may_be_left_standing(teacher: Page, enter: Enter, site: Site) -> None:
    leave_and_send(teacher, "sick")
    subject = enter("subject")
    subject.goto("/roll/")
    subject.click("button:has-text('提交')")
    expect(subject.locator("main")).to_contain_text("已点名")
    teacher.context.set_offline(False)
    teacher.click("a:has-text('保留已提交的')", timeout=SOON)
    expect(teacher.locator("main")).to_contain_text("应到")
    assert teacher.evaluate(LEFT)[0] == 0
    assert site.shell(STORED).strip() == "1 [] [1]"


def test_logged_out_meanwhile_it_waits_for_its_own_teacher(teacher: Page, site: Site) -> None:
    leave_and_send(teacher, "personal")
    teacher.context.clear_cookies(name="sessionid")
    teacher.context.set_offline(False)
    expect(teacher.locator("#unsent")).to_contain_text("请重新登录", timeout=SOON)
    teacher.click("#unsent a:has-text('登录')")
    expect(teacher.locator("[name=password]")).to_be_visible()
    assert teacher.evaluate("async () => (await caches.keys()).includes('roll-pages')") is False  # no class list behind the log-in
    sign_in(teacher, "subject")
    expect(teacher.locator("#unsent")).to_contain_text("另一位老师未上传的点名 1 份")
    assert site.shell(STORED).strip() == "0 [] []"
    teacher.context.clear_cookies(name="sessionid")
    teacher.goto("/login/?next=/roll/")
    sign_in(teacher, "teacher")
    expect(teacher.locator("main")).to_contain_text("已点名", timeout=SOON)
    assert site.shell(STORED).strip() == "1 [('absent', 'personal')] [1]"


def sign_in(page: Page, username: str) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", "zaixue-demo")
    page.click("form button[type=submit]")
    page.wait_for_url("**/roll/")


def test_logging_out_asks_first_and_leaves_nothing_behind(teacher: Page, site: Site) -> None:
    site.shell(CLEAN)
    leave_and_send(teacher, "other")
    asked: list[str] = []
    teacher.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    teacher.context.set_offline(True)
    teacher.locator("details.acting summary").click()
    teacher.route("**/roll/*/", lambda route: route.abort())  # the network is back for everything but the roll itself
    teacher.context.set_offline(False)
    teacher.click("button:has-text('退出登录')")
    teacher.wait_for_url("**/login/**")
    assert asked and "1 份点名还没有上传" in asked[0]
    assert teacher.evaluate(LEFT) == [0, 0, 0]
    assert site.shell(STORED).strip() == "0 [] []"
