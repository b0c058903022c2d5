"""Nothing is closed, handed over, confirmed or ordered on a ground that the facts do not bear out; a watched child that is lost comes back."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.cases.actions import duty_letters, moving, proposing, reopening, returning, stepping
from apps.cases.actions.duties import Place
from apps.cases.actions.handover import send_handover, take_up_letter
from apps.cases.actions.proposing import Asked
from apps.cases.models import Case, CaseEntry, Proposal, Return
from apps.cases.rules import ending
from apps.cases.rules.household import Known, stands_here
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.notices.models import Notice
from apps.schools.models import PolicyValue, SchoolClass
from apps.schools.policy import Policy
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import fresh
from tests.factories.cases_steps import persuading
from tests.factories.registers import entry, term

pytestmark = pytest.mark.django_db
NUMBERS = Policy({})


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def close(case: Case, basis: str, cast: Cast, **told: Any) -> Proposal:
    asked = Asked("close", basis, "查实", files=make.PDF, **told)
    return proposing.ask(case=fresh(case), asked=asked, by=cast.actor("principal"), now=NOW)


@pytest.mark.parametrize(
    ("birth", "today", "changed", "past"),
    [
        (date(2011, 8, 31), date(2026, 9, 1), {}, True),
        (date(2011, 8, 31), date(2026, 8, 31), {}, False),  # the day itself is still the old year's
        (date(2011, 9, 1), date(2027, 8, 31), {}, False),
        (date(2011, 9, 1), date(2027, 9, 1), {}, True),
        (date(2011, 8, 31), date(2026, 9, 1), {"leaving_age": 16}, False),
        (date(2012, 1, 1), date(2026, 12, 31), {"entry_cutoff": 1231}, False),
        (None, date(2026, 9, 1), {}, False),
    ],
)
def test_past_age_by_the_birth_date(birth: date | None, today: date, changed: dict[str, int], past: bool) -> None:
    assert ending.is_past_age(birth, today=today, numbers=Policy(changed)) is past


@pytest.mark.parametrize("basis", ["past_age", "graduated"])
def test_a_child_of_nine_is_neither_past_age_nor_graduated(cast: Cast, basis: str) -> None:
    Child.objects.filter(pk=cast.child.pk).update(birth_date=date(2017, 5, 1))
    case = make.case(cast.child)
    with pytest.raises(Refused, match="按出生日期已满 15 周岁；毕业的，九年级学年已经结束"):
        close(case, basis, cast)
    made = make.proposal(case, "close", basis, agreed=False)  # asked for before this was looked at
    said = proposing.decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    assert "还不能办理" in said and fresh(case).state == "persuading"


@pytest.mark.parametrize(("year", "grade", "holds"), [(2025, 9, True), (2026, 9, False), (2025, 8, False)])
def test_graduated_once_the_ninth_grade_is_over(cast: Cast, year: int, grade: int, holds: bool) -> None:
    room = SchoolClass.objects.create(school=cast.home.schools[1], school_year=year, grade=grade, name="九")
    case = make.case(cast.child, school_class=room)
    if holds:
        assert close(case, "graduated", cast).pk
    else:
        with pytest.raises(Refused, match="九年级学年已经结束"):
            close(case, "graduated", cast)


@pytest.mark.parametrize(("basis", "birth"), [("died", date(2014, 5, 1)), ("past_age", date(2011, 8, 31))])
def test_a_suspected_child_that_died_or_is_past_age_is_closed_as_what_it_is(cast: Cast, basis: str, birth: date) -> None:
    Child.objects.filter(pk=cast.child.pk).update(birth_date=birth)
    case = make.case(cast.child, "suspected", days=5)
    made = close(case, basis, cast)
    assert (fresh(case).task, fresh(case).owner_role) == ("decide_close", "bureau")
    assert "已销号" in proposing.decide(proposal=made, agree=True, text="属实", by=cast.actor("bureau"), now=NOW)
    assert (fresh(case).state, fresh(case).task) == ("closed", "")
    assert cast.client("bureau").get(reverse("closing_pdf", args=[made.pk])).status_code == 200


def test_a_suspected_child_is_not_closed_as_watched(cast: Cast) -> None:
    with pytest.raises(Refused, match="不能以此提出"):
        close(make.case(cast.child, "suspected", days=5), "watched", cast)


def test_a_certificate_says_of_which_school(cast: Cast) -> None:
    case = make.case(cast.child)
    with pytest.raises(Refused, match="请写明毕业学校"):
        close(case, "certified", cast)
    with pytest.raises(Refused, match="须附证明材料"):
        proposing.ask(case=case, asked=Asked("close", "certified", "x", where="寻甸一中"), by=cast.actor("principal"), now=NOW)
    made = close(case, "certified", cast, where="寻甸一中")
    assert made.text.startswith("毕业学校：寻甸一中。") and "寻甸一中" in made.entry.text
    assert 'name="where"' in cast.client("principal").get(reverse("case_show", args=[make.case(cast.strangers["class"]).pk])).content.decode()


@pytest.mark.parametrize(
    ("known", "here"),
    [
        (Known([""], ["530129"], ""), True),  # the district's own register comes first
        (Known(["moved_out"], [], "530113102"), False),
        (Known(["not_found"], [], ""), None),
        (Known([], ["530129"], "530113102"), False),
        (Known([], ["530129", "530113102"], ""), True),
        (Known([], [], "530113102"), True),
        (Known(), None),
    ],
)
def test_where_a_household_stands(known: Known, here: bool | None) -> None:
    assert stands_here(known, district=HOME) is here


def send(cast: Cast, case: Case, **told: Any) -> Any:
    words = {"addressee": "寻甸县教育体育局", "text": "", "home": "寻甸县羊街镇"} | told
    return send_handover(case=fresh(case), by=cast.actor("bureau"), now=NOW, **words)


def test_a_household_of_this_district_is_not_handed_over(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    entry(cast.child, "household")
    entry(cast.child, residence_code="530129")
    for call in (lambda: send(cast, case, files=make.PDF), lambda: take_up_letter(case=fresh(case), by=cast.actor("bureau"), now=NOW)):
        with pytest.raises(Refused, match="户籍在汤丹镇，本区户籍的由本区劝返"):
            call()
    assert (fresh(case).state, fresh(case).is_non_local) == ("persuading", False)


def test_where_no_register_knows_the_household_its_proof_is_asked_for(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    Child.objects.filter(pk=cast.child.pk).update(township_code="", village_code="")
    for told, words in [({"home": " ", "files": make.PDF}, "请填写户籍地"), ({}, "请附户籍证明")]:
        with pytest.raises(Refused, match=words):
            send(cast, case, **told)
    made = send(cast, case, files=make.PDF)
    assert made.entry.attachments.get().label == "户籍证明" and fresh(case).state == "transferred"


def apart(cast: Cast) -> Case:
    """Taught at home, watched for forty days."""
    case = make.case(cast.child, "monitoring", lines_on=TODAY - timedelta(60))
    make.returned(case, on=TODAY - timedelta(50), school_class=None)
    make.placement(case, kind="home_teaching", cause="ill")
    return case


@pytest.mark.parametrize("role", ["principal", "township", "bureau"])
def test_a_watched_child_that_is_lost_is_persuaded_anew(cast: Cast, role: str) -> None:
    term()
    case = apart(cast)
    waits = make.proposal(case, "close", "watched", agreed=False)
    told = {"_key": str(uuid.uuid4()), "on": TODAY - timedelta(2), "text": "随父亲到昆明务工"}
    assert "又不上学了" in cast.client(role).get(reverse("case_show", args=[case.pk])).content.decode()
    assert cast.client(role).post(reverse("case_reopen", args=[case.pk]), told).status_code == 302
    case, line = fresh(case), CaseEntry.objects.get(case=case, target="reopened")
    assert (case.state, case.repeats, case.lines_on, case.task, case.owner_role) == ("reopened", 1, None, "assign", "bureau")
    assert line.text == "再次辍学（第 1 次）：自2026年11月21日起不上学。随父亲到昆明务工" and line.source == "monitoring"
    assert not Return.objects.filter(ended_on=None).exists() and not case.placements.filter(ended_on=None).exists()
    waits.refresh_from_db()
    assert waits.verdict == "withdrawn"
    hear = {"principal", "township", "bureau"} - {role}
    assert set(Notice.objects.filter(topic="suspected").values_list("role", flat=True)) == hear


def test_what_no_reopening_can_be(cast: Cast) -> None:
    case, by = apart(cast), cast.actor("principal")
    for on, text, who, words in [
        (TODAY, " ", by, "请写明怎样得知"),
        (TODAY + timedelta(1), "走了", by, "和今天之间"),
        (TODAY - timedelta(41), "走了", by, "开始跟踪之日（2026年10月14日）"),
        (TODAY, "走了", cast.actor("head_teacher"), "您的岗位不能办理"),
    ]:
        with pytest.raises(Refused, match=words):
            reopening.reopen(case=fresh(case), on=on, text=text, by=who, now=NOW)
    with pytest.raises(Refused, match="跟踪巩固中的个案"):
        reopening.reopen(case=make.case(cast.strangers["class"]), on=TODAY, text="走了", by=by, now=NOW)
    told = {"_key": str(uuid.uuid4()), "target": "reopened"}
    assert cast.client("principal").post(reverse("case_move", args=[case.pk]), told).status_code == 404, "not without its reason"
    lost = cast.client("principal").post(reverse("case_reopen", args=[case.pk]), {"_key": str(uuid.uuid4()), "on": "2026-01-01", "text": "到昆明了"})
    assert lost.status_code == 422 and "到昆明了" in lost.content.decode()
    assert fresh(case).state == "monitoring"


def test_no_step_while_the_child_is_registered_and_in_class(cast: Cast) -> None:
    term()
    case = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    principal, township = cast.actor("principal"), cast.actor("township")
    make.seated(cast.child)
    returning.register_return(case=case, registered=returning.Registered(TODAY, cast.child.school_class), by=principal, now=NOW)
    told = stepping.Issued("persuade", "杨父")
    with pytest.raises(Refused, match="已登记复学注册（2026年11月23日），“四步法”停止"):
        stepping.issue_step(case=fresh(case), told=told, by=township, now=NOW)
    with pytest.raises(Refused, match="“四步法”停止"):
        proposing.ask(case=fresh(case), asked=Asked("skip", "urgent", "急", files=make.PDF), by=township, now=NOW)
    page = cast.client("township").get(reverse("case_show", args=[case.pk])).content.decode()
    assert "“四步法”停止" in page and "可以发出下一份文书" not in page
    returning.leave_again(case=fresh(case), on=TODAY, text="又走了", by=principal, now=NOW)
    assert stepping.issue_step(case=fresh(case), told=told, by=township, now=NOW).step == 1


@pytest.mark.parametrize(
    ("visits", "lacks"),
    [
        ([], "首次入户或当面走访；查明现在去向（走访、电话记录，或已签发的三线报告）；查明不上学的原因"),
        ([{"outcome": "nobody", "cause": "", "whereabouts": ""}], "缺：查明现在去向"),
        ([{"outcome": "refused", "cause": "unknown"}], "缺：查明不上学的原因"),
        ([{"outcome": "refused", "whereabouts": ""}], "缺：查明现在去向"),
        ([{"outcome": "working", "cause": "", "whereabouts": "昆明", "way": "phone"}], "缺：首次入户或当面走访。"),  # as a neighbour says
        ([{"outcome": "nobody", "cause": "", "whereabouts": ""}, {"outcome": "working", "cause": "", "way": "phone"}], ""),
        ([{"outcome": "refused", "whereabouts": ""}, {"outcome": "guardian", "cause": "", "way": "elsewhere"}], ""),
        ([{"outcome": "unknown", "cause": "", "whereabouts": ""}], ""),
    ],
)
def test_thirty_days_replace_the_waiting_and_not_the_verification(cast: Cast, visits: list[dict[str, Any]], lacks: str) -> None:
    case = make.case(cast.child, "suspected", days=40)
    for visit in visits:
        make.seen(case, **visit)
    asked = Asked("confirm", "days", "满")
    if not lacks:
        made = proposing.ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW)
        proposing.decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
        assert fresh(case).state == "confirmed"
    else:
        with pytest.raises(Refused, match=lacks):
            proposing.ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW)


def test_what_is_written_names_the_districts_own_numbers(cast: Cast) -> None:
    term()
    for key, value in (("returned_school_days", 8), ("suspected_school_days", 4)):
        PolicyValue.objects.create(district_code=HOME, key=key, value=value, effective_from=date(2026, 1, 1), basis="测")
    case = persuading(cast.child, since=TODAY - timedelta(40), now=NOW)
    make.seated(cast.child)
    make.returned(case, on=TODAY - timedelta(20))
    assert "到校满 8 个上课日" in cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    make.called(cast.child, make.weekdays(TODAY - timedelta(20), TODAY))
    moving.move(case=fresh(case), target=State.RETURNED, by=cast.actor("principal"), now=NOW)
    assert case.ledger.filter(kind="moved").get().text.endswith("已注册且到校满 8 个上课日")
    written = duty_letters.Written(2026, "区", "甲", "校", "乙")
    letter = duty_letters.make_letter(place=Place(school=cast.home.schools[0]), written=written, by=cast.actor("bureau"), now=NOW)
    assert "连续 4 个上课日无正当理由未到校的" in "".join(letter.letter["of_lower"])
