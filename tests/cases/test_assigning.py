"""交办: bureau → township → village; accepted, given back, handed on, taken back; one inbox; it ends with the case."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.actions import assigning
from apps.cases.actions.advancing import begin_persuading
from apps.cases.actions.clocks import refresh
from apps.cases.actions.duties import Named, Place, name_for_case, name_people, take_from_posts
from apps.cases.actions.moving import move
from apps.cases.actions.returning import name_school
from apps.cases.models import Assignment, Case, Proposal
from apps.cases.queries.places import free_posts
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.notices.models import Notice
from apps.reporting.queries.inbox import entries
from apps.schools.models import CalendarDay
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import lines, people, runs
from tests.factories.cases_duties import duty, fresh, moment, named, night, twelve
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
TOWN = "530113102"


def confirmed(cast: Cast, number: int = 0, **fields: Any) -> Case:
    return fresh(runs.case(cast.home.children[number], state="confirmed", opened_on=TODAY, is_never_enrolled=True, **fields))


def assigned(cast: Cast, number: int = 0) -> Case:
    """A case of a child whose people are named, with its township."""
    case = confirmed(cast, number)
    assigning.assign(case=case, township=TOWN, text="三日内入户", by=cast.actor("bureau"), now=NOW)
    return fresh(case)


def standing(case: Case, level: str = "township") -> Assignment:
    return Assignment.objects.select_related("case__child").get(case=case, level=level, ended_at=None)


def send(browser: Any, url: str, **form: Any) -> Any:
    return browser.post(url, {"_key": str(uuid.uuid4()), **form})


def test_a_case_moves_on_when_it_is_named_and_assigned(cast: Cast) -> None:
    twelve(cast)
    CalendarDay.objects.create(district_code=HOME, day=date(2026, 11, 24), is_school_day=False)
    case = assigned(cast)
    one = standing(case)
    assert case.standing == State.PERSUADING and one.accept_by == date(2026, 11, 26), "two working days, the holiday between them is none"
    assert (case.task, case.owner_role, case.owner_region, case.due_on) == ("accept", "township", TOWN, date(2026, 11, 26))
    (told,) = Notice.objects.filter(topic="assignment")
    assert (told.role, told.region_code) == ("township", TOWN) and "11月26日前签收" in told.sentence
    assert [entry.kind for entry in case.ledger.all()] == ["opened", "assigned", "moved"]


def test_assigned_before_people_are_named_it_moves_with_the_last_name(cast: Cast) -> None:
    twelve(cast)
    case = confirmed(cast)
    cadre = duty("gov_village")
    cadre.holders.all().delete()
    assigning.assign(case=case, township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    assert fresh(case).standing == State.CONFIRMED
    assert (fresh(case).task, fresh(case).owner_role, fresh(case).owner_region, fresh(case).due_on) == (
        "name_township", "township", TOWN, TODAY + timedelta(3)), "it is the township's names that are missing"  # fmt: skip
    cast.home.children[0].refresh_from_db()
    shown = cast.client("township").get(f"/cases/{case.pk}/").content.decode()
    assert "补齐乡镇、村级责任人姓名" in shown and "落实责任人，交办乡镇" not in shown
    assert "补齐乡镇、村级责任人姓名" in cast.client("bureau").get("/cases/").content.decode()
    with pytest.raises(Refused, match="双线责任人已落实到人"):
        assigning.begin(case=fresh(case), by=cast.actor("bureau"), now=NOW)
    by = cast.actor("township")
    name_for_case(case=fresh(case), people=[Named(cadre, "毕测")], by=by, now=NOW)
    assert assigning.begin_if_ready(case=fresh(case), by=by, now=NOW) and fresh(case).standing == State.PERSUADING


def test_it_moves_by_itself_where_the_last_name_is_not_the_townships(cast: Cast) -> None:
    """Named by the school on the case, known with the receiving school, or named at a village and found at night."""
    twelve(cast)
    case = confirmed(cast)
    Case.objects.filter(pk=case.pk).update(school=None, school_class=None)
    assigning.assign(case=fresh(case), township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    assert fresh(case).standing == State.CONFIRMED
    name_school(case=fresh(case), school=cast.home.schools[0], text="", by=cast.actor("township"), now=NOW)
    assert fresh(case).standing == State.PERSUADING and fresh(case).task == "accept"

    other = confirmed(cast, 1)
    teacher, village = duty("edu_teacher"), duty("gov_village")
    teacher.holders.all().delete()
    assigning.assign(case=other, township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    by = cast.actor("principal")
    name_for_case(case=fresh(other), people=[Named(teacher, "科测")], by=by, now=NOW)
    assert assigning.begin_if_ready(case=fresh(other), by=by, now=NOW) and fresh(other).standing == State.PERSUADING

    third = confirmed(cast, 2)
    Case.objects.filter(pk=third.pk).update(school=cast.home.schools[0], school_class=None)
    village.holders.all().delete()
    named("edu_teacher", "科测", school=cast.home.schools[0])
    assigning.assign(case=fresh(third), township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    assert begin_persuading(today=TODAY, now=NOW) == 0
    named("gov_village", "村测", region_code=cast.home.villages[0].code, first_day=TODAY)
    assert begin_persuading(today=TODAY, now=NOW) == 1 and fresh(third).standing == State.PERSUADING


def test_the_last_name_missing_is_asked_of_whose_it_is(cast: Cast) -> None:
    """The district's first, the township's next, the school's last; once all are named nothing is left to name."""
    twelve(cast)
    for code in ("gov_leader", "gov_village", "edu_teacher"):
        duty(code).holders.all().delete()
    case = confirmed(cast)
    assigning.assign(case=case, township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    steps = (
        ("gov_leader", "bureau", Place()),
        ("gov_village", "township", Place(region=case.village_code)),
        ("edu_teacher", "principal", Place(school=case.school)),
    )
    for code, role, place in steps:
        assert fresh(case).owner_role == role
        clock_of = fresh(case).due_on
        name_people(place=place, people=[Named(duty(code), "某测")], first_day=TODAY, by=cast.actor(role), now=NOW)
        refresh(cases=[case.pk], today=TODAY)
        assert code == "edu_teacher" or fresh(case).due_on == clock_of
    assert fresh(case).standing == State.PERSUADING


def test_who_holds_a_log_in_is_named_and_the_cases_move_at_once(cast: Cast) -> None:
    twelve(cast)
    duty("edu_principal").holders.all().delete()
    case = confirmed(cast)
    assigning.assign(case=case, township=TOWN, text="", by=cast.actor("bureau"), now=NOW)
    assert fresh(case).task == "name_school"
    take_from_posts(rows=free_posts(cast.actor("principal").scope, day=TODAY), by=cast.actor("principal"), now=NOW)
    assert fresh(case).standing == State.PERSUADING and case.ledger.last().by_name == "系统", "no headmaster begins it: it begins by itself"


def test_what_is_refused(cast: Cast) -> None:
    twelve(cast)
    case, bureau = confirmed(cast), cast.actor("bureau")
    for by, township in ((cast.actor("township"), TOWN), (bureau, "530113103"), (bureau, "530199101"), (bureau, "")):
        with pytest.raises(Refused):
            assigning.assign(case=case, township=township, text="", by=by, now=NOW)
    assigning.assign(case=case, township=TOWN, text="", by=bureau, now=NOW)
    with pytest.raises(Refused, match="已经交办"):
        assigning.assign(case=fresh(case), township=TOWN, text="", by=bureau, now=NOW)
    suspected = fresh(runs.case(cast.home.children[1]))
    with pytest.raises(Refused, match="不交办"):
        assigning.assign(case=suspected, township=TOWN, text="", by=bureau, now=NOW)


def test_township_and_village(cast: Cast) -> None:
    twelve(cast)
    case, town, village = assigned(cast), cast.actor("township"), cast.actor("village")
    with pytest.raises(Refused, match="请先签收"):
        assigning.delegate(case=case, village=case.village_code, text="", by=town, now=NOW)
    for stranger in ("village", "central_school", "bureau", "principal"):
        with pytest.raises(Refused):
            assigning.accept(assignment=standing(case), by=cast.actor(stranger), now=NOW)
    other = people.actor(people.post("township", region=cast.home.townships[1]))
    with pytest.raises(Refused):
        assigning.accept(assignment=standing(case), by=other, now=NOW)
    assigning.accept(assignment=standing(case), by=town, now=NOW)
    assert fresh(case).task == "visit" and not Notice.objects.standing().filter(topic="assignment").exists()
    with pytest.raises(Refused, match="已经签收"):
        assigning.accept(assignment=standing(case), by=town, now=NOW)
    with pytest.raises(Refused, match="户籍所在"):
        assigning.delegate(case=fresh(case), village=cast.home.villages[1].code, text="", by=town, now=NOW)
    assigning.delegate(case=fresh(case), village=case.village_code, text="今天入户", by=town, now=NOW)
    assert Notice.objects.standing().get(topic="assignment").role == "village"
    with pytest.raises(Refused, match="理由"):
        assigning.give_back(assignment=standing(case, "village"), text=" ", by=village, now=NOW)
    assigning.give_back(assignment=standing(case, "village"), text="全家外出", by=village, now=NOW)
    assert fresh(case).owner_region == TOWN and Assignment.objects.get(level="village").returned_text == "全家外出"
    assigning.delegate(case=fresh(case), village=case.village_code, text="", by=town, now=NOW)
    with pytest.raises(Refused, match="交办的单位"):
        assigning.take_back(assignment=standing(case, "village"), text="改派", by=village, now=NOW)
    assigning.take_back(assignment=standing(case, "village"), text="改派", by=town, now=NOW)
    assert not Assignment.objects.filter(level="village", ended_at=None).exists()


def test_given_back_it_is_the_bureaus_again_with_a_deadline_of_its_own(cast: Cast) -> None:
    twelve(cast)
    case = assigned(cast)
    later = moment(TODAY + timedelta(4))  # a Friday
    Assignment.objects.filter(case=case).update(accepted_at=NOW, accepted_name="甲")
    assigning.delegate(case=case, village=case.village_code, text="", by=cast.actor("township"), now=NOW)
    progress = fresh(case).progress_on
    assigning.give_back(assignment=standing(case), text="户口已迁出", by=cast.actor("township"), now=later)
    case = fresh(case)
    assert (case.standing, case.task, case.owner_role, case.due_on) == (State.PERSUADING, "assign", "bureau", TODAY + timedelta(9))
    assert not Assignment.objects.filter(ended_at=None).exists(), "what was handed on comes back with it"
    assert case.progress_on == progress, "to and fro is no progress"
    assigning.assign(case=case, township=TOWN, text="", by=cast.actor("bureau"), now=later)
    assigning.take_back(assignment=standing(case), text="改派", by=cast.actor("bureau"), now=later)
    assert fresh(case).task == "assign" and fresh(case).progress_on == progress


def test_to_and_fro_silences_nobody(cast: Cast) -> None:
    """Assigned and taken back every day: the ladder climbs as if nothing had happened."""
    twelve(cast)
    case = assigned(cast)
    for n in range(15):
        day = moment(TODAY + timedelta(n))
        if n % 2:
            assigning.assign(case=fresh(case), township=TOWN, text="", by=cast.actor("bureau"), now=day)
        else:
            assigning.take_back(assignment=standing(case), text="改派", by=cast.actor("bureau"), now=day)
        night(TODAY + timedelta(n))
    assert list(case.climbs.values_list("level", "days")) == [(1, 3), (2, 7), (3, 14), (4, 14)]


def test_an_assignment_ends_when_the_case_leaves(cast: Cast) -> None:
    twelve(cast)
    case = assigned(cast)
    entry = case.ledger.first()
    told = {
        "asked_at": NOW,
        "asked_role": "principal",
        "asked_name": "甲",
        "asked_title": "校长",
        "verdict": "agreed",
        "decided_at": NOW,
        "decided_name": "乙",
    }
    Proposal.objects.create(case=case, kind="close", basis="died", text="死亡", entry=entry, **told)
    move(case=fresh(case), target=State.CLOSED, by=cast.actor("bureau"), now=NOW)
    assert not Assignment.objects.filter(ended_at=None).exists() and fresh(case).task == ""


def test_the_page_of_a_case_says_who_is_missing_and_takes_the_assignment(cast: Cast) -> None:
    term()
    duty("gov_leader")
    case, bureau = confirmed(cast), cast.client("bureau")
    page = bureau.get(f"/cases/{case.pk}/").content.decode()
    assert "0/12 已落实" in page and "还缺：区分管领导、" in page and "交办给" in page
    assert send(bureau, f"/cases/{case.pk}/assign/", township=TOWN, text="入户").status_code == 302
    refused = send(bureau, f"/cases/{case.pk}/assign/", township=TOWN, text="再入户")
    assert refused.status_code == 422
    assert send(bureau, f"/cases/{case.pk}/people/", duty=duty("gov_leader").pk, name="段测").status_code == 302
    assert "1/12 已落实" in bureau.get(f"/cases/{case.pk}/").content.decode()
    assert send(bureau, f"/cases/{case.pk}/unassign/", text="改派").status_code == 302
    assert not Assignment.objects.filter(ended_at=None).exists()
    assert "交办给" not in cast.client("principal").get(f"/cases/{case.pk}/").content.decode(), "only who may send a form sees it"


def test_one_inbox_for_reports_and_assignments(cast: Cast) -> None:
    twelve(cast)
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)
    case = assigned(cast, 1)
    found = entries(cast.actor("township").scope, today=TODAY)
    assert [(one.case.pk, one.what) for one in found] == [(case.pk, "签收"), (report.case_id, "首次走访")], "the most urgent first"
    town = cast.client("township")
    page = town.get("/assignments/").content.decode()
    assert page.index(case.child.name) < page.index(cast.child.name) and "区里交办" in page and "tel:" in page
    sheet = town.get("/assignments/sheet/").content.decode()
    assert case.child.name in sheet and cast.child.name in sheet and "责测4" in sheet
    url = f"/assignments/case/{case.pk}/"
    assert "签收" in town.get(url).content.decode()
    assert send(town, f"{url}accept/").status_code == 302
    assert send(town, f"{url}return/").status_code == 422
    assert send(town, f"{url}delegate/", **{"delegate-village": case.village_code, "delegate-text": "入户"}).status_code == 302
    village = cast.client("village")
    assert case.child.name in village.get("/assignments/").content.decode()
    assert send(village, f"{url}accept/").status_code == 302 and standing(case, "village").accepted_at
    assert send(town, f"{url}recall/", **{"recall-text": "改派"}).status_code == 302
    assert village.get(url).status_code == 200 and "已经结束" in village.get(url).content.decode()
    other = people.client(people.post("township", region=cast.home.townships[1]))
    assert other.get(url).status_code == 404
    town.get("/assignments/")  # what was said of the last form is read
    with CaptureQueriesContext(connection) as few:
        town.get("/assignments/")
    assigned(cast, 3), lines.issued(cast.home.children[2], on=TODAY, by=people.actor(people.post("principal", school=cast.home.schools[1])), now=NOW)
    with CaptureQueriesContext(connection) as many:
        town.get("/assignments/")
    assert len(few) == len(many)


def test_what_is_overdue_is_the_first_thing_on_every_workbench(cast: Cast) -> None:
    term()
    twelve(cast)
    mine = runs.case(cast.child, opened_on=TODAY - timedelta(20))
    case = assigned(cast, 1)
    Assignment.objects.filter(case=case).update(accepted_at=NOW, accepted_name="甲")
    assigning.delegate(case=fresh(case), village=case.village_code, text="", by=cast.actor("township"), now=NOW)
    Case.objects.filter(pk=case.pk).update(opened_on=TODAY - timedelta(30), progress_on=TODAY - timedelta(30))
    night(TODAY)
    Case.objects.filter(pk=case.pk).update(due_on=TODAY - timedelta(2))
    told = {
        "head_teacher": "由我办理的超期 1 件", "principal": "逐级上报到我的 2 件", "township": "由我办理的超期 1 件", "village": "由我办理的超期 1 件",
        "central_school": "逐级上报到我的 2 件", "bureau": "逐级上报到我的 2 件", "leader": "逐级上报到我的 2 件",
        "inspector": "本辖区的超期 2 件",
    }  # fmt: skip
    for role, words in told.items():
        page = cast.client(role).get("/").content.decode()
        assert words in page, role
        first = page[page.index("<main") :]
        assert first.index("超期未办") < min(first.index(word) for word in ("等我办的", "kpis") if word in first), role
        names = (
            {mine.child.name, case.child.name}
            if role not in ("head_teacher", "village")
            else {mine.child.name if role == "head_teacher" else case.child.name}
        )
        assert all(name in page for name in names), role
    registrar = cast.client("registrar")
    assert registrar.get("/").context["overdue"]["counts"] == [], "what others are late with is not the registrar's"
    Case.objects.filter(pk=mine.pk).update(owner_role="registrar", task="enter_lines")
    assert "由我办理的超期 1 件" in registrar.get("/").content.decode()
    page = cast.client("liaison").get("/").content.decode()
    assert mine.child.name not in page and case.child.name not in page, "its register alone is overdue"
    waiting = confirmed(cast, 3)
    Case.objects.filter(pk=waiting.pk).update(due_on=TODAY + timedelta(1))
    assigning.assign(case=fresh(waiting), township=TOWN, text="", by=cast.actor("bureau"), now=moment(TODAY - timedelta(6)))
    page = cast.client("township").get("/").content.decode()
    assert "由我办理的超期 2 件" in page and waiting.child.name in page, "what is not signed for in time is the township's, whoever owns the case"
    listed = cast.client("leader").get("/cases/overdue/?which=climbed").content.decode()
    assert mine.child.name in listed and case.child.name in listed
