"""The list of cases: what it filters by, what it finds, what people keep of it, and that it stays a few questions."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.models import Duty, Guarantor, SavedFilter
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import runs

pytestmark = pytest.mark.django_db


def test_every_filter_finds_its_own(cast: Cast) -> None:
    a, b, c, d = cast.home.children[:4]
    a.guardian_phone, a.birth_date = "13800138000", date(2012, 11, 24)
    a.save()
    b.birth_date = date(2012, 11, 23)
    b.save()
    first = runs.case(a, due_on=TODAY - timedelta(1), owner_role="principal", cause="work")
    second = runs.case(b, due_on=TODAY, owner_role="township", repeats=1)
    third = runs.case(c, due_on=TODAY - timedelta(9), state="closed")
    fourth = runs.case(d, cause="weary")
    run = runs.run()
    runs.child_class(b, of=run, group_kind="lifted_out")
    runs.child_class(d, of=run, group_kind="marginal")
    client = cast.client("bureau")

    def found(**wanted: str) -> set[int]:
        return {case.pk for case in client.get("/cases/", wanted).context["page"]}

    assert found(overdue="on") == {first.pk}
    assert found(cause="weary") == {fourth.pk}
    assert found(owner="township") == {second.pk}
    assert found(repeat="on") == {second.pk}
    assert found(group="lifted_out") == {second.pk}
    assert found(group="monitored") == {fourth.pk}
    assert first.pk in found(age="13")
    assert second.pk in found(age="14")  # fourteen today
    assert second.pk not in found(age="13")
    assert found(text="138 0013 8000") == {first.pk}
    assert found(state="ended") == {third.pk}


def test_whose_children_somebody_answers_for(cast: Cast) -> None:
    child, other = cast.child, cast.strangers["township"]
    mine, near, far = runs.case(child), runs.case(cast.strangers["school"]), runs.case(other)
    duty = Duty.objects.create(district_code=HOME, code="x", line="government", level="township", label="乡镇干部")
    told = {"duty": duty, "district_code": HOME, "first_day": TODAY, "named_at": NOW}
    Guarantor.objects.create(**told, region_code=child.township_code, name="普光荣")
    Guarantor.objects.create(**told, case=far, name="李明")
    Guarantor.objects.create(**told | {"first_day": TODAY - timedelta(9)}, last_day=TODAY - timedelta(1), school=child.school, name="走了")
    client = cast.client("bureau")
    assert {case.pk for case in client.get("/cases/", {"person": "普光荣"}).context["page"]} == {mine.pk, near.pk}
    assert {case.pk for case in client.get("/cases/", {"person": "李明"}).context["page"]} == {far.pk}
    assert not client.get("/cases/", {"person": "走了"}).context["page"].object_list


def test_filters_that_people_keep(cast: Cast) -> None:
    client, other = cast.client("bureau"), cast.client("inspector")
    kept = client.post("/cases/filters/", {"_key": str(uuid.uuid4()), "name": "超期务工", "query": "overdue=on&cause=work&page=7&evil=1"})
    assert kept.headers["Location"] == "/cases/?overdue=on&cause=work"
    assert "超期务工" in client.get("/cases/").content.decode()
    assert "超期务工" not in other.get("/cases/").content.decode()
    (one,) = SavedFilter.objects.all()
    other.post("/cases/filters/drop/", {"_key": str(uuid.uuid4()), "filter": str(one.pk)})
    assert SavedFilter.objects.exists()  # another person's stays
    client.post("/cases/filters/drop/", {"_key": str(uuid.uuid4()), "filter": str(one.pk)})
    assert not SavedFilter.objects.exists()


def test_few_questions_with_every_filter(cast: Cast) -> None:
    client = cast.client("bureau")
    wanted = {
        "state": "all",
        "overdue": "on",
        "cause": "work",
        "group": "monitored",
        "age": "13",
        "owner": "principal",
        "person": "甲",
        "text": "yang",
    }
    runs.case(cast.child)
    with CaptureQueriesContext(connection) as few:
        client.get("/cases/", wanted)
    for child in cast.home.children[1:]:
        runs.case(child)
    with CaptureQueriesContext(connection) as many:
        client.get("/cases/", wanted)
    assert len(few) == len(many) <= 16
