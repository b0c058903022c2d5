"""The list of cases: what it filters by, what it finds, what people keep of it, and that it stays a few questions."""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.cases.models import Case, Duty, Guarantor, SavedFilter
from apps.cases.queries.duties import answering
from apps.reporting.queries import ledgers
from apps.schools.models import Catchment
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_duties import named, twelve
from tests.factories.registers import term

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
    assert "registrar" in dict(client.get("/cases/").context["form"].fields["owner"].choices), "who enters the lines into the platform owns a task"
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


def test_who_is_found_is_who_the_case_page_names(cast: Cast) -> None:
    """The district's posts are found; of two holders the nearest one; a child without a school is its catchment's."""
    twelve(cast)
    mine, near, far = (runs.case(child) for child in (cast.child, cast.strangers["class"], cast.strangers["township"]))
    homeless = runs.case(cast.home.children[3], school=None, school_class=None, stage="primary")
    Catchment.objects.create(school=cast.home.schools[0], region=cast.home.villages[0], stage="primary")
    named("edu_principal", "换测", case=mine, first_day=TODAY)
    named("edu_head_teacher", "班测", school_class=cast.home.classes[1])
    named("gov_township_head", "前测", region_code=cast.home.townships[1].code, last_day=TODAY - timedelta(1))
    cases = list(Case.objects.select_related("child", "school", "school_class"))
    told = answering(cases, day=TODAY)
    client = cast.client("bureau")

    def found(name: str) -> set[int]:
        return {case.pk for case in client.get("/cases/", {"person": name}).context["page"]}

    everybody = {holder.name for held in told.values() for holder in held.values() if holder}
    for name in everybody | {"前测"}:
        assert found(name) == {pk for pk, held in told.items() if name in {one.name for one in held.values() if one}}, name
    assert found("责测0") == found("责测7") == {mine.pk, near.pk, far.pk, homeless.pk}
    assert found("责测9") == {near.pk, homeless.pk}, "replaced for one child: not found for it"
    assert (found("换测"), found("班测"), found("前测")) == ({mine.pk}, {near.pk}, set())


def test_few_questions_for_a_person(cast: Cast) -> None:
    twelve(cast)
    client = cast.client("bureau")
    runs.case(cast.child)
    with CaptureQueriesContext(connection) as few:
        client.get("/cases/", {"person": "责测0"})
    for child in cast.home.children[1:]:
        runs.case(child)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/cases/", {"person": "责测0"}).context["page"].paginator.count == 8
    assert len(few) == len(many) <= 18


def test_the_list_is_exported_as_it_is_filtered(cast: Cast) -> None:
    term("530113")
    mine, other = runs.case(cast.child, cause="work", state="persuading"), runs.case(cast.strangers["class"], state="closed")
    runs.case(cast.strangers["district"], cause="work")
    runs.case(cast.strangers["township"], state="confirmed", cause="work")
    client = cast.client("township")
    page = client.get("/cases/", {"cause": "work", "state": "persuading"}).content.decode()
    assert "/cases/list.xlsx?state=persuading&amp;cause=work" in page or "/cases/list.xlsx?cause=work&amp;state=persuading" in page
    assert "list.xlsx" not in cast.client("leader").get("/cases/").content.decode()

    def rows(**wanted: str) -> list[list[object]]:
        sheet = load_workbook(io.BytesIO(client.get("/cases/list.xlsx", wanted).content)).active
        assert sheet is not None and sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    told = rows(cause="work", state="persuading")
    assert "一生一案名单" in str(told[0][0]) and "筛选：劝返中、外出务工、务农" in str(told[1][0])
    assert told[2] == list(ledgers.CASE_HEAD)
    assert [str(row[1]).split()[0] for row in told[3:-1]] == [mine.child.name] and mine.child.id_masked in told[3]
    assert mine.child.document.number not in str(told)
    assert {str(row[1]).split()[0] for row in rows()[3:-1]} == {mine.child.name} and "筛选：未结" in str(rows()[1][0])
    assert {str(row[1]).split()[0] for row in rows(state="all", term="2026-2027-1")[3:-1]} == {mine.child.name, other.child.name}
    Case.objects.filter(pk=other.pk).update(opened_on=date(2026, 5, 1))
    assert {str(row[1]).split()[0] for row in rows(state="all", term="2026-2027-1")[3:-1]} == {mine.child.name}, "opened before the term"


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


def test_conditions_seldom_used_stand_folded_until_they_are_used(cast: Cast) -> None:
    term("530113")
    runs.case(cast.child, state="persuading")
    client = cast.client("bureau")
    plain, used = client.get("/cases/", {"state": "open"}), client.get("/cases/", {"repeat": "on"})
    assert '<details class="rest">' in plain.content.decode() and '<details class="rest" open>' in used.content.decode()
    form = plain.context["form"]
    assert form.folded < set(form.base_fields) and len(set(form.fields) - form.folded) <= 7  # six in sight, and the child of an address
    assert [(one["label"], one["value"]) for one in plain.context["counts"]] == [("劝返中", 1)]
