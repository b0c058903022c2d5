"""A promised day of return, the day of the next visit, the review of a plan of care: once they have passed, somebody is told, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.actions.addressing import post_of
from apps.cases.actions.reminding import remind_of_care, remind_of_promises
from apps.cases.actions.visiting import Seen, log_visit
from apps.cases.models import CarePlan, Case
from apps.cases.rules.facts import Facts
from apps.cases.rules.visiting import passed
from apps.notices.actions import Address
from apps.notices.models import Notice
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import fresh, moment
from tests.factories.cases_steps import persuading
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(1)
PROMISED = Seen(TODAY, "home", "李测", "promised", "答应送回", spoke_with="父亲", place="家中", promised_on=TOMORROW, next_on=TODAY + timedelta(2))
FACTS = Facts(TODAY, TODAY, TODAY, TODAY, last_contact_on=TODAY - timedelta(5), promised_on=TODAY - timedelta(1), next_visit_on=TODAY - timedelta(1))


def remind(day: date) -> int:
    return remind_of_promises(district=HOME, today=day, now=moment(day, 6))


@pytest.fixture
def case(cast: Cast) -> Case:
    """A child that is persuaded; yesterday's visit heard a promise."""
    term()
    made = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    log_visit(case=made, seen=PROMISED, by=cast.actor("township"), now=NOW)
    return fresh(made)


def test_the_post_in_charge_is_told_once_of_each_day_that_passed(case: Case) -> None:
    assert remind(TOMORROW) == 0, "the day is not over"
    assert (remind(TODAY + timedelta(2)), remind(TODAY + timedelta(2))) == (1, 0)
    assert (remind(TODAY + timedelta(3)), remind(TODAY + timedelta(4))) == (1, 0)
    promise, visit = Notice.objects.order_by("pk")
    assert (promise.role, promise.region_code, promise.link) == ("township", case.owner_region, f"/cases/{case.pk}/")
    assert promise.sentence == f"{case.child.name}：家长答应11月24日返校，日期已过，没有登记复学注册，请再次上门核实。"
    assert visit.sentence == f"{case.child.name}：约定11月25日再次走访，日期已过，没有走访记录。"


def test_the_page_says_so_with_the_task(cast: Cast, case: Case) -> None:
    said = "家长答应11月20日返校，日期已过"
    browser = cast.client("township")
    assert said not in browser.get(f"/cases/{case.pk}/").content.decode()
    earlier = replace(PROMISED, day=TODAY - timedelta(4), promised_on=TODAY - timedelta(3), next_on=TODAY - timedelta(2))
    other = make.case(cast.home.children[1])
    log_visit(case=other, seen=earlier, by=cast.actor("township"), now=NOW)
    page = browser.get(f"/cases/{other.pk}/").content.decode()
    assert said in page and "约定11月21日再次走访，日期已过" in page


def test_a_registration_or_another_visit_answers_the_day(cast: Cast, case: Case) -> None:
    log_visit(case=case, seen=replace(PROMISED, outcome="nobody", promised_on=None, next_on=None), by=cast.actor("township"), now=NOW)
    assert remind(TODAY + timedelta(9)) == 0
    second = make.case(cast.home.children[1])
    log_visit(case=second, seen=PROMISED, by=cast.actor("township"), now=NOW)
    make.returned(second, on=TOMORROW)
    assert remind(TODAY + timedelta(9)) == 0


def test_a_head_teacher_hears_of_a_suspected_child(cast: Cast) -> None:
    term()
    case = make.case(cast.child, "suspected", days=1)
    log_visit(case=case, seen=replace(PROMISED, way="phone"), by=cast.actor("head_teacher"), now=NOW)
    assert remind(TODAY + timedelta(2)) == 1
    told = Notice.objects.get()
    assert (told.role, told.school_id, told.school_class_id) == ("head_teacher", case.school_id, case.school_class_id)


@pytest.mark.parametrize(
    ("changed", "is_lost", "codes"),
    [
        ({}, True, ["promise", "next_visit"]), ({}, False, ["next_visit"]), ({"promised_on": TODAY, "next_visit_on": TODAY}, True, []),
        ({"registered_on": TODAY - timedelta(5)}, True, []), ({"registered_on": TODAY - timedelta(6)}, True, ["promise", "next_visit"]),
        ({"last_contact_on": None}, True, []), ({"promised_on": None, "next_visit_on": None}, True, []),
    ],
)  # fmt: skip
def test_which_days_have_passed(changed: dict[str, date | None], is_lost: bool, codes: list[str]) -> None:
    assert [one.code for one in passed(replace(FACTS, **changed), is_lost=is_lost)] == codes


def test_many_cases_are_read_with_the_reads_of_one(cast: Cast) -> None:
    term()
    counts = []
    for child in cast.home.children[:3]:
        log_visit(case=make.case(child), seen=PROMISED, by=cast.actor("township"), now=NOW)
        with CaptureQueriesContext(connection) as read:
            remind(TODAY + timedelta(2))
        counts.append(len(read))
    assert counts[0] == counts[2]


def test_a_plan_of_care_is_reviewed_on_its_day(cast: Cast) -> None:
    """The last plan of a case alone; the school is told once."""
    case, ended = make.case(cast.child, "monitoring"), make.case(cast.home.children[1], "closed")

    def plan(of: Case, review_on: date) -> CarePlan:
        told = {"teacher": "李测", "groups": ["left_behind"], "text": "每周谈心", "first_day": TODAY - timedelta(90), "review_on": review_on}
        made: CarePlan = CarePlan.objects.create(case=of, entry=make.entry(of), **told, **make.BY)
        return made

    plan(ended, TODAY)
    plan(case, TODAY - timedelta(30))
    last = plan(case, TODAY)
    assert remind_of_care(today=TODAY - timedelta(1), now=NOW) == 0, "a later plan took the first one's place"
    assert (remind_of_care(today=TODAY, now=NOW), remind_of_care(today=TOMORROW, now=NOW)) == (1, 0)
    told = Notice.objects.get()
    assert (told.topic, told.role, told.school_id, told.key) == ("review", "principal", case.school_id, f"care:{last.pk}:{TODAY}")
    assert told.sentence == f"{case.child.name}的关爱方案应于2026年11月23日复核，复核后续订。"


def test_a_notice_reaches_the_post_whatever_owns_the_case(cast: Cast, case: Case) -> None:
    """The place of a role is the same for every notice: also of a registrar, who owns what is to be entered."""
    school, room = cast.child.school_id, cast.child.school_class_id
    Case.objects.filter(pk=case.pk).update(school_id=school, school_class_id=room)
    case = fresh(case)
    assert post_of(case, "registrar") == Address("registrar", case.district_code, school=school)
    assert post_of(case, "head_teacher") == Address("head_teacher", case.district_code, school=school, school_class=room)
    assert post_of(case, "township") == Address("township", case.district_code, region=case.owner_region)
    assert post_of(case, "bureau") == Address("bureau", case.district_code)
