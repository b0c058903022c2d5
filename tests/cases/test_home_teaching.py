"""送教上门: plans within the quota, lessons with photograph and signature, arrears told once a month, sheets."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.cases.actions import teaching
from apps.cases.actions.teaching import Given, Planned
from apps.cases.models import HomeTeaching, Lesson
from apps.cases.queries.teaching import standings
from apps.core.errors import Refused
from apps.core.proofs import proof_path
from apps.notices.models import Notice
from apps.schools.models import Term
from tests.cases.test_watching_notes import pdf_text
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import children, registers

pytestmark = pytest.mark.django_db
YEAR = Planned(60, "李测", "语文", date(2026, 9, 1), date(2027, 7, 10))
VISIT = Given(TODAY, "李测", 2, "认字", "杨父", make.PHOTO, make.PHOTO)


@pytest.fixture(autouse=True)
def _year(settings: Any, tmp_path: Any, db: None) -> None:
    settings.UPLOAD_DIR = tmp_path
    registers.term()
    registers.term(code="2026-2027-2")


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def photo(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make.picture())


def test_from_the_child_s_card_to_the_first_lesson(cast: Cast) -> None:
    client = cast.client("head_teacher")
    assert reverse("home_new", args=[cast.child.pk]) in client.get(reverse("child_show", args=[cast.child.pk])).content.decode()
    told = {"lessons": 10, "teachers": "李测", "plan": "语文", "first_day": "2026-09-01", "last_day": "2027-07-10"}
    few = send(cast, "head_teacher", "home_new", cast.child.pk, **told)
    assert few.status_code == 422 and "不能少于 30" in few.content.decode() and "语文" in few.content.decode()
    assert send(cast, "head_teacher", "home_new", cast.child.pk, **(told | {"lessons": 120})).status_code == 302
    plan = HomeTeaching.objects.get()
    assert (plan.case, plan.school_year, plan.school_class) == (None, 2026, cast.child.school_class)
    bare = send(cast, "head_teacher", "home_lesson", plan.pk, day=TODAY, lessons=2, teachers="李测", content="认字", guardian="杨父")
    assert bare.status_code == 422 and "认字" in bare.content.decode()
    sent = send(
        cast, "head_teacher", "home_lesson", plan.pk, day=TODAY, lessons=2, teachers="李测", content="认字", guardian="杨父", photos=photo("a.jpg"), signature=photo("b.jpg")
    )  # fmt: skip
    assert sent.status_code == 302
    kept = list(Lesson.objects.get().attachments.all())
    assert [one.label for one in kept] == ["送教照片", "家长签字"] and all(proof_path(one.stored_name).is_file() for one in kept)
    text = client.get(reverse("home_show", args=[plan.pk])).content.decode()
    assert "送教照片" in text and '已送 <span class="num">2</span>' in text
    assert client.get(reverse("case_attachment", args=[kept[0].pk])).status_code == 200
    assert cast.client("village").get(reverse("home_show", args=[plan.pk])).status_code == 404
    assert cast.client("bureau").get(reverse("home_show", args=[plan.pk])).status_code == 200
    assert send(cast, "bureau", "home_lesson", plan.pk).status_code == 404
    assert f"/home-teaching/{plan.pk}/" in client.get(reverse("child_show", args=[cast.child.pk])).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"last_day": date(2026, 8, 31)}, "结束日不能早于起始日"),
        ({"last_day": date(2027, 9, 30)}, "一份计划只管一个学年"),
        ({"lessons": 29}, "不能少于 30"),
        ({"lessons": 3, "last_day": date(2026, 10, 10)}, "不能少于 4"),
    ],
)
def test_plans_that_cannot_be(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        teaching.plan(child=cast.child, planned=replace(YEAR, **change), by=cast.actor("principal"), now=NOW)


def test_one_plan_a_year_and_none_by_an_office(cast: Cast) -> None:
    teaching.plan(child=cast.child, planned=YEAR, by=cast.actor("principal"), now=NOW)
    with pytest.raises(Refused, match="本学年已有"):
        teaching.plan(child=cast.child, planned=YEAR, by=cast.actor("principal"), now=NOW)
    with pytest.raises(Refused, match="由学校订立"):
        teaching.plan(child=cast.home.children[1], planned=YEAR, by=cast.actor("bureau"), now=NOW)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"day": TODAY + timedelta(1)}, "送教日期应在"),
        ({"day": date(2026, 8, 31)}, "送教日期应在"),
        ({"photos": ()}, "附送教照片"),
        ({"signature": ()}, "附家长签字"),
    ],
)
def test_lessons_that_cannot_be(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        teaching.give(plan=make.teaching(cast.child), given=replace(VISIT, **change), by=cast.actor("head_teacher"), now=NOW)


def test_a_lesson_is_progress_of_the_case(cast: Cast) -> None:
    case = make.case(cast.child, "monitoring")
    plan = teaching.plan(child=cast.child, planned=YEAR, by=cast.actor("principal"), now=NOW)
    assert plan.case == case
    teaching.give(plan=plan, given=VISIT, by=cast.actor("head_teacher"), now=NOW)
    line = case.ledger.latest("pk")
    assert line.text == "送教 2 课时（李测）：认字" and line.is_progress


def test_a_wrong_lesson_is_taken_back_and_stays(cast: Cast) -> None:
    plan = make.teaching(cast.child)
    lesson = teaching.give(plan=plan, given=VISIT, by=cast.actor("head_teacher"), now=NOW)
    assert send(cast, "head_teacher", "home_void", lesson.pk, text="").status_code == 422
    assert send(cast, "head_teacher", "home_void", lesson.pk, text="记到别的学生").status_code == 302
    assert send(cast, "head_teacher", "home_void", lesson.pk, text="又").status_code == 422
    assert (Lesson.objects.count(), Lesson.objects.counted().count(), standings([plan], today=TODAY)[plan.pk].given) == (2, 0, 0)
    assert "作废：记到别的学生" in cast.client("principal").get(reverse("home_show", args=[plan.pk])).content.decode()
    with pytest.raises(Refused, match="本身就是作废"):
        teaching.take_back(lesson=Lesson.objects.get(voids=lesson), text="x", by=cast.actor("principal"), now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_lesson SET lessons = 9")


def test_a_plan_ends_before_its_day_with_a_reason(cast: Cast) -> None:
    plan = make.teaching(cast.child)
    assert send(cast, "principal", "home_end", plan.pk, on=TODAY, text="").status_code == 422
    assert send(cast, "principal", "home_end", plan.pk, on="2026-08-01", text="回班").status_code == 422
    assert send(cast, "principal", "home_end", plan.pk, on=TODAY, text="回班").status_code == 302
    assert send(cast, "principal", "home_end", plan.pk, on=TODAY, text="回班").status_code == 422
    with pytest.raises(Refused, match="送教日期应在"):
        teaching.give(plan=HomeTeaching.objects.get(), given=replace(VISIT, day=TODAY + timedelta(1)), by=cast.actor("principal"), now=NOW)


def test_arrears_by_school_days_up_to_the_last_sunday_told_once_a_month(cast: Cast) -> None:
    plan = make.teaching(cast.child, lessons=200)
    stand = standings([plan], today=TODAY)[plan.pk]
    assert stand.given == 0 and 50 < stand.due < 75 and stand.missing == stand.due
    assert standings([plan], today=TODAY + timedelta(5))[plan.pk].due == stand.due, "the week is not over"
    assert (teaching.warn_of_missing(today=TODAY, now=NOW), teaching.warn_of_missing(today=TODAY + timedelta(1), now=NOW)) == (2, 0)
    assert set(Notice.objects.values_list("role", flat=True)) == {"head_teacher", "principal"}
    assert teaching.warn_of_missing(today=date(2026, 12, 1), now=NOW) == 2, "another month"
    HomeTeaching.objects.update(ended_on=TODAY)
    assert teaching.warn_of_missing(today=date(2027, 1, 4), now=NOW) == 0


def test_a_term_not_set_up_yet_counts_as_the_usual_one(cast: Cast) -> None:
    """下学期还没有建立时，一学年的课时不算在上学期里."""
    plan = make.teaching(cast.child)
    both = standings([plan], today=TODAY)[plan.pk].due
    Term.objects.get(code="2026-2027-2").delete()
    assert abs(standings([plan], today=TODAY)[plan.pk].due - both) <= 1


def test_the_register_and_the_sheets(cast: Cast, tmp_path: Any) -> None:
    plan, other = make.teaching(cast.child), make.teaching(cast.strangers["township"])
    teaching.give(plan=plan, given=VISIT, by=cast.actor("head_teacher"), now=NOW)
    client = cast.client("registrar")
    listed = client.get(reverse("home_list"))
    assert [row[0].pk for row in listed.context["rows"]] == [plan.pk] and "欠" in listed.content.decode()
    assert [row[0].pk for row in cast.client("bureau").get(reverse("home_list")).context["rows"]] == [plan.pk, other.pk]
    assert client.get(reverse("home_list"), {"year": "2024"}).context["rows"] == []
    assert len(client.get(reverse("home_list"), {"year": "nonsense"}).context["rows"]) == 1
    book = load_workbook(BytesIO(client.get(reverse("home_file")).content)).active
    assert cast.child.name in [cell.value for cell in book[4]] and cast.child.id_masked in [cell.value for cell in book[4]]
    text = pdf_text(client.get(reverse("home_sheet_pdf", args=[plan.pk])).content, tmp_path)
    assert all(words in text for words in ("送教上门登记表", cast.child.name, "认字", "杨父", "计划 60 课时"))
    assert client.get(reverse("home_sheet_docx", args=[plan.pk])).content.startswith(b"PK")
    sheet = load_workbook(BytesIO(client.get(reverse("home_sheet_xlsx", args=[plan.pk])).content)).active
    assert "认字" in [cell.value for row in sheet for cell in row]
    assert client.get(reverse("home_show", args=[other.pk])).status_code == 404


def test_the_list_asks_as_much_for_many_as_for_one(cast: Cast) -> None:
    make.teaching(cast.child)
    client = cast.client("bureau")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("home_list"))
    for child in cast.home.children[1:]:
        make.teaching(child)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("home_list"))
    assert len(one) == len(many)


def test_a_school_plans_for_a_child_that_no_register_has_there(cast: Cast) -> None:
    """失学, taken in by the school: the page opens from the case, whose own page offers no card that would not open; no other school's does."""
    child = children.child(village=cast.home.villages[0].code)
    case = make.case(child, school=cast.home.schools[0], school_class=None)
    browser = cast.client("principal")
    page = browser.get(f"/home-teaching/new/{child.pk}/")
    assert page.status_code == 200 and f"/cases/{case.pk}/" in page.content.decode()
    assert browser.get(f"/children/{child.pk}/").status_code == 404
    assert f"/children/{child.pk}/" not in browser.get(f"/cases/{case.pk}/").content.decode()
    stranger = children.child(village=cast.home.villages[0].code)
    make.case(stranger, school=cast.home.schools[1], school_class=None)
    assert browser.get(f"/home-teaching/new/{stranger.pk}/").status_code == 404
