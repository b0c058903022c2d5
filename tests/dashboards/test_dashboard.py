"""The dashboard: every number is the length of the list behind it, at every scope, in a fixed number of questions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.models import Case, CaseEntry
from apps.cases.workflow import State
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
ROLES = ["bureau", "leader", "inspector", "township", "central_school", "principal", "registrar"]


def moved(case: Case, target: str, *, days_ago: int) -> None:
    """The case came into a state some days ago."""
    day = TODAY - timedelta(days_ago)
    CaseEntry.objects.create(case=case, kind="moved", target=target, text=target, happened_on=day, written_at=NOW, by_name="甲", by_title="区")


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
    runs.finding(cast.child, of=run)
    return cast


def numbers(page: Any) -> list[tuple[str, int, str]]:
    """(what, number, address) of every number of cases on the page."""
    told = page.context
    found = [("goal", told["goal"]["value"], told["goal"]["url"])]
    found += [(one["label"], one["value"], one["url"]) for one in [*told["states"], *told["clocks"], *told["tiles"]]]
    return found + [(f"{row['label']} {one['span']}", one["value"], one["url"]) for row in told["flows"] for one in row["numbers"]]


@pytest.mark.parametrize("role", ROLES)
def test_every_number_opens_a_list_of_that_length(district: Cast, role: str) -> None:
    client = district.client(role)
    page = client.get("/dashboard/")
    assert page.status_code == 200
    for what, number, url in numbers(page):
        assert client.get(url).context["page"].paginator.count == number, (what, url)
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
    assert "中心学校、乡镇（街道） 1 件" in text
    assert "<svg" in text
    assert district.client("principal").get("/dashboard/").context["tiles"] == []


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
