"""分类安置: the cause decides, the panel advises, a plan that begins goes on by itself; reviews."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.models import Seat
from apps.cases.actions import placing, teaching
from apps.cases.actions.advancing import advance
from apps.cases.actions.placing import Plan, Reviewed
from apps.cases.actions.teaching import remind_of_reviews
from apps.cases.models import Attachment, Case, CaseEntry, Placement, PlacementReview
from apps.core.errors import Refused
from apps.notices.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(60)
WEARY = Plan("weary", "interest", None, "李测", "", "每周谈心两次，参加篮球社", None, "", TODAY, LATER)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def form(**changed: Any) -> dict[str, Any]:
    told = {"cause": "weary", "kind": "interest", "teacher": "李测", "plan": "每周谈心", "first_day": TODAY, "review_on": LATER}
    return told | changed


def test_a_plan_that_begins_today_is_placed_and_watched_at_once(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child, "returned")
    file = SimpleUploadedFile("方案.pdf", b"%PDF-1.7")
    answer = send(cast, "principal", "case_place", case.pk, plan_files=file, room=cast.child.school_class_id, **form())
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    assert (case.state, case.cause, case.task, case.owner_role) == ("monitoring", "weary", "note", "head_teacher")
    assert [e.target for e in case.ledger.order_by("pk") if e.target][-2:] == ["placed", "monitoring"]
    assert case.ledger.order_by("-pk")[0].by_name == "系统"
    assert Attachment.objects.get(case=case).label == "安置方案"


def test_as_before_goes_straight_to_watching(cast: Cast) -> None:
    case = make.case(cast.child, "returned")
    placing.place(case=case, plan=replace(WEARY, kind="as_before"), by=cast.actor("principal"), now=NOW)
    assert case.state == "monitoring" and not case.ledger.filter(target="placed").exists()


def test_a_plan_that_begins_later_waits_for_its_day(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child, "returned", cause="work")
    plan = replace(WEARY, cause="work", kind="individual", room=cast.home.classes[0], first_day=TODAY + timedelta(3))
    placing.place(case=case, plan=plan, by=cast.actor("principal"), now=NOW)
    assert (case.state, case.task, case.due_on) == ("placed", "begin", TODAY + timedelta(3))
    assert advance(today=TODAY + timedelta(2), now=NOW) == 0
    assert (advance(today=TODAY + timedelta(3), now=NOW), advance(today=TODAY + timedelta(3), now=NOW)) == (1, 0)
    case.refresh_from_db()
    assert (case.state, case.state_since) == ("monitoring", TODAY + timedelta(3))
    assert Seat.objects.get(child=cast.child, last_day=None).away == "other", "taught apart: no roll call expects it"


def test_taught_at_home_needs_no_roll_call_but_a_registration(cast: Cast) -> None:
    case = make.case(cast.child, cause="ill")
    plan = replace(WEARY, cause="ill", kind="home_teaching")
    made = placing.place(case=case, plan=plan, by=cast.actor("principal"), now=NOW)
    assert (case.state, made.ended_on) == ("persuading", None), "not registered: the plan stands, the move waits"
    text = cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    assert "已在学校注册" in text
    make.returned(case, on=TODAY, school_class=None)
    assert send(cast, "principal", "case_move", case.pk, target="placed").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.task) == ("placed", "first_lesson"), "nobody has seen it learn yet"
    given = teaching.Given(TODAY, "李测", 2, "语文", "杨父", make.PHOTO, make.PHOTO)
    teaching.give(plan=make.teaching(cast.child, case=case), given=given, by=cast.actor("principal"), now=NOW)
    case.refresh_from_db()
    assert case.state == "monitoring"


@pytest.mark.parametrize(
    ("state", "change", "sentence"),
    [
        ("confirmed", {}, "不办理安置"),
        ("returned", {"kind": "home_teaching"}, "没有列这种方式"),
        ("returned", {"cause": "unknown"}, "尚未查明"),
        ("persuading", {}, "登记复学后才能安置"),
        ("returned", {"plan": "  "}, "写明安置方案"),
        ("returned", {"cause": "temple", "kind": "matching_grade"}, "评估学识"),
        ("returned", {"cause": "disabled", "kind": "inclusive"}, "残疾人教育专家委员会"),
        ("returned", {"cause": "disabled", "kind": "inclusive", "panel_on": TODAY}, "残疾人教育专家委员会"),
        ("returned", {"panel_on": TODAY}, "写明日期和内容"),
        ("returned", {"review_on": TODAY}, "复核日须在开始日之后"),
    ],
)
def test_plans_that_cannot_be(cast: Cast, state: str, change: dict[str, Any], sentence: str) -> None:
    case = make.case(cast.child, state)
    with pytest.raises(Refused, match=sentence):
        placing.place(case=case, plan=replace(WEARY, **change), by=cast.actor("principal"), now=NOW)
    assert not Placement.objects.exists() and not CaseEntry.objects.filter(text__startswith="分类安置").exists()


def test_the_form_offers_what_fits_and_says_why_not_the_rest(cast: Cast) -> None:
    case = make.case(cast.child, "returned")
    client = cast.client("principal")
    url = reverse("case_place", args=[case.pk])
    first = client.get(url).content.decode()
    assert "订立安置方案" not in first and "先选辍学原因" in first
    text = client.get(url, {"cause": "disabled"}).content.decode()
    assert 'value="special_school"' in text and 'value="interest"' not in text
    assert "随班就读并激发兴趣、专人关注：" in text and "方案对“残疾”没有列这种方式" in text
    wrong = send(cast, "principal", "case_place", case.pk, **form(kind="special_school", plan="写了很多"))
    assert wrong.status_code == 422 and "写了很多" in wrong.content.decode(), "nothing typed is lost"
    scan = send(cast, "principal", "case_place", case.pk, **form(cause="disabled", kind="inclusive", panel_on=TODAY, panel_advice="随班就读"))
    assert scan.status_code == 422 and "请附建议书的扫描件" in scan.content.decode()
    assert client.get(url, {"cause": "x\u0001"}).status_code == 200
    assert cast.client("registrar").get(url).status_code == 404


def test_a_second_plan_needs_a_review_of_the_first(cast: Cast) -> None:
    case = make.case(cast.child, "monitoring")
    first = make.placement(case)
    with pytest.raises(Refused, match="请先登记复核"):
        placing.place(case=case, plan=WEARY, by=cast.actor("principal"), now=NOW)
    answer = send(cast, "principal", "case_review", case.pk, day=TODAY, outcome="fits", text="有进步")
    assert answer.status_code == 422 and "下一次复核日" in answer.content.decode() and "有进步" in answer.content.decode()
    assert send(cast, "principal", "case_review", case.pk, day=TODAY, outcome="fits", text="有进步", next_on=LATER).status_code == 302
    first.refresh_from_db()
    assert (first.review_on, first.ended_on) == (LATER, None)
    assert send(cast, "principal", "case_review", case.pk, day=TODAY, outcome="change", text="不合适").status_code == 302
    first.refresh_from_db()
    assert first.ended_on == TODAY and PlacementReview.objects.count() == 2
    assert send(cast, "principal", "case_review", case.pk, day=TODAY, outcome="done", text="又").status_code == 404
    placing.place(case=Case.objects.get(), plan=WEARY, by=cast.actor("principal"), now=NOW)
    assert Placement.objects.filter(ended_on=None).count() == 1
    with pytest.raises(Refused, match="已经结束"):
        placing.review(placement=first, reviewed=Reviewed(TODAY, "done", "又"), by=cast.actor("principal"), now=NOW)


def test_done_brings_a_child_taught_apart_back_onto_the_roll_calls(cast: Cast) -> None:
    make.seated(cast.child, away="other")
    placement = make.placement(make.case(cast.child, "monitoring"), cause="work", kind="individual")
    with pytest.raises(Refused, match="复核日应在"):
        placing.review(placement=placement, reviewed=Reviewed(date(2020, 1, 1), "done", "x"), by=cast.actor("principal"), now=NOW)
    placing.review(placement=placement, reviewed=Reviewed(TODAY, "done", "回原班"), by=cast.actor("principal"), now=NOW)
    assert Seat.objects.get(child=cast.child, last_day=None).away == ""


def test_the_principal_is_reminded_of_a_review_once(cast: Cast) -> None:
    placement = make.placement(make.case(cast.child, "monitoring"), review_on=TODAY)
    assert remind_of_reviews(today=TODAY - timedelta(1), now=NOW) == 0
    assert (remind_of_reviews(today=TODAY, now=NOW), remind_of_reviews(today=TODAY + timedelta(1), now=NOW)) == (1, 0)
    assert Notice.objects.get().role == "principal"
    Placement.objects.filter(pk=placement.pk).update(review_on=LATER)
    assert remind_of_reviews(today=LATER, now=NOW) == 1, "the next review is another matter"


def test_many_go_on_in_as_many_questions_as_one(cast: Cast) -> None:
    def counted(children: list[Any]) -> int:
        for child in children:
            make.placement(make.case(child, "placed"), first_day=TODAY, cause="weary", school_class=None)
            Case.objects.filter(child=child).update(school_class=None)
        with CaptureQueriesContext(connection) as asked:
            assert advance(today=TODAY, now=NOW) == len(children)
        return len(asked)

    one = counted([cast.home.children[0]])
    assert counted(cast.home.children[1:6]) <= one + 2 * 1, "no question for each case"
