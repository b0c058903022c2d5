"""Whose turn it is, from a user's seat: what is missing of the three lines and who may do it; what a village can clear; what stands first."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from apps.cases.actions import clocks
from apps.cases.models import Assignment, Case
from apps.cases.queries.overdue import own_overdue
from apps.reporting.actions.sending import enter_platform
from apps.reporting.actions.verifying import verify
from apps.reporting.models import ThreeLineReport
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back, cases_steps, lines, registers

pytestmark = pytest.mark.django_db


def page(cast: Cast, role: str, url: str) -> str:
    answer = cast.client(role).get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def standing(case: Case) -> tuple[str, str]:
    case.refresh_from_db()
    return case.task, case.owner_role


def test_the_three_lines_say_what_is_missing_and_whose(cast: Cast) -> None:
    report = lines.draft(cast.child, on=TODAY, now=NOW)
    case, sign, enter = report.case, f'href="/lines/{report.pk}/verify/"', f'href="/lines/{report.pk}/platform/"'
    assert standing(case) == ("lines", "principal")
    principal, registrar = (page(cast, role, f"/cases/{case.pk}/") for role in ("principal", "registrar"))
    assert sign in principal and "核实并签发三线" in principal and sign not in registrar
    verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW)
    assert standing(case) == ("enter_lines", "registrar")
    told = page(cast, "registrar", f"/cases/{case.pk}/")
    assert "三线已报 2/3：录入政府救助平台" in told and "还缺：云南省政府救助平台" in told and enter in told and sign not in told
    assert [one["name"] for one in cast.client("registrar").get("/").context["next"]["children"]] == [cast.child.name]
    enter_platform(line=lines.line(report, "platform"), number="YN1", by=cast.actor("registrar"), now=NOW)
    assert standing(case)[0] == "first_visit" and "，还缺：" not in page(cast, "registrar", f"/cases/{case.pk}/")


def test_a_report_drafted_late_is_not_born_overdue(cast: Cast) -> None:
    late = TODAY - timedelta(21)
    report = lines.draft(cast.child, on=late, now=NOW)
    assert (report.begun_on, report.case.opened_on) == (TODAY, late)
    report.case.refresh_from_db()
    assert (report.case.task, report.case.due_on) == ("lines", TODAY + timedelta(1))
    assert cast.client("principal").get("/lines/?state=overdue").context["rows"] == []


def test_a_case_of_another_origin_tells_of_its_waiting_report(cast: Cast) -> None:
    case = cases_steps.persuading(cast.child, since=TODAY - timedelta(1), now=NOW, origin="comparison")
    lines.absence(cast.child, suspected_on=TODAY)
    lines.draft_lines(by=lines.SYSTEM, now=NOW, cases=[case.pk])
    assert f'href="/lines/{ThreeLineReport.objects.get().pk}/verify/"' in page(cast, "principal", f"/cases/{case.pk}/")


@pytest.fixture
def handed(cast: Cast) -> Case:
    """The paper of the township is five days late; the village, which the case was handed on to, was there yesterday."""
    case = cases_steps.persuading(cast.child, since=TODAY - timedelta(12), now=NOW, progress_on=TODAY - timedelta(1))
    told = {
        "given_at": NOW,
        "given_name": "某",
        "given_title": "某",
        "accept_by": TODAY,
        "accepted_at": NOW,
        "accepted_name": "村",
        "accepted_title": "村",
    }
    Assignment.objects.create(case=case, level="village", region_code=case.village_code, **told)
    clocks.refresh(cases=[case.pk], today=TODAY)
    return case


def test_a_village_is_not_blamed_for_the_townships_paper(cast: Cast, handed: Case) -> None:
    handed.refresh_from_db()
    assert (handed.task, handed.due_on, handed.try_on) == ("first_paper", TODAY - timedelta(5), TODAY + timedelta(1))
    town, village = cast.actor("township"), cast.actor("village")
    assert list(own_overdue(town, today=TODAY)) == [handed] and not own_overdue(village, today=TODAY)
    told = page(cast, "township", f"/cases/{handed.pk}/")
    assert "发出劝学通知书" in told and 'class="button main" href="#issue">四步法' in told
    for url in ("/", "/assignments/", f"/assignments/case/{handed.pk}/"):
        assert "发出劝学通知书" in page(cast, "township", url)
        told = page(cast, "village", url)
        assert "下次家访劝返" in told and "发出劝学通知书" not in told and "超 5 日" not in told
    told = page(cast, "village", "/")
    assert "现在没有要办的事" not in told and "接下来到期的" in told


def test_a_visit_that_is_late_is_the_villages_as_well(cast: Cast, handed: Case) -> None:
    day = TODAY + timedelta(2)
    clocks.refresh(cases=[handed.pk], today=day)
    assert list(own_overdue(cast.actor("village"), today=day)) == [handed] == list(own_overdue(cast.actor("township"), today=day))


def test_the_own_overdue_stands_before_what_climbs(cast: Cast) -> None:
    registers.term()
    climbed = cases_back.case(cast.child, climbed=2, task="first_visit", owner_role="head_teacher", due_on=TODAY + timedelta(1))
    shown = cast.client("principal").get("/")
    overdue = shown.context["overdue"]
    assert overdue["late"] and "名册" in overdue["late"][0]["name"] and overdue["late"][0]["days"] < 0
    assert [one["name"] for one in overdue["raised"]] == [cast.child.name] and "逐级上报 · " in overdue["raised"][0]["note"]
    text = shown.content.decode()
    assert text.index('id="overdue"') < text.index('id="raised"') < text.index(f"/cases/{climbed.pk}/")
    assert not cast.client("bureau").get("/").context["overdue"], "what schools owe is not the bureau's own"
    assert "<h1>逐级上报 </h1>" in page(cast, "principal", "/cases/overdue/?which=climbed")


def test_the_number_of_open_cases_says_what_it_counts(cast: Cast) -> None:
    cases_back.case(cast.child, "monitoring")
    shown = next(one for one in cast.client("bureau").get("/").context["figures"] if one["label"] == "未结个案")
    assert (shown["value"], shown["note"]) == (1, "疑似、劝返和跟踪巩固中的都在内")


def post(cast: Cast, role: str, url: str, **data: Any) -> str:
    answer = cast.client(role).post(url, {"_key": str(uuid.uuid4()), **data})
    assert answer.status_code == 422
    return str(answer.content.decode())


def test_an_empty_field_says_what_to_choose(cast: Cast) -> None:
    case = cases_steps.persuading(cast.child, since=TODAY, now=NOW)
    for url in (f"/cases/{case.pk}/visit/", f"/cases/{case.pk}/steps/issue/"):
        told = post(cast, "township", url)
        assert "这个字段是必填项" not in told and ("请选择" in told or "请填写" in told)


def test_closing_asks_for_no_papers_while_days_are_missing(cast: Cast) -> None:
    case = cases_back.case(cast.child, "monitoring", days=5)
    told = page(cast, "principal", f"/cases/{case.pk}/")
    assert "还不能提出，缺：跟踪满 60 个上课日" in told and 'value="watched"' not in told and 'value="died"' in told
    refused = post(cast, "principal", f"/cases/{case.pk}/ask/", kind="close", basis="watched", text="稳定")
    assert "缺：" in refused and "须附证明材料" not in refused


@pytest.mark.parametrize("action", ["return", "watch"])
def test_the_address_of_a_form_leads_back_to_the_case(cast: Cast, action: str) -> None:
    case = cases_back.case(cast.child)
    answer = cast.client("principal").get(f"/cases/{case.pk}/{action}/")
    assert (answer.status_code, answer.url) == (302, f"/cases/{case.pk}/")
