"""The workbench of each role: what it shows, what it leaves out, how many questions it asks."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Post, User
from apps.accounts.roles import ROLES
from apps.attendance.actions.rolls import take_roll
from apps.cases.models import Assignment, Case
from apps.core import clock
from apps.core.templatetags.zaixue import cn_date
from apps.dashboards.views.workbench import card
from apps.reconciliation.models import ChildClass, Run, Signature
from apps.schools.models import PolicyValue
from tests.cast import NOW, TODAY, Cast
from tests.factories import registers, runs, school_day

pytestmark = pytest.mark.django_db
MOST_QUERIES = 32


def scene(cast: Cast, times: int = 1) -> None:
    """A finished run with findings, doubts and cases about the home child, and more of the same in the district."""
    run = runs.run()
    for child in cast.home.children[: 1 + times]:
        line = registers.entry(child, "enrollment")
        runs.child_class(child, of=run, second="suspected_dropout", third="unstable")
        runs.finding(child, of=run, klass="suspected_dropout", owner="principal")
        runs.finding(child, of=run, klass="not_returned", owner="registrar")
        runs.pair(line, registers.entry(child, "household"), of=run)
        runs.case(child)


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_every_role_has_a_workbench_with_few_questions(cast: Cast, role: str) -> None:
    scene(cast, 1)
    client = cast.client(role)
    client.get("/")  # what Django itself remembers
    with CaptureQueriesContext(connection) as few:
        page = client.get("/")
    assert page.status_code == 200
    scene_more = cast.home.children[4:7]
    for child in scene_more:
        runs.case(child)
        registers.upload("attending", of=registers.term(), state="staged", school_id=child.school_id)
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(few) == len(many) <= MOST_QUERIES


def following(cast: Cast, role: str) -> list[str]:
    """The names under what is due next, in order."""
    shown = cast.client(role).get("/").context["next"]
    return [one["name"] for one in shown["children"]] if shown else []


@pytest.mark.parametrize(
    ("role", "owner", "more"),
    [
        ("head_teacher", "head_teacher", {}), ("principal", "principal", {}), ("bureau", "bureau", {}), ("registrar", "registrar", {}),
        ("township", "township", {"region": True}), ("inspector", "township", {}), ("leader", "bureau", {"climbed": 2}),
        ("central_school", "head_teacher", {"climbed": 1}),
    ],
)  # fmt: skip
def test_what_is_due_next_stands_below_what_is_overdue(cast: Cast, role: str, owner: str, more: dict[str, Any]) -> None:
    late, far, near, other = (cast.child, *cast.home.children[1:4])
    columns = {"owner_role": owner, "climbed": more.get("climbed", 0)}
    if more.get("region"):
        columns["owner_region"] = cast.child.township_code
    same = {"school_id": cast.child.school_id, "school_class_id": cast.child.school_class_id, "township_code": cast.child.township_code}
    for child, days in ((late, -2), (far, 9), (near, 1)):
        Case.objects.filter(pk=runs.case(child, due_on=TODAY + timedelta(days), **columns).pk).update(**same)
    runs.case(other, due_on=TODAY + timedelta(1), owner_role="liaison")
    shown = following(cast, role)
    assert [name for name in shown if name in (far.name, near.name)] == [near.name, far.name]
    assert role == "inspector" or other.name not in shown, "another post's"
    page = cast.client(role).get("/")
    listed = cast.client(role).get("/cases/overdue/?which=next")
    assert page.context["next"]["number"] == listed.context["page"].paginator.count
    assert [row["case"].child.name for row in listed.context["rows"]][: len(shown)] == shown
    text = page.content.decode()
    assert "overdue" not in page.context or not page.context["overdue"] or text.index('id="overdue"') < text.index('id="next"')


def test_a_village_sees_what_was_handed_on_to_it_by_deadline(cast: Cast) -> None:
    child = cast.child
    case = runs.case(child, due_on=TODAY + timedelta(3), owner_role="township")
    assert following(cast, "village") == []
    told = {"given_at": NOW, "given_name": "某", "given_title": "某", "accept_by": TODAY + timedelta(1)}
    Assignment.objects.create(case=case, level="village", region_code=cast.actor("village").scope.village, **told)
    assert following(cast, "village") == [child.name]


def test_the_bureau_sees_the_goal_first(cast: Cast) -> None:
    """One definition on workbench and dashboard: cases of children out of school, the suspected beside them."""
    scene(cast, 3)
    ChildClass.objects.update(group_kind="unstable")
    Case.objects.filter(child=cast.child).update(state="persuading")
    for role in ("bureau", "inspector", "liaison"):
        first = cast.client(role).get("/").context["figures"][0]
        assert (first["value"], first["tone"]) == (1, "bad") and "另有疑似 3 人" in first["note"]
        assert first["url"] == ("" if role == "liaison" else "/cases/?state=out&group=goal")
    bureau = cast.client("bureau")
    assert (
        bureau.get(reverse("dashboard")).context["goal"]["value"] == bureau.get("/cases/?state=out&group=goal").context["page"].paginator.count == 1
    )
    assert "疑似" in bureau.get("/third/").context["kinds"][0]["label"]


def test_the_goal_leaves_medical_inability_aside(cast: Cast) -> None:
    run = runs.run()
    runs.child_class(cast.child, of=run, first="medically_unable", second="suspected_dropout", third="lifted_out")
    runs.child_class(cast.home.children[1], of=run, first="never_enrolled", third="general")
    ChildClass.objects.filter(child=cast.child).update(group_kind="lifted_out")
    runs.case(cast.child, state="exempt")
    runs.case(cast.home.children[1], state="confirmed")
    assert cast.client("bureau").get("/").context["figures"][0]["value"] == 0


def test_findings_counted_are_those_the_role_settles(cast: Cast) -> None:
    scene(cast, 0)
    counted = {
        role: cast.client(role).get("/").context["found"].findings for role in ("registrar", "principal", "central_school", "bureau", "head_teacher")
    }
    assert counted == {"registrar": 1, "principal": 2, "central_school": 0, "bureau": 0, "head_teacher": 2}


def test_a_number_and_the_list_behind_it_agree(cast: Cast) -> None:
    scene(cast, 1)
    for role in ("registrar", "principal", "bureau"):
        client = cast.client(role)
        for figure in client.get("/").context["figures"]:
            listed = client.get(figure["url"]).context["page"].paginator.count
            assert listed == figure["value"], (role, figure["label"])


def test_nothing_of_the_neighbour_is_counted(cast: Cast) -> None:
    run = runs.run(district="530199")
    for child in cast.neighbour.children:
        runs.child_class(child, of=run, third="unstable")
        runs.finding(child, of=run)
        runs.case(child)
    found = cast.client("bureau").get("/").context["found"]
    assert (found.newest, found.findings, found.cases) == (None, None, {})


def test_a_school_hears_which_register_is_missing(cast: Cast) -> None:
    term = registers.term()
    registers.upload("enrollment", of=term, counts={"units": [cast.home.schools[0].pk]})
    found = cast.client("registrar").get("/").context["found"]
    assert found.not_handed_in == ["实际在校"]
    page = cast.client("liaison").get("/").content.decode()
    assert "本学期的脱贫户与三类监测名册还没有提交" in page


def test_uploads_of_others_do_not_wait_for_me(cast: Cast) -> None:
    registers.upload("attending", of=registers.term(), state="staged", school_id=cast.home.schools[0].pk)
    assert cast.client("registrar").get("/").context["found"].uploads == {"staged": 1}
    registers.upload("attending", of=registers.term(), state="refused", school_id=cast.home.schools[1].pk)
    assert cast.client("registrar").get("/").context["found"].uploads == {"staged": 1}


def test_a_file_waits_only_for_those_who_hand_in_its_kind(cast: Cast) -> None:
    registers.upload("attending", of=registers.term(), state="staged", school_id=cast.home.schools[0].pk)
    waiting = {role: cast.client(role).get("/").context["found"].uploads for role in ("registrar", "bureau", "township", "principal", "inspector")}
    assert waiting == {"registrar": {"staged": 1}, "bureau": {"staged": 1}, "township": {}, "principal": {}, "inspector": {}}


def test_an_unconfirmed_calendar_is_said(cast: Cast) -> None:
    registers.term()
    assert "校历待确认" in cast.client("registrar").get("/").content.decode()


@pytest.mark.parametrize("url", ["/", "/registers/"])
def test_a_term_that_is_over_is_said_with_who_sets_up_the_next(cast: Cast, settings: Any, url: str) -> None:
    over, client = registers.term(), cast.client("registrar")
    settings.PINNED_TODAY = over.last_day
    assert "今天不在任何学期内" not in client.get(url).content.decode()
    settings.PINNED_TODAY = over.last_day + timedelta(1)
    told = client.get(url).content.decode()
    assert f"{over.label}已于{cn_date(over.last_day)}结束" in told and "请系统管理员在“管理”的“学期”中建立" in told
    registers.term(code="2026-2027-2")
    assert "今天不在任何学期内" not in client.get(url).content.decode()  # holidays


@pytest.mark.parametrize("url", ["/", "/admin/"])
def test_the_administrator_is_led_to_the_missing_term(cast: Cast, settings: Any, url: str) -> None:
    over, client = registers.term(), cast.client("administrator")
    settings.PINNED_TODAY = over.last_day
    assert "今天不在任何学期内" not in client.get(url).content.decode()
    settings.PINNED_TODAY = date(2030, 5, 1)
    told = client.get(url).content.decode()
    assert "今天不在任何学期内" in told and f'href="{reverse("admin:schools_term_add")}"' in told


def test_a_run_waits_for_my_signature_until_it_is_there(cast: Cast) -> None:
    run = runs.run()
    client = cast.client("principal")
    assert f"/runs/{run.pk}/sign/" in client.get("/").content.decode()
    post = cast.post("principal")
    Signature.objects.create(
        run=run, level="school", place_code=post.school_id, place_name="x", signed_by=post.user, signed_title="x", signed_at=run.finished_at
    )
    assert f"/runs/{run.pk}/sign/" not in client.get("/").content.decode()


def test_each_task_says_how_many_days_are_left(cast: Cast) -> None:
    scene(cast)
    registers.upload("enrollment", of=registers.term(), counts={"units": [cast.home.schools[0].pk]})
    page = cast.client("registrar").get("/")
    today, term, run = clock.today(), registers.term(), Run.objects.get()
    left = {task["action"]: task.get("days") for task in page.context["tasks"]}
    assert left["上传"] == (term.first_day - today).days + 6  # the first week of the term
    assert left["处理"] == (run.as_of - today).days + 7
    signing = {task["action"]: task["days"] for task in cast.client("principal").get("/").context["tasks"] if "days" in task}
    assert signing["签认"] == (run.as_of - today).days + 14
    assert "还剩" in page.content.decode() or "超 " in page.content.decode()


def test_a_district_sets_its_own_deadlines(cast: Cast) -> None:
    scene(cast)
    PolicyValue.objects.create(district_code="530113", key="settle_findings_days", value=20, effective_from=date(2026, 1, 1))
    tasks = cast.client("registrar").get("/").context["tasks"]
    assert next(task["days"] for task in tasks if task["action"] == "处理") == (Run.objects.get().as_of - clock.today()).days + 20


def test_what_a_signature_closed_waits_no_more(cast: Cast) -> None:
    scene(cast)
    post, run = cast.post("principal"), Run.objects.get()
    Signature.objects.create(
        run=run, level="school", place_code=post.school_id, place_name="x", signed_by=post.user, signed_title="x", signed_at=run.finished_at
    )
    page = cast.client("registrar").get("/")
    assert "处理" not in [task["action"] for task in page.context["tasks"]]
    assert "留待下次比对处理" in page.content.decode()


def test_the_numbers_a_leader_asks_for_open_their_lists(cast: Cast) -> None:
    scene(cast, 1)
    client = cast.client("bureau")
    page = client.get("/")
    numbers = [one for one in page.context["headline"] if one["value"] != "0"]
    assert {one["label"] for one in numbers} == {"东川户籍适龄", "疑似辍学"}
    for one in numbers:
        assert client.get(one["url"]).context["page"].paginator.count == int(one["value"])
    tiles = page.context["tiles"]
    assert sum(tile["value"] for tile in tiles) == 2
    for tile in tiles:
        assert client.get(tile["url"]).context["page"].paginator.count == tile["value"]
    assert not cast.client("principal").get("/").context["headline"]


def test_the_village_is_one_tap_from_its_report(cast: Cast) -> None:
    assert '<a class="button main" href="/registers/report/">报告一名儿童</a>' in cast.client("village").get("/").content.decode()


def test_the_administrator_sees_no_children(cast: Cast) -> None:
    scene(cast, 3)
    page = cast.client("administrator").get("/").content.decode()
    assert "在任岗位" in page
    assert "查找学生" not in page
    assert all(child.name not in page for child in cast.home.children)


def test_a_roll_call_that_is_missing_comes_first(cast: Cast, settings: Any) -> None:
    settings.PINNED_TODAY = TODAY
    registers.term()
    for child in cast.home.children[:3]:
        school_day.seat(child)
    told = {role: cast.client(role).get("/").context["tasks"] for role in ("head_teacher", "subject_teacher", "principal", "township", "bureau")}
    rooms = cast.home.classes
    assert told["head_teacher"][0]["label"] == told["subject_teacher"][0]["label"] == f"{rooms[0]}今天还没有点名"
    assert told["principal"][0]["label"] == "今天还没有点名 2 个班" and str(rooms[1]) in told["principal"][0]["note"]
    assert told["township"][0]["label"] == "今天还没有点名 3 个班" and rooms[2].school.name in told["township"][0]["note"]
    assert not [task for task in told["bureau"] if task["url"] == "/roll/"], "a district has the board"
    take_roll(room=rooms[0], day=TODAY, marks=[], seen=0, by=cast.actor("head_teacher"), now=NOW)
    assert not [task for task in cast.client("head_teacher").get("/").context["tasks"] if task["url"] == "/roll/"]


def test_thousands_stand_apart(cast: Cast) -> None:
    assert card("待处理问题", 2219, "个", "finding_list", "warn", "")["said"] == "2,219"


def test_a_run_at_work_is_what_the_bureau_watches(cast: Cast) -> None:
    run = runs.run(state="running", phase="classify")
    page = cast.client("bureau").get("/")
    assert page.context["second"] == ("看进度", f"/runs/{run.pk}/") and "第一次比对正在进行" in page.content.decode()


def test_what_waits_for_a_signature_opens_exactly_its_list(cast: Cast) -> None:
    runs.case(cast.child, state="suspected", task="decide_confirm", owner_role="bureau")
    client, listed = cast.client("bureau"), f"{reverse('case_list')}?owner=bureau&decide=on"
    shown = client.get(reverse("workbench")).content.decode()
    assert "等您审定的个案 1 件" in shown and listed.replace("&", "&amp;") in shown
    assert cast.child.name in client.get(listed).content.decode()
    assert "等您审定的个案" not in cast.client("principal").get(reverse("workbench")).content.decode()
    Case.objects.update(task="assign")
    assert cast.child.name not in client.get(listed).content.decode()


def test_the_office_counts_what_its_links_list(cast: Cast) -> None:
    """People in use and switched off, posts in force and those that end: each number opens as many rows."""
    ending, gone = cast.home.posts["head_teacher"], cast.home.posts["registrar"]
    Post.objects.filter(pk=ending.pk).update(ends_on=TODAY + timedelta(days=20))
    Post.objects.filter(pk=gone.pk).update(ends_on=TODAY - timedelta(days=1))
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    admin = cast.client("administrator")
    body = admin.get("/").content.decode()
    numbers = dict(re.findall(r'href="(/admin/accounts/[^"]+)" aria-label="\S+ (\d+)', body))
    assert len(numbers) == 4
    for url, number in numbers.items():
        assert admin.get(html.unescape(url)).context["cl"].result_count == int(number), url
