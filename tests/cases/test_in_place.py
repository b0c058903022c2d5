"""四早、六到位: the truth table of each line, and the lists of a case that was played, on its page and in its file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.cases.actions import clocks
from apps.cases.models import Case, DutyLetter, Guarantor
from apps.cases.queries.facts import book
from apps.cases.queries.in_place import seen
from apps.cases.rules.in_place import EARLY, IN_PLACE, Seen, early, in_place
from apps.core.papers import Table
from apps.reporting.letters.child_file import child_file
from apps.reporting.queries.whole import whole
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers, runs
from tests.factories.cases_duties import fresh, twelve

D = date(2026, 11, 23)
DAY = timedelta(1)
GOOD = Seen(
    today=D, begun=D, found_by=D, visit_by=D + 3 * DAY, origin="连续未到校", lines_by=D + DAY, lines_on=D + DAY, visited_on=D + 3 * DAY, spoken_on=D,
    posts=12, letters=(("汤丹镇中心学校", D), ("汤丹镇", D)), measures=(("查清去向或原因", D),), task="下次家访劝返", due_on=D, progress_on=D,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "label", "done", "note"),
    [
        ({}, "早清查", True, "2026年11月23日立案"),
        ({"found_by": D - 4 * DAY}, "早清查", False, "2026年11月23日立案，应在2026年11月19日以前，晚 4 日"),
        ({}, "早汇报", True, "2026年11月24日三线 3/3"),
        ({"lines_on": D + 2 * DAY}, "早汇报", False, "2026年11月25日三线 3/3，应在2026年11月24日以前，晚 1 日"),
        ({"lines_on": None}, "早汇报", False, "还没有三线 3/3，不晚于2026年11月24日"),
        ({"lines_on": None, "today": D + 2 * DAY}, "早汇报", False, "还没有三线 3/3，应在2026年11月24日以前"),
        ({"lines_by": None, "origin": "村级报告"}, "早汇报", True, "2026年11月23日村级报告，当日列入区教体局台账"),
        ({}, "早家访", True, "2026年11月26日首次入户或当面"),
        ({"visited_on": D + 4 * DAY}, "早家访", False, "2026年11月27日首次入户或当面，应在2026年11月26日以前，晚 1 日"),
        ({"visited_on": None}, "早家访", False, "还没有首次入户或当面，不晚于2026年11月26日"),
        ({}, "早劝学", True, "2026年11月23日首次劝学"),
        ({"spoken_on": None, "today": D + 9 * DAY}, "早劝学", False, "还没有首次劝学，应在2026年11月26日以前"),
        ({}, "领导到位", True, "区、乡镇（街道）责任人已落实"),
        ({"missing": ("区分管领导",), "missing_leaders": ("区分管领导",)}, "领导到位", False, "缺区分管领导"),
        ({"posts": 0}, "领导到位", False, "本区还没有双线岗位"),
        ({}, "人员到位", True, "12/12"),
        ({"missing": ("班主任", "村民小组长")}, "人员到位", False, "10/12，缺班主任、村民小组长"),
        ({"missing": ("班主任",)}, "领导到位", True, "区、乡镇（街道）责任人已落实"),
        ({"posts": 0}, "人员到位", False, "0/0"),
        ({}, "责任到位", True, "汤丹镇中心学校2026年11月23日签订；汤丹镇2026年11月23日签订"),
        ({"letters": (("汤丹镇", None),)}, "责任到位", False, "汤丹镇本年度还没有签订包保责任书"),
        ({"letters": (("甲校", D), ("汤丹镇", None))}, "责任到位", False, "甲校2026年11月23日签订；汤丹镇本年度还没有签订包保责任书"),
        ({"letters": ()}, "责任到位", False, "没有学校，也没有乡镇（街道）"),
        ({}, "措施到位", True, "2026年11月23日查清去向或原因"),
        ({"measures": ()}, "措施到位", False, "还没有查清去向、文书、安置方案或其他措施"),
        ({}, "时间到位", True, "“下次家访劝返”2026年11月23日以前"),
        ({"due_on": D - DAY}, "时间到位", False, "“下次家访劝返”2026年11月22日以前，已超期 1 日"),
        ({"due_on": D - DAY, "is_open": False}, "时间到位", True, "已办结"),
        ({}, "执行到位", True, "最近进展2026年11月23日"),
        ({"told": "校长"}, "执行到位", False, "最近进展2026年11月23日，因无进展已报校长"),
        ({"told": "校长", "is_open": False}, "执行到位", True, "最近进展2026年11月23日"),
        ({"progress_on": None}, "执行到位", False, "立案以来还没有进展"),
    ],
)
def test_every_line_says_its_date_or_what_is_missing(changed: dict[str, Any], label: str, done: bool, note: str) -> None:
    told = replace(GOOD, **changed)
    found = {one.label: (one.done, one.note) for one in (*early(told), *in_place(told))}
    assert tuple(found) == EARLY + IN_PLACE
    assert found[label] == (done, note)


@pytest.fixture
def case(cast: Cast) -> Case:
    """Lost for three school days on Thursday, found on Friday; spoken to at the door on Monday; two lines out, people named but one, one letter."""
    registers.term()
    make.seated(cast.child)
    made = runs.case(cast.child, origin="absence", opened_on=TODAY - 3 * DAY, lines_from=TODAY - 3 * DAY)
    make.entry(made, kind="opened", target="suspected", happened_on=made.opened_on,
               data={"absence": "out", "first_day": "2026-11-17", "suspected_on": "2026-11-19"})  # fmt: skip
    make.seen(made, "guardian", day=TODAY)
    twelve(cast)
    Guarantor.objects.filter(duty__code="gov_leader").delete()
    DutyLetter.objects.create(
        district_code=HOME, school=made.school, year=2026, number="责1", upper="甲", upper_name="甲", lower="乙", lower_name="乙", made_at=NOW,
        signed_on=TODAY - 60 * DAY, stored_name="x", by_name="甲", by_title="乙",
    )  # fmt: skip
    clocks.refresh(cases=[made.pk], today=TODAY)
    return fresh(made)


SAID = (
    (False, "早清查", "2026年11月20日立案，应在2026年11月19日以前，晚 1 日"), (False, "早汇报", "还没有三线 3/3，不晚于2026年11月23日"),
    (True, "早家访", "2026年11月23日首次入户或当面"), (True, "早劝学", "2026年11月23日首次劝学"), (False, "领导到位", "缺区分管领导"),
    (False, "人员到位", "11/12，缺区分管领导"), (False, "责任到位", "2026年9月24日签订；汤丹镇本年度还没有签订包保责任书"), (True, "措施到位", "2026年11月23日查清去向或原因"),
    (True, "时间到位", "“核实签发三线报告”2026年11月23日以前"), (False, "执行到位", "立案以来还没有进展"),
)  # fmt: skip


def test_the_lists_of_a_case_on_its_page_and_in_its_file(cast: Cast, case: Case) -> None:
    page = cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    part = page[page.index('id="in-place"') :]
    paper = child_file(whole(case, today=TODAY), day=TODAY)
    (printed,) = [block.rows for block in paper.body if isinstance(block, Table) and block.head[0] == "四早、六到位"]
    assert len(printed) == len(SAID)
    for (done, label, note), row in zip(SAID, printed, strict=True):
        assert (row[0], row[1]) == (label, "做到" if done else "未做到") and row[2].endswith(note)
        line = part[part.rindex("<li", 0, part.index(label)) : part.index("</li>", part.index(label))]
        assert ('class="done"' in line) == done and note in line


def test_a_round_of_its_own_and_as_many_reads_for_a_longer_ledger(cast: Cast, case: Case) -> None:
    make.entry(case, kind="moved", target="reopened", happened_on=TODAY)
    Case.objects.filter(pk=case.pk).update(state="reopened", state_since=TODAY, repeats=1, lines_from=None)
    known = book([fresh(case)], today=TODAY)
    with CaptureQueriesContext(connection) as few:
        told = seen(fresh(case), known)
    assert (told.begun, told.found_by, told.lines_by, told.visited_on) == (TODAY, TODAY, None, TODAY)
    for n in range(5):
        make.seen(case, "nobody", day=TODAY - n * DAY)
    with CaptureQueriesContext(connection) as many:
        assert seen(fresh(case), known).spoken_on == TODAY
    assert len(few) == len(many)
