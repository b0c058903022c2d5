"""Four days of one pupil: absent, absent over a holiday, absent again; flagged, verified, told on three lines, signed for, visited: 3/3.

The clock is moved from day to day, so the product runs inside the test: the same pages over a real socket, the same tasks as the timetable's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.attendance.models import AbsenceRun, RollCall
from apps.cases.models import Case
from apps.reporting.layouts import PLATFORM
from apps.reporting.models import Line, ThreeLineReport
from tests.browser.conftest import HOLIDAY
from tests.browser.walking import Enter, absent, timetable
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (23, 25, 26, 27))


def test_four_days(acting: Enter, school: Cast, at: Callable[..., None]) -> None:
    at(MONDAY)
    teacher = acting("head_teacher")
    absent(teacher)

    at(HOLIDAY)
    teacher.goto("/roll/")
    expect(teacher.locator("main")).to_contain_text("不上课")
    assert not teacher.locator("button:has-text('提交点名')").count()

    at(WEDNESDAY)
    absent(teacher)
    timetable()
    assert not Case.objects.exists(), "two school days and a holiday are two"
    log_contact(teacher)

    at(THURSDAY)
    absent(teacher)
    timetable()
    timetable()
    flagged(acting, school)
    verify(acting("principal", width=1440, height=900))

    at(FRIDAY)
    sign_and_visit(acting("township"))
    sign(acting("bureau", width=1440, height=900))
    enter_platform(acting("registrar", width=1440, height=900))
    three_of_three(acting("bureau"), school)


def test_a_roll_call_kept_over_midnight_is_sent_by_itself(acting: Enter, at: Callable[..., None]) -> None:
    """Without a network on Monday afternoon, back with one on Wednesday morning: late, on Monday, once (docs/decisions/0014)."""
    at(MONDAY)
    teacher = acting("head_teacher")
    teacher.goto("/roll/")
    teacher.context.set_offline(True)
    teacher.get_by_label("杨阿测").select_option("unexcused")
    teacher.click("button:has-text('提交点名')")
    expect(teacher.locator("#unsent")).to_contain_text("未上传 1")
    at(WEDNESDAY, time(7, 30))
    teacher.context.set_offline(False)
    expect(teacher.locator("main")).to_contain_text("已点名（逾时）", timeout=30_000)
    expect(teacher.locator("#unsent")).to_be_hidden()
    taken = RollCall.objects.get()
    assert (taken.day, taken.is_late, taken.missing, taken.revision) == (MONDAY, True, 1, 1)


def log_contact(teacher: Page) -> None:
    """The same day: whom she reached, and what was said."""
    teacher.goto("/contacts/")
    teacher.locator("a[href*='/contacts/']:has-text('登记')").first.click()
    teacher.get_by_label("已联系上").check()
    teacher.select_option("[name=reason]", "unexcused")
    teacher.fill("[name=whereabouts]", "随父亲在昆明")
    teacher.click("button:has-text('登记'):not(:has-text('开请假条'))")
    expect(teacher.locator("main")).to_contain_text("没有要联系的")


def flagged(acting: Enter, school: Cast) -> None:
    """One case, one report, and the four who must know."""
    run, case = AbsenceRun.objects.get(), Case.objects.get()
    assert (run.school_days, run.suspected_on, case.child_id) == (3, THURSDAY, school.child.pk)
    assert ThreeLineReport.objects.filter(case=case).count() == 1
    for role in ("head_teacher", "principal", "township", "bureau"):
        page = acting(role)
        page.goto("/notices/")
        expect(page.locator("main")).to_contain_text("杨阿测")


def verify(principal: Page) -> None:
    """What the contact told stands there already; the principal adds the reason and sends all three."""
    principal.goto("/")
    principal.locator("a:near(:text('三线报告待核实签发'))").first.click()
    principal.goto("/lines/")
    principal.click("a:has-text('杨阿测')")
    principal.click("a:has-text('核实并签发三线')")
    assert principal.input_value("[name=whereabouts]") == "随父亲在昆明"
    principal.select_option("[name=cause]", "weary")
    if not principal.input_value("[name=home]"):
        principal.fill("[name=home]", "汤丹镇1村")
    principal.click("button:has-text('签发三线')")
    expect(principal.locator("main")).to_contain_text("还差一步：把下面各栏录入平台")


def sign_and_visit(township: Page) -> None:
    """Receipt, names, the first visit: at the family's door."""
    township.goto("/assignments/")
    township.click("h2 a:has-text('杨阿测')")
    township.click("button:has-text('签收')")
    township.fill("[name=gov_township_cadre_name]", "李测镇长")
    township.fill("[name=gov_village_name]", "王测主任")
    township.click("button:has-text('落实到人')")
    expect(township.locator("main")).to_contain_text("责任人已落实")
    township.locator("a:has-text('登记走访')").first.click()
    township.get_by_label("入户").check()
    township.get_by_label("答应返校", exact=True).check()
    township.fill("[name=visitors]", "李测镇长、王测主任")
    township.fill("[name=spoke_with]", "父亲")
    township.fill("[name=promised_on]", "2026-11-30")
    township.fill("[name=text]", "父亲答应下周一送回学校。")
    township.locator("main form button[type=submit]").click()
    expect(township.locator("main")).to_contain_text("父亲答应下周一送回学校")


def sign(bureau: Page) -> None:
    bureau.goto("/lines/")
    bureau.click("a:has-text('杨阿测')")
    bureau.click("button:has-text('签收')")
    expect(bureau.locator("main")).to_contain_text("已签收")


def enter_platform(registrar: Page) -> None:
    """Field by field into the other system's window, then its number back."""
    registrar.goto("/lines/")
    registrar.click("a:has-text('杨阿测')")
    registrar.click("a:has-text('录入平台')")
    copied = {}
    for label, field in zip(registrar.locator(".panel dt").all_text_contents(), registrar.locator(".panel dd").all(), strict=True):
        button = field.locator("[data-copy]")
        if not button.count():
            expect(field).to_contain_text(re.compile("没有登记|显示完整证件号"))
            continue
        button.click()
        expect(button).to_contain_text("已复制")
        copied[label] = registrar.evaluate("navigator.clipboard.readText()")
        assert copied[label] == (field.locator("code").text_content() or "").strip() != ""
    assert registrar.locator(".panel dt").all_text_contents() == [column.label for column in PLATFORM]
    assert copied["学生姓名"] == "杨阿测" and copied["现在去向"] == "随父亲在昆明" and copied["联系电话"] == "13900000001"
    assert "3" in copied["连续未到校（上课日）"] and len(copied) >= 12
    registrar.fill("[name=number]", "KCBX20261127001")
    registrar.click("button:has-text('登记已录入')")
    expect(registrar.locator("main")).to_contain_text("3/3")


def three_of_three(bureau: Page, school: Cast) -> None:
    """Within the clock, and so it says on the case."""
    case = Case.objects.get()
    bureau.goto(f"/cases/{case.pk}/")
    expect(bureau.locator("main")).to_contain_text("三线报告 3/3")
    assert not bureau.locator("text=三线报告超期").count()
    lines = {line.kind: line for line in Line.objects.all()}
    assert {kind for kind, line in lines.items() if line.sent_at} >= {"platform", "township", "bureau"}
    assert all(lines[kind].received_at for kind in ("township", "bureau"))
    assert all(timezone.localtime(line.sent_at).date() <= THURSDAY + timedelta(1) for line in lines.values() if line.sent_at)
    assert re.search(r"\d{4}", lines["township"].number)


def test_back_to_a_form_that_was_sent_keeps_its_key(acting: Enter, school: Cast, at: Callable[..., None]) -> None:
    """What is changed after going back is asked about: neither written twice unasked nor lost."""
    at(date(2026, 9, 14))
    page = acting("head_teacher")
    page.goto(f"/contacts/{school.child.pk}/")
    key = page.input_value("main form [name=_key]")
    page.evaluate("form = document.querySelector('main form'); form.noValidate = true; form.addEventListener('submit', (e) => e.preventDefault())")
    page.locator("main form [type=submit]").first.click()
    page.goto("/roll/")
    page.go_back()
    expect(page.locator("main form [name=_key]")).to_have_value(key)
    page.reload()
    expect(page.locator("main form [name=_key]")).not_to_have_value(key)
