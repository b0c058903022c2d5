"""The dashboard: every number is the length of the list behind it, at every scope, in a fixed number of questions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from apps.attendance.models import RollCall
from apps.cases.models import Case, CaseEntry
from apps.cases.workflow import State
from apps.reconciliation.models import Run, Signature
from apps.reporting.models import Line, ThreeLineReport
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import runs, school_day
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
ROLES = ["bureau", "leader", "inspector", "township", "central_school", "principal", "registrar"]


def moved(case: Case, target: str, *, days_ago: int, source: str = "") -> None:
    """The case came into a state some days ago."""
    day = TODAY - timedelta(days_ago)
    CaseEntry.objects.create(
        case=case, kind="moved", source=source, target=target, text=target, happened_on=day, written_at=NOW, by_name="甲", by_title="区"
    )


@pytest.fixture
def district(cast: Cast) -> Cast:
    """Cases of every kind in all places, a comparison that knows two poor households."""
    term("530113")
    told = [
        ("suspected", -1, 0), ("confirmed", -9, 1), ("persuading", 0, 9), ("persuading", 3, 20), ("returned", 30, 0), ("monitoring", None, 2),
        ("cleared", None, 0), ("reopened", -8, 0),
    ]  # fmt: skip
    run = runs.run()
    for n, (child, (state, due, ago)) in enumerate(zip(cast.home.children, told, strict=True)):
        case = runs.case(child, state=state, due_on=None if due is None else TODAY + timedelta(due), climbed=2 if due == -9 else 0)
        moved(case, "suspected", days_ago=ago + 1)
        moved(case, state, days_ago=ago)
        runs.child_class(child, of=run, group_kind="lifted_out" if n in (1, 6) else "")
    found_and_signed(cast, run)
    rolls(cast)
    reports(cast)
    return cast


def found_and_signed(cast: Cast, run: Run) -> None:
    """Three findings, one of them settled; a school of each township, and the first township, signed."""
    by = cast.post("registrar").user
    runs.finding(cast.child, of=run)
    runs.finding(cast.strangers["township"], of=run)
    runs.finding(cast.strangers["school"], of=run, state="settled", outcome="attending", settled_by=by, settled_at=NOW, settled_title="学籍管理员")
    places = [("school", cast.home.schools[0].code), ("school", cast.home.schools[2].code), ("township", cast.home.townships[0].code)]
    for level, code in places:
        Signature.objects.create(run=run, level=level, place_code=code, place_name=code, signed_by=by, signed_title="岗位", signed_at=NOW)


def rolls(cast: Cast) -> None:
    """Six classes have school: two were called in time, one too late, three not at all."""
    for child in cast.home.children[:6]:
        school_day.seat(child)
    for room, late in ((cast.home.classes[0], True), (cast.home.classes[2], False), (cast.home.classes[4], False)):
        RollCall.objects.create(school_class=room, school=room.school, district_code=HOME, day=TODAY, expected=1, is_late=late, taken_at=NOW)


def reports(cast: Cast) -> None:
    """Five reports of the term: three complete after 2, 6 and 7 days, one with a draft, one not entered; and one of the term before."""
    kinds = ("platform", "township", "bureau")
    told = [(10, 8, "sent"), (10, 4, "replied"), (9, 2, "received"), (5, 1, "draft"), (5, 1, "ready"), (200, 190, "sent")]
    for child, (begun, last, state) in zip(cast.home.children, told, strict=False):
        day = TODAY - timedelta(begun)
        case = Case.objects.get(child=child)
        where = runs.places(child) | {"child": child, "case": case, "drafted_at": NOW, "begun_on": day, "first_day": day, "last_day": day}
        made = ThreeLineReport.objects.create(**where, send_days=1, visit_days=3)
        for kind in kinds:
            mine = state if kind == "bureau" else "sent"
            at = NOW - timedelta(last if kind == "bureau" else begun)
            Line.objects.create(report=made, kind=kind, state=mine, **line_fields(mine, at))


def line_fields(state: str, at: datetime) -> dict[str, Any]:
    """What a line in a state must carry."""
    told: dict[str, Any] = {} if state in ("draft", "ready") else {"sent_at": at, "sent_name": "甲", "number": "1号"}
    told |= {"received_at": at, "received_name": "乙"} if state in ("received", "replied") else {}
    return told | ({"replied_at": at, "reply": "已劝返"} if state == "replied" else {})


def numbers(page: Any) -> list[tuple[str, int, str]]:
    """(what, number, address) of every number on the page; the address is '' where the post may not see the list."""
    told = page.context
    found = [("goal", told["goal"]["number"], told["goal"]["url"])]
    found += [(name, told["rate"][name]["value"], told["rate"][name]["url"]) for name in ("back", "out")]
    found += [(one["label"], one["value"], one["url"]) for one in [*told["states"], *told["clocks"], *told["tiles"], *told["climbed"]]]
    named = [(what, told[what]) for what in ("rolls", "lines", "runs") if told[what]]
    found += [(f"{what} {name}", one["value"], one["url"]) for what, group in named for name, one in group.items() if isinstance(one, dict)]
    return found + [(f"{row['label']} {one['span']}", one["value"], one["url"]) for row in told["flows"] for one in row["numbers"]]


def length(client: Any, url: str) -> int:
    """How many a list counts."""
    told = client.get(url).context
    return len(told["sheets"]) if "signed" in url else int(told["page"].paginator.count)


@pytest.mark.parametrize("role", ROLES)
def test_every_number_opens_a_list_of_that_length(district: Cast, role: str) -> None:
    client = district.client(role)
    page = client.get("/dashboard/")
    assert page.status_code == 200
    links = re.findall(r'href="([^"]+)"', page.content.decode())
    for what, number, url in numbers(page):
        if not url:
            assert role == "leader" and what.split()[0] in ("rolls", "lines", "runs"), "a leader sees cases alone"
            continue
        assert length(client, url) == number, (what, url)
        assert escape(url) in links, (what, "is not on the page")
    clocks = {one["label"]: one["value"] for one in page.context["clocks"]}
    assert sum(clocks.values()) == sum(one["value"] for one in page.context["states"])  # every open case has exactly one clock


def test_what_the_bureau_is_told(district: Cast) -> None:
    page = district.client("bureau").get("/dashboard/")
    told = {what: number for what, number, _ in numbers(page)}
    assert told["goal"] == 1  # the other child of a poor household was cleared
    assert told["超期一周以上"] == 2
    assert (told["新增疑似 今日"], told["新增疑似 本学期"]) == (1, 8)
    assert (told["认定辍学 今日"], told["劝返 今日"], told["劝返 本学期"]) == (1, 1, 1)
    assert page.context["found"].return_rate == 100 * 1 / 5
    assert [one["value"] for one in page.context["tiles"]] == [4, 3]  # one of the second township was cleared
    assert page.context["twice"] == 0
    text = page.content.decode()
    assert told["中心学校、乡镇（街道）"] == 1
    assert "<svg" in text
    assert district.client("principal").get("/dashboard/").context["tiles"] == []


def test_exact_figures_of_rolls_lines_and_comparison(district: Cast) -> None:
    page = district.client("bureau").get("/dashboard/")
    told = {what: number for what, number, _ in numbers(page)}
    assert [told[f"rolls {name}"] for name in ("part", "whole", "late", "open")] == [2, 6, 1, 3]
    assert (told["lines part"], told["lines whole"], page.context["lines"]["median"]) == (3, 5, "6")
    assert (told["runs part"], told["runs whole"], told["runs signed"]) == (1, 3, 3)
    school = {what: number for what, number, _ in numbers(district.client("principal").get("/dashboard/"))}
    assert [school[f"rolls {name}"] for name in ("part", "whole", "late", "open")] == [0, 2, 1, 1]
    assert (school["runs part"], school["runs whole"], school["runs signed"]) == (0, 1, 1), "those of others are not its own"


def test_who_came_back_and_left_again_is_not_returned(cast: Cast) -> None:
    term("530113")
    gone, stayed, closed = (
        runs.case(child, state=state) for child, state in zip(cast.home.children, ("reopened", "monitoring", "closed"), strict=False)
    )
    for case in (gone, stayed, closed):
        moved(case, "returned", days_ago=9)
    moved(gone, "reopened", days_ago=2)
    page = cast.client("bureau").get("/dashboard/")
    assert (page.context["rate"]["back"]["value"], page.context["rate"]["out"]["value"]) == (2, 1)
    assert page.context["rate"]["value"] == pytest.approx(100 * 2 / 3)
    Case.objects.exclude(pk=gone.pk).update(state="confirmed")
    assert cast.client("bureau").get("/dashboard/").context["rate"]["value"] == 0


def test_who_is_placed_after_it_came_back_came_back_once(cast: Cast) -> None:
    """On the day it came back, and once in the list behind the number; who is placed straight from persuasion comes back by that."""
    term("530113")
    back, apart = (runs.case(child, state="monitoring") for child in cast.home.children[:2])
    moved(back, "returned", days_ago=9, source="persuading")
    moved(back, "placed", days_ago=0, source="returned")
    moved(apart, "placed", days_ago=0, source="persuading")
    bureau = cast.client("bureau")
    found = bureau.get("/dashboard/").context["found"]
    assert [found.flows[span]["back"] for span in ("today", "week", "term")] == [1, 1, 2]
    assert sum(found.trend["back"]) == 2
    page = bureau.get("/dashboard/")
    for line in page.context["series"]:
        for value, url in zip(line.values, line.urls, strict=True):
            assert escape(url) in page.content.decode()
            assert not value or bureau.get(url).context["page"].paginator.count == value, url
    listed = bureau.get(f"/cases/?state=all&moved=back&since={TODAY}&until={TODAY}").context["page"]
    assert [case.pk for case in listed] == [apart.pk]


def test_the_goal_is_not_judged_before_a_comparison(cast: Cast) -> None:
    term("530113")
    runs.case(cast.child, state="confirmed")
    page = cast.client("bureau").get("/dashboard/")
    goal = page.context["goal"]
    assert (goal["value"], goal["tone"], goal["url"], goal["note"]) == ("—", "", "", "尚未比对，无法判断")
    assert "尚未比对，无法判断" in page.content.decode()
    runs.run()
    assert cast.client("bureau").get("/dashboard/").context["goal"]["tone"] == "ok"


def test_nobody_sees_the_dashboard_of_others(district: Cast) -> None:
    for role in ("head_teacher", "village", "liaison", "administrator"):
        assert district.client(role).get("/dashboard/").status_code == 404
    runs.case(district.strangers["district"])
    bureau = district.client("bureau").get("/dashboard/")
    assert sum(one["value"] for one in bureau.context["states"]) == 7


def test_few_questions_whatever_is_open(cast: Cast) -> None:
    term("530113")
    client = cast.client("bureau")
    with CaptureQueriesContext(connection) as few:
        client.get("/dashboard/")
    for child in cast.home.children:
        moved(runs.case(child, state=State.CONFIRMED.value), "confirmed", days_ago=1)
    with CaptureQueriesContext(connection) as many:
        client.get("/dashboard/")
    assert len(few) == len(many) <= 26


def test_a_case_of_two_townships_is_said_to_count_twice(cast: Cast) -> None:
    case = runs.case(cast.child)
    Case.objects.filter(pk=case.pk).update(township_code=cast.home.townships[1].pk)
    page = cast.client("bureau").get("/dashboard/")
    assert sum(one["value"] for one in page.context["tiles"]) == 2
    assert "两边各计一件：1 件如此" in page.content.decode()
