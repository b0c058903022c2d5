"""The list of cases and one case: filters, scope, where it stands, its ledger."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.models import CaseEntry
from apps.cases.workflow import MOVES, PATH, State, step_of
from apps.schools.policy import Policy
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs

pytestmark = pytest.mark.django_db
SEE = ["registrar", "head_teacher", "principal", "central_school", "township", "bureau", "inspector"]


@pytest.mark.parametrize("role", SEE)
def test_cases_within_the_scope_alone(cast: Cast, role: str) -> None:
    own, stranger = runs.case(cast.child), runs.case(cast.strangers["district"])
    client = cast.client(role)
    assert [case.pk for case in client.get("/cases/").context["page"]] == [own.pk]
    assert client.get(f"/cases/{own.pk}/").status_code == 200
    assert client.get(f"/cases/{stranger.pk}/").status_code == 404


@pytest.mark.parametrize("role", ["village", "liaison", "administrator"])
def test_others_find_no_cases(cast: Cast, role: str) -> None:
    own = runs.case(cast.child)
    client = cast.client(role)
    assert [client.get(path).status_code for path in ("/cases/", f"/cases/{own.pk}/")] == [404, 404]


def test_the_list_begins_with_what_is_open_and_can_be_filtered(cast: Cast) -> None:
    a, b, c, d = cast.home.children[:4]
    first, second, third = runs.case(a), runs.case(b, state="confirmed", stage="junior"), runs.case(c, state="closed")
    fourth = runs.case(d, state="confirmed", origin="village", stage="primary")
    client = cast.client("bureau")

    def listed(**wanted: str) -> set[int]:
        return {case.pk for case in client.get("/cases/", wanted).context["page"]}

    assert listed() == {first.pk, second.pk, fourth.pk}
    assert listed(state="ended") == {third.pk}
    assert listed(state="all") == {first.pk, second.pk, third.pk, fourth.pk}
    assert listed(state="confirmed", stage="junior") == {second.pk}
    assert listed(origin="village") == {fourth.pk}
    assert listed(school=a.school_id) == {first.pk, second.pk}
    assert listed(township=a.school.township_id) == {first.pk, second.pk, fourth.pk}
    assert listed(text=a.name) >= {first.pk}
    assert listed(state="nonsense") == {first.pk, second.pk, fourth.pk}


def test_a_case_says_where_it_stands_and_what_is_next(cast: Cast) -> None:
    case = runs.case(cast.child, state="persuading")
    page = cast.client("township").get(f"/cases/{case.pk}/")
    assert page.context["step"] == 3
    text = page.content.decode()
    for move in MOVES:
        if move.source == State.PERSUADING and move.target != State.MERGED and move.target != State.CLOSED:
            assert Policy({}).fill(move.guard) in text
            assert move.target.label in text
    assert f"测试立案 {cast.child.name}" in text


def test_a_step_that_no_move_came_by_is_not_called_done(cast: Cast) -> None:
    case = runs.case(cast.child, state="closed")
    told = {"text": "x", "happened_on": TODAY, "written_at": NOW, "by_name": "甲", "by_title": "区"}
    CaseEntry.objects.create(case=case, kind="opened", target="confirmed", **told)
    CaseEntry.objects.create(case=case, kind="moved", source="confirmed", target="closed", **told)
    page = cast.client("bureau").get(f"/cases/{case.pk}/")
    assert page.context["skipped"] == [1, 3, 4, 5]
    assert page.content.decode().count("（未经过）") == 4 and page.content.decode().count("（已完成）") == 2


def test_an_approval_that_was_not_given_is_not_called_done(cast: Cast) -> None:
    case = runs.case(cast.child, state="persuading")
    assert "批准的期限未满" not in cast.client("bureau").get(f"/cases/{case.pk}/").content.decode()


def test_a_surname_is_found_by_its_pinyin_and_a_number_by_its_end(cast: Cast) -> None:
    case = runs.case(cast.child)
    client = cast.client("bureau")
    assert case in client.get("/cases/", {"text": cast.child.pinyin.split()[0]}).context["page"].object_list
    assert "证件号只认后四位或完整号码" in client.get("/cases/", {"text": "9998887776"}).content.decode()


def test_every_state_has_its_place_on_the_way() -> None:
    assert {state: step_of(state) for state in PATH[:-1]} == {state: number for number, state in enumerate(PATH[:-1], start=1)}
    assert (step_of(State.CLOSED), step_of(State.CLEARED), step_of(State.EXEMPT), step_of(State.REOPENED)) == (7, 0, 3, 2)


def test_few_questions_whatever_the_number_of_cases(cast: Cast) -> None:
    client = cast.client("bureau")
    case = runs.case(cast.child)
    with CaptureQueriesContext(connection) as few:
        client.get("/cases/")
        client.get(f"/cases/{case.pk}/")
    for child in cast.home.children[1:]:
        runs.case(child)
    with CaptureQueriesContext(connection) as many:
        client.get("/cases/")
        client.get(f"/cases/{case.pk}/")
    assert len(few) == len(many) <= 60
