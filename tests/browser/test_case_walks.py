"""Children of issue 4, each decision on its page: back to class, closed, and lost again within the year; 失学 to lessons at home; taken over by
another county.

The clock is moved from day to day as in test_school_days; days on which nothing happens pass through the roll calls.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.cases.actions import assigning, noting, proposing
from apps.cases.actions.visiting import Seen, log_visit
from apps.cases.models import Assignment, Case, HomeTeaching, LegalStep, Proposal
from apps.cases.tasks import open_cases
from apps.cases.workflow import State
from apps.core import clock
from apps.students.models import Child
from tests.browser.walking import (
    DESK,
    Enter,
    absent,
    agree,
    days_pass,
    everybody_there,
    issue_and_serve,
    night,
    send,
    stands,
    timetable,
    unfold,
    visit,
)  # fmt: skip
from tests.cast import Cast
from tests.core.test_proofs import photograph
from tests.factories.cases_back import PDF, weekdays
from tests.factories.cases_duties import twelve
from tests.factories.children import child as make_child
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import compare

pytestmark = pytest.mark.django_db(transaction=True)
At = Callable[..., None]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """What a telephone takes."""
    taken = tmp_path / "照片.jpg"
    taken.write_bytes(photograph())
    return taken


def test_from_absence_to_two_signatures_and_lost_again(acting: Enter, school: Cast, at: At, photo: Path, tmp_path: Path) -> None:
    twelve(school)
    case = suspected(acting, school, at)
    confirmed(acting, case, at, photo)
    charged(acting, case, at)
    ordered(acting, case, at, photo)
    back_in_class(acting, case, at, photo)
    placed(acting, case, at)
    closed(acting, case, at, photo)
    printed(acting("bureau", **DESK), case, tmp_path)
    lost_again(acting, case, at)


def suspected(acting: Enter, school: Cast, at: At) -> Case:
    """Three days, the three lines, the first visit."""
    teacher = acting("head_teacher")
    for day in (7, 8, 9):
        at(date(2026, 9, day))
        absent(teacher)
        timetable()
    case = Case.objects.get()
    stands(teacher, case, State.SUSPECTED, task="lines", owner="principal")
    principal = acting("principal")
    principal.goto("/lines/")
    principal.click("a:has-text('杨阿测')")
    principal.click("a:has-text('核实并签发三线')")
    send(principal, "签发三线", cause="weary", whereabouts="在家，不愿上学", home="汤丹镇1村")
    at(date(2026, 9, 10))
    for role, size in (("township", {}), ("bureau", DESK)):
        page = acting(role, **size)
        page.goto("/lines/" if role == "bureau" else "/assignments/")
        page.click("a:has-text('杨阿测')")
        page.click("button:has-text('签收')")
    registrar = acting("registrar", **DESK)
    registrar.goto("/lines/")
    registrar.click("a:has-text('杨阿测')")
    registrar.click("a:has-text('录入平台')")
    send(registrar, "登记已录入", number="KCBX20260910001")
    expect(registrar.locator("main")).to_contain_text("3/3")
    return stands(teacher, case, State.SUSPECTED, task="first_visit", owner="head_teacher")


def confirmed(acting: Enter, case: Case, at: At, photo: Path) -> None:
    """The head teacher at the door is given a written refusal; the principal asks, the bureau agrees."""
    at(date(2026, 9, 11))
    visit(
        acting("head_teacher"), case, outcome="refused_written", cause="weary", spoke_with="父亲", text="本人不愿再读，写了不读的字条。", files=photo
    )
    principal = acting("principal")
    stands(principal, case, State.SUSPECTED, task="settle", owner="principal")
    send(principal, "提出", fold="提出：认定辍学", basis="refused_written", text="9月11日家访，书面拒绝返校。", files=photo, expected="等待第二人")
    bureau = acting("bureau", **DESK)
    stands(bureau, case, State.SUSPECTED, task="decide_confirm", owner="bureau")
    agree(bureau, case, expected="已认定")
    stands(bureau, case, State.CONFIRMED, task="assign", owner="bureau")


def charged(acting: Enter, case: Case, at: At) -> None:
    """The bureau charges the township, which signs and hands it on to the village, which goes to the door."""
    at(date(2026, 9, 14))
    bureau = acting("bureau", **DESK)
    bureau.goto(f"/cases/{case.pk}/")
    send(bureau, "交办", tap="交办", township="汤丹镇", text="一周内见到本人。", expected="交办")
    stands(bureau, case, State.PERSUADING, task="accept", owner="township")
    township = acting("township")
    township.goto("/assignments/")
    township.click("a:has-text('杨阿测')")
    sign(township)
    send(township, "转办", village="汤丹1村", expected="转办")
    village = acting("village")
    village.goto("/assignments/")
    village.click("a:has-text('杨阿测')")
    sign(village)
    village.locator("a:has-text('登记走访')").first.click()
    send(
        village,
        village.locator("main form button[type=submit]").inner_text(),
        outcome="refused",
        spoke_with="父亲",
        text="父亲说劝不动。",
        way="home",
    )
    stands(township, case, State.PERSUADING, task="visit", owner="township")
    assert Assignment.objects.filter(case=case, accepted_at__isnull=False, ended_at=None).count() == 2


def sign(page: Page) -> None:
    """The receipt."""
    page.get_by_role("button", name="签收", exact=True).click()
    expect(page.locator(".flash.success")).to_contain_text("签收")


def ordered(acting: Enter, case: Case, at: At, photo: Path) -> None:
    """劝学通知书 and, once its term is over, 责令限期改正通知书, both served."""
    at(date(2026, 9, 15))
    township = acting("township")
    issue_and_serve(township, case, photo)
    at(date(2026, 9, 29))
    night()
    township.goto(f"/cases/{case.pk}/")
    expect(township.locator("#steps")).to_contain_text("届满，次日起可以进行下一步")
    at(date(2026, 9, 30))
    night()
    issue_and_serve(township, case, photo, days=7)
    assert [step.step for step in LegalStep.objects.filter(case=case)] == [1, 2]


def back_in_class(acting: Enter, case: Case, at: At, photo: Path) -> None:
    """Promised, registered, there on five days by the roll calls, counted as returned."""
    at(date(2026, 10, 9))
    visit(acting("township"), case, outcome="promised", cause="weary", spoke_with="父亲", promised_on=date(2026, 10, 12), text="父亲答应下周一送回。")
    at(date(2026, 10, 12))
    principal = acting("principal")
    principal.goto(f"/cases/{case.pk}/")
    send(principal, "登记注册", tap="登记复学注册", room="六（1）班", files=photo, expected="注册")
    everybody_there(acting("head_teacher"))
    stands(principal, case, State.PERSUADING, task="stay", owner="principal")
    at(date(2026, 10, 16))
    days_pass(case.child, weekdays(date(2026, 10, 13), date(2026, 10, 16)), until=date(2026, 10, 16))
    principal.goto(f"/cases/{case.pk}/")
    send(principal, "转为“已复学”", expected="已复学")
    stands(principal, case, State.RETURNED, task="place", owner="principal")
    assert not LegalStep.objects.filter(case=case, stopped_on=None).exists()


def placed(acting: Enter, case: Case, at: At) -> None:
    """In its class, with somebody who looks after it: from that day on it is watched."""
    at(date(2026, 10, 19))
    principal = acting("principal")
    principal.goto(f"/cases/{case.pk}/")
    principal.click("#next a:has-text('订安置方案')")
    send(
        principal, "订立安置方案", kind="interest", room="六（1）班", teacher="李测", plan="加入篮球队，班主任每周谈心一次。",
        review_on=date(2026, 12, 18), expected="跟踪巩固",
    )  # fmt: skip
    teacher = acting("head_teacher")
    stands(teacher, case, State.MONITORING, task="note", owner="head_teacher")
    send(teacher, "登记", tap="写跟踪记录", study="作业能交，数学跟得上。", mood="愿意来。", expected="跟踪")
    send(teacher, "订立", fold="订关爱方案", teacher="李测", text="每周谈心一次，每月家访一次。", review_on=date(2026, 12, 18), expected="关爱")


def closed(acting: Enter, case: Case, at: At, photo: Path) -> None:
    """Sixty school days later: the principal asks, the bureau signs."""
    last = date(2027, 1, 11)
    at(last)
    days_pass(case.child, weekdays(date(2026, 10, 19), last), until=last)
    principal = acting("principal")
    stands(principal, case, State.MONITORING, task="close", owner="principal")
    send(principal, "提出", fold="提出：销号", basis="watched", text="跟踪满六十个上课日，每天到校。", files=photo, expected="等待第二人")
    at(date(2027, 1, 12))
    bureau = acting("bureau", **DESK)
    stands(bureau, case, State.MONITORING, task="decide_close", owner="bureau")
    agree(bureau, case, expected="已销号")
    stands(bureau, case, State.CLOSED)
    signed = Proposal.objects.get(case=case, kind="close")
    assert signed.asked_user_id != signed.decided_user_id
    assert signed.verdict == "agreed"


def printed(bureau: Page, case: Case, kept: Path) -> None:
    """The whole file of the child, and the form of its closing."""
    for words, told in (
        ("打印卷宗", ("杨阿测", "劝学通知书", "责令限期改正通知书", "父亲答应下周一送回", "篮球队", "销号")),
        ("审批表（PDF）", ("销号", "杨阿测")),
    ):
        with bureau.expect_download() as coming:
            bureau.locator(f"a:has-text('{words}')").click()
        paper = kept / coming.value.suggested_filename
        coming.value.save_as(paper)
        said = re.sub(r"\s", "", subprocess.run(["pdftotext", "-layout", paper, "-"], check=True, capture_output=True, text=True).stdout)
        assert [one for one in told if one not in said] == []


def test_from_the_comparison_to_lessons_at_home(acting: Enter, school: Cast, at: At, photo: Path) -> None:
    twelve(school)
    at(date(2026, 9, 16))
    child = make_child(village=school.home.villages[0].code, name="李测远", guardian_name="李测母")
    entry(child, "household", by=upload("household"))  # in no other register
    run = compare(days=15)
    open_cases()
    case = Case.objects.get()
    assert (case.run, case.child, case.reason[:3]) == (run, child, "失学：")
    taken_in(acting, case)
    taught_at_home(acting, case, at, photo)


def taken_in(acting: Enter, case: Case) -> None:
    """The bureau charges the township, which says which school takes the child in; only then are all twelve named."""
    bureau, township = acting("bureau", **DESK), acting("township")
    stands(bureau, case, State.CONFIRMED, task="assign", owner="bureau")
    send(bureau, "交办", township="汤丹镇", expected="交办")
    stands(township, case, State.CONFIRMED, task="name_school", owner="township")
    send(township, "安排", fold="安排接收学校", school="汤丹镇中心学校", expected="汤丹镇中心学校接收")
    stands(township, case, State.PERSUADING, task="accept", owner="township")
    township.goto("/assignments/")
    township.click("h2 a:has-text('李测远')")
    sign(township)
    visit(township, case, outcome="guardian", cause="disabled", spoke_with="母亲", text="孩子脑瘫，不能行走，母亲愿意在家学。")


def taught_at_home(acting: Enter, case: Case, at: At, photo: Path) -> None:
    """Registered without a class, placed on the panel's advice, a plan for the year, two lessons."""
    at(date(2026, 9, 17))
    principal = acting("principal")
    stands(principal, case, State.PERSUADING, task="visit", owner="township")
    send(principal, "登记注册", tap="登记复学注册", room="不进班（送教上门、单独教育）", text="送教上门。", expected="注册")
    principal.click("a:has-text('订安置方案')")
    send(principal, "下一步" if principal.get_by_role("button", name="下一步").count() else "换原因", cause="残疾")
    unfold(principal, "残疾人教育专家委员会的建议")
    send(
        principal, "订立安置方案", kind="home_teaching", teacher="李测", plan="每周两次，识字、康复训练。", panel_on=date(2026, 9, 16),
        panel_advice="建议送教上门。", panel_files=photo, review_on=date(2026, 12, 18), expected="已安置",
    )  # fmt: skip
    stands(principal, case, State.PLACED, task="first_lesson", owner="principal")
    principal.click("a:has-text('订送教计划')")
    send(principal, "订立计划", lessons=60, teachers="李测、王测", plan="识字、康复训练，每周两次。", expected="送教计划已订")
    for number, day in enumerate((18, 22), start=1):
        at(date(2026, 9, day))
        told = {"content": "认识数字 1 到 10。", "guardian": "李测母", "photos": photo, "signature": photo}
        send(principal, "登记", day=date(2026, 9, day), **told)
        expect(principal.locator("main")).to_contain_text(f"只增不改，{number} 次")
    principal.click("a:has-text('打开个案')")
    expect(principal.locator("#place")).to_contain_text("已送 4")
    stands(principal, case, State.MONITORING, task="note", owner="principal")  # no class, so no head teacher
    assert HomeTeaching.objects.get().case_id == case.pk


def test_a_workers_child_is_taken_over_by_its_county(acting: Enter, school: Cast, at: At, photo: Path) -> None:
    twelve(school)
    at(date(2026, 9, 16))
    Child.objects.filter(pk=school.child.pk).update(township_code="", village_code="")  # learns here, its household is elsewhere
    school.child.refresh_from_db()
    case = charged_by_actions(school)
    night()
    bureau, township, principal = acting("bureau", **DESK), acting("township"), acting("principal")
    stands(bureau, case, State.PERSUADING)
    send(
        bureau,
        "编号并出函",
        fold="户籍在外地",
        addressee="寻甸回族彝族自治县教育体育局",
        home="寻甸县羊街镇1村",
        files=photo,
        text="随父母务工，已随家人回原籍。",
        expected="函",
    )
    stands(bureau, case, State.TRANSFERRED, task="acceptance", owner="bureau")
    at(date(2026, 9, 22))
    stands(bureau, case, State.TRANSFERRED, task="acceptance", owner="bureau")
    send(bureau, "登记", fold="登记联系、催办", on=date(2026, 9, 22), text="电话联系，对方正在核实。", expected="登记")
    at(date(2026, 9, 28))
    stands(bureau, case, State.TRANSFERRED, task="acceptance", owner="bureau")
    send(bureau, "登记答复", answer="accepted", on=date(2026, 9, 28), text="同意接收。", receiving="羊街镇中心小学")
    expect(bureau.locator("main")).to_contain_text("书面接收须附对方复函的扫描件")
    send(bureau, "登记答复", answer="accepted", files=photo, expected="答复")
    expect(bureau.locator("#handover")).to_contain_text("羊街镇中心小学")
    stands(township, case, State.TRANSFERRED, task="close", owner="principal")
    stands(principal, case, State.TRANSFERRED)
    send(principal, "提出", fold="提出：销号", basis="accepted", text="寻甸县已书面接收。", files=photo, expected="等待第二人")
    stands(bureau, case, State.TRANSFERRED, task="decide_close", owner="bureau")
    agree(bureau, case, expected="已销号")
    stands(bureau, case, State.CLOSED)
    stands(township, case, State.CLOSED)


def charged_by_actions(cast: Cast) -> Case:
    """Reported, found working, confirmed, handed to the township: each step by the product's own action, whose pages the first walk shows."""
    principal, bureau, now = cast.actor("principal"), cast.actor("bureau"), clock.now()
    case = noting.open_case(child=cast.child, reason="家长电话说已外出", never_enrolled=False, by=principal, now=now)
    seen = Seen(clock.today(), "home", "李测", "working", "随父母务工", "父亲", "出租屋", whereabouts="寻甸县羊街镇")
    log_visit(case=case, seen=seen, by=cast.actor("head_teacher"), now=now)
    asked = proposing.ask(case=case, asked=proposing.Asked("confirm", "working", "查实外出", files=PDF), by=principal, now=now)
    proposing.decide(proposal=asked, agree=True, text="同意", by=bureau, now=now)
    given = assigning.assign(case=case, township=cast.home.townships[0].code, text="", by=bureau, now=now)
    assigning.accept(assignment=given, by=cast.actor("township"), now=now)
    return case


def lost_again(acting: Enter, case: Case, at: At) -> None:
    """The closed case, not a year old: three days without reason, and it is the same case again, one repeat more."""
    principal, bureau, teacher = acting("principal"), acting("bureau", **DESK), acting("head_teacher")
    for day in (13, 14, 15):
        at(date(2027, 1, day))
        night()
        absent(teacher)
        timetable()
    for page in (teacher, principal, acting("township")):
        stands(page, case, State.REOPENED, task="lines", owner="principal")
        expect(page.locator("main .facts").first).to_contain_text("再次辍学")
        expect(page.locator("#ledger")).to_contain_text("再次辍学（第 1 次）")
        page.goto("/notices/")
        expect(page.locator("main")).to_contain_text("杨阿测")
    bureau.goto("/cases/?repeat=on")
    expect(bureau.locator("main table")).to_contain_text("杨阿测")
    assert stands(bureau, case, State.REOPENED, task="lines", owner="principal").repeats == 1
    send(bureau, "交办", township="汤丹镇", expected="交办")
    stands(bureau, case, State.PERSUADING, task="accept", owner="township")
