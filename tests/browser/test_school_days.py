"""Four days of one pupil: absent, absent over a holiday, absent again; flagged, verified, told on three lines, signed for, visited: 3/3.

The clock is moved from day to day, so the product runs inside the test: the same pages over a real socket, the same tasks as the timetable's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Post
from apps.attendance.models import AbsenceRun, RollCall, Seat
from apps.cases.actions.duties import ensure_duties
from apps.cases.models import Case
from apps.cases.tasks import flag_absences
from apps.core import clock
from apps.reporting.layouts import PLATFORM
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.tasks import draft_lines
from apps.schools.actions import ensure_term
from apps.schools.models import CalendarDay
from apps.students.models import Child
from tests.cast import HOME, Cast, build_cast
from tests.factories.children import child as make_child
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY, HOLIDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 26, 27))
Enter = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def asynchronous(browser: Browser) -> Iterator[None]:
    """The browser's driver runs an event loop in this thread; the test's own queries are plain ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def school(transactional_db: None) -> Cast:
    """The cast with a term, a holiday on Tuesday, and a class of three."""
    cast = build_cast()
    ensure_duties(district=HOME)
    ensure_term(district=HOME, code="2026-2027-1")
    CalendarDay.objects.create(district_code=HOME, day=HOLIDAY, is_school_day=False)
    room = cast.home.classes[0]
    for name in ("李测甲", "王测乙"):
        make_child(school_class=room, village=cast.home.villages[0].code, name=name)
    Child.objects.filter(pk=cast.child.pk).update(name="杨阿测", guardian_name="杨测父", guardian_phone="13900000001")
    for pupil in Child.objects.filter(school_class=room):
        Seat.objects.create(
            child=pupil, district_code=HOME, township_code=pupil.township_code, village_code=pupil.village_code, school=room.school,
            school_class=room, first_day=date(2026, 9, 1),
        )  # fmt: skip
    return cast


@pytest.fixture
def at(settings: Any) -> Callable[..., None]:
    """Set the clock: a day, twenty past two."""

    def move(day: date, hour: time = time(14, 20)) -> None:
        settings.PINNED_TODAY, settings.CLOCK_SHIFT = None, timedelta()
        settings.CLOCK_SHIFT = timezone.make_aware(datetime.combine(day, hour)) - clock.now()

    return move


@pytest.fixture
def enter(browser: Browser, live_server: Any, school: Cast) -> Iterator[Enter]:
    """A person of the cast in a window of one's own, on a phone unless said otherwise."""
    windows = {}

    def window(role: str, *, width: int = 360, height: int = 800) -> Page:
        if role not in windows:
            windows[role] = browser.new_context(
                viewport={"width": width, "height": height}, base_url=live_server.url, permissions=["clipboard-read", "clipboard-write"]
            )
            page = windows[role].new_page()
            page.goto("/login/")
            page.fill("[name=username]", Post.objects.get(pk=school.post(role).pk).user.username)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit], form.form button[type=submit]")
            page.wait_for_url("**/")
        return windows[role].pages[0]

    yield window
    for one in windows.values():
        one.close()


def absent(teacher: Page) -> None:
    """The head teacher's minute: one tap on a name, one on the button."""
    teacher.goto("/roll/")
    teacher.get_by_label("杨阿测").select_option("unexcused")
    teacher.click("button:has-text('提交点名')")
    expect(teacher.locator("button:has-text('提交更正')")).to_be_visible()
    expect(teacher.locator("main")).to_contain_text("应到 3，未到 1")


def timetable() -> None:
    """What the beat starts every twenty seconds."""
    flag_absences()
    draft_lines()


def test_four_days(enter: Enter, school: Cast, at: Callable[..., None]) -> None:
    at(MONDAY)
    teacher = enter("head_teacher")
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
    flagged(enter, school)
    verify(enter("principal", width=1440, height=900))

    at(FRIDAY)
    sign_and_visit(enter("township"))
    sign(enter("bureau", width=1440, height=900))
    enter_platform(enter("registrar", width=1440, height=900))
    three_of_three(enter("bureau"), school)


def test_a_roll_call_kept_over_midnight_is_sent_by_itself(enter: Enter, at: Callable[..., None]) -> None:
    """Without a network on Monday afternoon, back with one on Wednesday morning: late, on Monday, once (docs/decisions/0014)."""
    at(MONDAY)
    teacher = enter("head_teacher")
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


def flagged(enter: Enter, school: Cast) -> None:
    """One case, one report, and the four who must know."""
    run, case = AbsenceRun.objects.get(), Case.objects.get()
    assert (run.school_days, run.suspected_on, case.child_id) == (3, THURSDAY, school.child.pk)
    assert ThreeLineReport.objects.filter(case=case).count() == 1
    for role in ("head_teacher", "principal", "township", "bureau"):
        page = enter(role)
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
