"""Many cases at once: handed over, and moved by a name, in a fixed number of queries."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Event
from apps.cases.actions import assigning_many
from apps.cases.actions.duties import Named, Place, name_people
from apps.cases.models import Assignment, Case
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.notices.models import Notice
from apps.students.models import Child
from tests.cases.test_assigning import TOWN, confirmed, standing
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_duties import duty, fresh, twelve
from tests.factories.children import child as make_child
from tests.factories.registers import term

pytestmark = pytest.mark.django_db


def confirmed_at(cast: Cast, child: Child) -> Case:
    """A case of another child of the same class and village."""
    other = make_child(school_class=child.school_class, village=child.village_code, district=HOME)
    return fresh(runs.case(other, state="confirmed", opened_on=TODAY, is_never_enrolled=True))


def test_many_at_once(cast: Cast) -> None:
    term()
    twelve(cast)
    cases = [confirmed(cast, number) for number in range(3)]
    Case.objects.filter(pk=cases[2].pk).update(township_code="", village_code="", school=None, school_class=None)
    bureau = cast.client("bureau")
    page = bureau.get("/cases/assign/").content.decode()
    assert page.count('name="case"') == 2 and "没有登记乡镇" in page
    answer = bureau.post("/cases/assign/", {"_key": str(uuid.uuid4()), "case": [case.pk for case in cases], "text": "本周入户"}, follow=True)
    assert "已交办 2 件" in answer.content.decode() and "请先补登" in answer.content.decode()
    said = answer.content.decode()
    assert f"已交办 2 件：{cases[0].child.name}、{cases[1].child.name}。" in said
    again = bureau.post("/cases/assign/", {"_key": str(uuid.uuid4()), "case": [cases[0].pk]}, follow=True).content.decode()
    assert "选中的有 1 件已由别人交办" in again and "没有选中个案" not in again
    none = bureau.post("/cases/assign/", {"_key": str(uuid.uuid4())}, follow=True).content.decode()
    assert "没有选中个案" in none and "别人交办" not in none
    assert set(Assignment.objects.values_list("case_id", "text")) == {(cases[0].pk, "本周入户"), (cases[1].pk, "本周入户")}
    with CaptureQueriesContext(connection) as few:
        bureau.get("/cases/assign/")
    for number in (3, 5):
        confirmed(cast, number)
    with CaptureQueriesContext(connection) as many:
        bureau.get("/cases/assign/")
    assert len(few) == len(many)


def test_what_is_to_be_assigned_is_narrowed_by_the_filter_of_the_list(cast: Cast) -> None:
    """Township, school, state: and after handing over, the filter stands."""
    term()
    twelve(cast)
    near, far = confirmed(cast, 0), confirmed(cast, 5)
    Case.objects.filter(pk=far.pk).update(state="reopened")
    bureau = cast.client("bureau")

    def shown(**wanted: str) -> set[int]:
        return {row.case.pk for row in bureau.get("/cases/assign/", wanted).context["rows"]}

    assert shown() == {near.pk, far.pk}
    assert shown(township=TOWN) == {near.pk} and shown(township=cast.home.townships[1].code) == {far.pk}
    assert shown(school=str(far.school_id)) == {far.pk}
    assert shown(state="reopened") == {far.pk} and shown(state="confirmed") == {near.pk}
    assert 'name="township"' in bureau.get("/cases/assign/").content.decode()
    here = f"/cases/assign/?township={TOWN}"
    answer = bureau.post(here, {"_key": str(uuid.uuid4()), "case": [near.pk], "text": ""})
    assert answer.headers["Location"] == here and standing(near)


def test_many_at_once_cost_as_much_as_a_few(cast: Cast) -> None:
    """The number of queries does not depend on how many are handed over; what is promised of one is kept for each of them."""
    term()
    twelve(cast)
    bureau = cast.actor("bureau")
    few, many = ([confirmed_at(cast, cast.child) for _ in range(number)] for number in (5, 50))
    spent = []
    for cases in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert assigning_many.assign_many(cases=cases, text="本周入户", by=bureau, now=NOW) == (len(cases), {})
        spent.append(len(queries))
    assert spent[0] == spent[1] <= 60, spent
    case = fresh(many[-1])
    assert (case.standing, case.task, case.owner_region, case.due_on) == (State.PERSUADING, "accept", TOWN, TODAY + timedelta(2))
    one = standing(case)
    assert (one.text, one.given_name, one.accept_by, one.accepted_at) == ("本周入户", bureau.name, TODAY + timedelta(2), None)
    lines = [(entry.kind, entry.by_name, entry.is_progress) for entry in case.ledger.all()]
    assert lines == [("opened", "系统", False), ("assigned", bureau.name, False), ("moved", bureau.name, True)]
    told = Notice.objects.filter(topic="assignment")
    assert told.count() == 55 and {notice.role for notice in told} == {"township"}
    events = Event.objects.filter(verb="assign_case", object_id=case.pk)
    assert events.count() == 1 and Event.objects.filter(verb="move_case", object_id=case.pk).get().user_name == bureau.name

    again = assigning_many.assign_many(cases=[*few, *many], text="", by=bureau, now=NOW)
    assert again[0] == 0 and set(again[1].values()) == {"这件个案已经交办，尚未结束；要换一个单位，请先收回。"}
    assert Assignment.objects.count() == 55 == Notice.objects.filter(topic="assignment").count() and case.ledger.count() == 3
    with pytest.raises(Refused, match="由区教体局交办"):
        assigning_many.assign_many(cases=few, text="", by=cast.actor("township"), now=NOW)


def test_of_many_each_that_cannot_be_handed_over_says_why(cast: Cast) -> None:
    twelve(cast)
    duty("gov_village").holders.all().delete()
    fine, suspected, placeless = confirmed(cast, 0), fresh(runs.case(cast.home.children[1])), confirmed(cast, 2)
    Case.objects.filter(pk=placeless.pk).update(township_code="", village_code="", school=None, school_class=None)
    foreign = fresh(runs.case(cast.neighbour.children[0], state="confirmed"))
    done, refused = assigning_many.assign_many(cases=[fine, suspected, placeless, foreign], text="", by=cast.actor("bureau"), now=NOW)
    assert done == 1 and {case.pk: sentence[:7] for case, sentence in refused.items()} == {
        suspected.pk: "“疑似辍学”的",
        placeless.pk: "只能交办给户籍",
    }
    assert (fresh(fine).state, fresh(fine).task) == ("confirmed", "name_township"), "a name is missing still"
    assert not Assignment.objects.filter(case=foreign).exists()


@pytest.mark.parametrize("code", ["gov_leader", "gov_township_head", "gov_village", "edu_principal"])
def test_naming_people_for_a_place_moves_its_cases_at_once(cast: Cast, code: str) -> None:
    """Once for all cases of the place, in a fixed number of queries; those of another place and those that lack another name stay."""
    twelve(cast)
    holders = duty(code).holders
    there = {"region": holders.get().region_code, "school": holders.get().school}
    holders.all().delete()
    cases = [confirmed_at(cast, cast.child) for _ in range(8)]
    elsewhere = confirmed(cast, 6)
    assigning_many.assign_many(cases=[*cases, elsewhere], text="", by=cast.actor("bureau"), now=NOW)
    later, counts = set(cases[2:]), []
    Assignment.objects.filter(case__in=later).update(ended_at=NOW)
    by = cast.actor("bureau")
    for batch in (cases[:2], cases[2:]):
        Assignment.objects.filter(case__in=batch).update(ended_at=None)
        holders.all().delete()
        with CaptureQueriesContext(connection) as spent:
            name_people(place=Place(**there), people=[Named(duty(code), "某测")], first_day=TODAY, by=by, now=NOW)
        counts.append(len(spent))
        assert {fresh(case).state for case in batch} == {"persuading"} and fresh(elsewhere).state == "confirmed"
        assert fresh(batch[0]).task == "accept"
    assert counts[0] == counts[1]
    assert cases[0].ledger.last().by_name == by.name, "whose name made it possible, where the step is its to take"
