"""The printed file of one child, section by section: what each of them must say, from rows planted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from apps.attendance.models import Contact, Leave
from apps.cases.models import (
    Assignment,
    CarePlan,
    Case,
    Climb,
    Handover,
    LegalStep,
    MonitoringNote,
    PlacementReview,
    Service,
    Visit,
)
from apps.cases.queries.duties import answering
from apps.core.medical import Reader
from apps.core.papers import Form, Heading, Paper, Table, Text
from apps.core.templatetags.zaixue import cn_date
from apps.reporting.letters.child_file import NONE, child_file
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries.whole import whole
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as back
from tests.factories import runs
from tests.factories.cases_duties import named

pytestmark = pytest.mark.django_db
BY = {"by_name": "甲", "by_title": "岗位"}
AGO = TODAY - timedelta(35)


def printed(case: Case, *, day: date = TODAY) -> Paper:
    """The file of a case as it stands."""
    return child_file(
        whole(Case.objects.select_related("child", "school", "school_class").get(pk=case.pk), today=day, reader=Reader(papers=True, leaves=True)),
        day=day,
    )


def sections(paper: Paper) -> dict[str, str]:
    """Heading -> all that stands under it, a row a line."""
    told: dict[str, list[str]] = {}
    now = told.setdefault("封面", [])
    for block in paper.body:
        match block:
            case Heading():
                now = told.setdefault(block.text.split("、", 1)[-1], [])
            case Text():
                now.append(block.text)
            case Form():
                now += ["|".join(row) for row in block.rows]
            case Table():
                now += ["|".join(row) for row in block.rows]
    return {title: "\n".join(lines) for title, lines in told.items()}


@pytest.fixture
def case(cast: Cast) -> Case:
    """Something in every part of every section."""
    made = runs.case(cast.child, state="persuading", opened_on=AGO, cause="work")
    at_school(made)
    reported(made)
    answered(cast, made)
    persuaded(made)
    returned(made)
    decided(made)
    return made


def at_school(case: Case) -> None:
    """Absent, marked, once on leave; the school asked the guardian."""
    child = case.child
    back.seated(child)
    back.absence(child, AGO, AGO + timedelta(4), ended_on=AGO + timedelta(7), end="present")
    back.called(child, [AGO, AGO + timedelta(1)], absent=[AGO])
    where = {name: getattr(child, name) for name in runs.PLACES} | {"child": child}
    Leave.objects.create(
        **where, number="舍小假〔2026〕7号", kind="sick", first_day=AGO + timedelta(8), last_day=AGO + timedelta(9), school_days=2, facts="发烧三十九度",
        state="approved", approver="principal", asked_at=NOW, asked_name="张小菊", asked_title="班主任", decided_at=NOW, decided_name="王建邦",
    )  # fmt: skip
    Contact.objects.create(
        **where, day=AGO, at=NOW, way="phone", result="reached", spoke_with="母亲", whereabouts="在昆明", text="说下周回来", written_at=NOW, by_name="张小菊",
        by_title="班主任",
    )  # fmt: skip


def reported(case: Case) -> None:
    """One report that was issued and answered, one that is a draft."""
    where = {name: getattr(case.child, name) for name in runs.PLACES} | {"child": case.child, "case": case, "drafted_at": NOW, "begun_on": AGO}
    issued = ThreeLineReport.objects.create(
        **where, first_day=AGO, last_day=AGO + timedelta(4), send_days=1, visit_days=3, verified_at=NOW, verified_name="王建邦", verified_title="校长",
        school_days=5, cause="work", cause_text="跟表哥走的", whereabouts="昆明官渡区工地", groups=["left_behind"],
    )  # fmt: skip
    sent = {"sent_at": NOW, "sent_name": "王建邦"}
    got = {"received_at": NOW, "received_name": "普光荣"}
    Line.objects.create(report=issued, kind="platform", state="sent", number="平台20261号", **sent)
    Line.objects.create(report=issued, kind="township", state="received", number="舍小报〔2026〕1号", **sent, **got)
    Line.objects.create(report=issued, kind="bureau", state="replied", number="舍小报〔2026〕2号", replied_at=NOW, reply="已安排入户", **sent, **got)


def answered(cast: Cast, case: Case) -> None:
    """Who answers, to whom it was handed, who was told that nothing was done."""
    named("gov_leader", "段区长", phone="13800000001", job="副区长", first_day=AGO)
    given = {
        "case": case,
        "level": "township",
        "region_code": cast.home.townships[0].code,
        "accept_by": TODAY,
        "given_at": NOW,
        "given_name": "局长甲",
    }
    sent_back = {"returned_at": NOW, "returned_name": "乙", "returned_text": "不是本镇户籍", "ended_at": NOW}
    Assignment.objects.create(**given, **sent_back)
    Assignment.objects.create(**given, accepted_at=NOW, accepted_name="普镇长")
    Climb.objects.create(case=case, level=3, since=AGO, days=14, told_on=TODAY)


def persuaded(case: Case) -> None:
    """A visit; a paper that was served, and one made void."""
    Visit.objects.create(
        case=case, entry=back.entry(case), day=TODAY, way="home", visitors="普光荣、李明", spoke_with="父亲", place="汤丹1村", text="父亲同意送回",
        outcome="promised", promised_on=TODAY + timedelta(3), is_local=True, written_at=NOW, **BY,
    )  # fmt: skip
    told = {"case": case, "paper": "persuade", "step": 1, "issued_on": TODAY, "issued_at": NOW, "issued_name": "普光荣", "entry": back.entry(case)}
    LegalStep.objects.create(**told, number="汤劝〔2026〕1号", stopped_on=TODAY, stopped_text="作废：姓名写错")
    step = LegalStep.objects.create(**told, number="汤劝〔2026〕2号", term_ends_on=TODAY + timedelta(14))
    Service.objects.create(
        step=step,
        entry=back.entry(case),
        way="left",
        served_on=TODAY,
        place="家中",
        received_by="吉克木呷",
        servers="李明",
        witness="张三",
        written_at=NOW,
        **BY,
    )


def returned(case: Case) -> None:
    """Registered, placed and reviewed, cared for, watched."""
    back.returned(case, on=TODAY - timedelta(5), by_name="登记员李")
    placed = back.placement(case, plan="每周谈心两次")
    PlacementReview.objects.create(placement=placed, entry=back.entry(case), day=TODAY, outcome="fits", text="能跟上", **BY)
    CarePlan.objects.create(
        case=case, entry=back.entry(case), teacher="马老师", groups=["left_behind", "lifted_out"], text="每天放学陪读", first_day=TODAY,
        review_on=TODAY + timedelta(30), **BY,
    )  # fmt: skip
    MonitoringNote.objects.create(
        case=case, entry=back.entry(case), day=TODAY, study="数学跟上了", mood="开朗", help_given="补课两次", school_days=5, present_days=4, written_at=NOW,
        by_name="马老师", by_title="班主任",
    )  # fmt: skip


def decided(case: Case) -> None:
    """A pause that was agreed to, a letter to another district, the form of closing."""
    back.proposal(case, "pause", "illness", text="住院手术", first_day=TODAY, until=TODAY + timedelta(5), verdict_text="同意暂停")
    Handover.objects.create(
        case=case, entry=back.entry(case), addressee="寻甸县教育体育局", number="东教函1号", sent_on=TODAY, reply_by=TODAY + timedelta(15), sent_name="段",
        sent_title="区", replied_on=TODAY, reply="已收悉",
    )  # fmt: skip
    back.entry(case, data={"closing": {"number": "区控辍销7号", "rows": [("区教育体育局意见", "同意销号")]}})


FACTS: dict[str, list[str]] = {
    "儿童与家庭": ["外出务工、务农", "杨父", "测试立案", "彝族"],
    "未到校情况与请假": ["立案以来班级点名 2 个上课日，全天到校 1 日。", "|5|", "缺勤", "舍小假〔2026〕7号|病假|", "|发烧三十九度|已批准"],
    "核实情况": [
        "|电话|母亲|已联系上|说下周回来；在昆明|张小菊", "由校长王建邦核实：去向：昆明官渡区工地；原因：外出务工（跟表哥走的）；特殊群体：留守。",
    ],
    "三线报告与签收": [
        "连续未到校 5 个上课日的报告：", "云南省政府救助平台|平台20261号|", "书面报告乡镇（街道）|舍小报〔2026〕1号|", "普光荣|—", "书面报告区教体局|舍小报〔2026〕2号|",
        "普光荣|已安排入户", "王建邦|",
    ],
    "双线责任人与交办": ["|段区长|副区长|13800000001", "未落实|—|—", "局长甲|—|不是本镇户籍", "普镇长|—", "|区教体局|自", "起 14 日无进展"],
    "家访与劝返": ["|普光荣、李明|父亲|父亲同意送回|", "汤丹1村"],
    "四步法文书与送达": ["汤劝〔2026〕2号", "留置送达，吉克木呷，家中，送达人李明，见证人张三", f"{cn_date(TODAY)}终止：作废：姓名写错"],
    "复学与分类安置": ["中心学校", "|登记员李|—", "|每周谈心两次", "合适，继续|能跟上|"],
    "关爱与跟踪": ["特殊群体：留守、脱贫户）：每天放学陪读", "|数学跟上了|开朗|补课两次|4/5|马老师"],
    "审批、移交与销号": ["住院手术", "同意暂停", "东教函1号|寻甸县教育体育局|", "|已收悉|", "区控辍销7号", "同意销号"],
}  # fmt: skip


def test_every_section_says_all_of_its_records(case: Case) -> None:
    told = sections(printed(case))
    missing = {(title, fact): told[title] for title, facts in FACTS.items() for fact in facts if fact not in told[title]}
    assert not missing
    assert not [title for title in FACTS if NONE in told[title]]


def test_a_section_without_records_says_so(cast: Cast) -> None:
    told = sections(printed(runs.case(cast.child)))
    assert {title for title, text in told.items() if text == NONE} == {
        "核实情况", "三线报告与签收", "家访与劝返", "四步法文书与送达", "复学与分类安置", "关爱与跟踪", "审批、移交与销号",
    }  # fmt: skip


def test_a_draft_says_the_days_counted_or_none(cast: Cast) -> None:
    case = runs.case(cast.child, opened_on=AGO)
    where = {name: getattr(case.child, name) for name in runs.PLACES} | {"child": case.child, "case": case, "drafted_at": NOW, "begun_on": AGO}
    made = ThreeLineReport.objects.create(**where, first_day=AGO, last_day=AGO + timedelta(4), send_days=1, visit_days=3)
    Line.objects.create(report=made, kind="platform")
    told = sections(printed(case))["三线报告与签收"]
    assert f"{cn_date(AGO)}至{cn_date(AGO + timedelta(4))}未到校的报告（尚未核实签发）：" in told and "连续未到校" not in told
    back.absence(case.child, AGO, AGO + timedelta(7))
    assert "连续未到校 6 个上课日的报告（尚未核实签发）：" in sections(printed(case))["三线报告与签收"]


def test_what_hangs_on_a_merged_case_is_in_the_file_of_the_other(cast: Cast, case: Case) -> None:
    other = runs.case(cast.child, state="merged", merged_into=case, opened_on=AGO - timedelta(9))
    stranger = runs.case(cast.strangers["class"])
    told: dict[str, Any] = {"day": TODAY, "way": "phone", "visitors": "甲", "outcome": "nobody", "is_local": True, "written_at": NOW, **BY}
    Visit.objects.create(case=other, entry=back.entry(other, text="并案前的记录"), text="并案前的通话", **told)
    Visit.objects.create(case=stranger, entry=back.entry(stranger, text="别人的记录"), text="别人的通话", **told)
    paper = sections(printed(case))
    assert "并案前的通话" in paper["家访与劝返"] and "并案前的记录" in paper["台账全文"]
    assert "别人的" not in paper["家访与劝返"] + paper["台账全文"]


def test_a_closed_case_names_the_people_of_its_last_day(cast: Cast) -> None:
    ended = TODAY - timedelta(20)
    named("gov_leader", "前区长", first_day=AGO, last_day=TODAY - timedelta(10))
    named("gov_leader", "现区长", first_day=TODAY - timedelta(9))
    closed, still = (
        runs.case(child, state=state, opened_on=AGO, state_since=ended)
        for child, state in zip(cast.home.children, ("closed", "persuading"), strict=False)
    )
    assert {one.name for one in answering([closed], day=TODAY)[closed.pk].values() if one} == {"现区长"}
    told = sections(printed(closed))["双线责任人与交办"]
    assert "|前区长|" in told and "现区长" not in told
    assert "|现区长|" in sections(printed(still))["双线责任人与交办"]
