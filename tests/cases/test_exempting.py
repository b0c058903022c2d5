"""缓学、休学、不具备学习条件: the form, the second signature, the warning, the end that comes by itself."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import Seat
from apps.cases.actions import returning
from apps.cases.actions.exempting import end_early, expire, warn
from apps.cases.actions.proposing import decide
from apps.cases.models import Assignment, Case, CaseEntry, Proposal
from apps.cases.queries.facts import facts_of
from apps.cases.queries.following import held
from apps.cases.tasks import begin_watching, expire_exemptions, remind_schools
from apps.core.errors import Refused
from apps.notices.models import Notice
from tests.cases.test_watching_notes import pdf_text
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def send(cast: Cast, role: str, name: str, *args: Any, **form: Any) -> Any:
    return cast.client(role).post(reverse(name, args=args), {"_key": str(uuid.uuid4()), **form})


def form(**changed: Any) -> dict[str, Any]:
    told = {
        "basis": "deferral", "due_entry": "2026年9月", "guardian_name": "杨父", "guardian_phone": "13800000000", "address": "汤丹镇1村", "text": "先天性心脏病术后",
        "first_day": TODAY, "until": TODAY + timedelta(200), "proof_body": "东川区人民医院", "proof_opinion": "建议休养半年",
        "files": SimpleUploadedFile("诊断.pdf", b"%PDF-1.7"),
    }  # fmt: skip
    return told | changed


@pytest.mark.parametrize("state", ["returned", "placed", "monitoring"])
def test_a_child_that_falls_ill_after_its_return_is_no_repeat(cast: Cast, state: str) -> None:
    """It leaves the class for as long as it is ill; back again it is registered anew, and its old days in class count no more."""
    make.seated(cast.child)
    case = make.case(cast.child, state)
    back, placed = make.returned(case, on=TODAY - timedelta(40)), make.placement(case)
    make.called(cast.child, make.weekdays(TODAY - timedelta(40), TODAY))
    assert reverse("case_exempt", args=[case.pk]) in cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
    assert send(cast, "principal", "case_exempt", case.pk, **form(basis="suspension")).status_code == 302
    case.refresh_from_db()
    assert (case.task, case.owner_role) == ("decide_exempt", "bureau")
    decide(proposal=Proposal.objects.get(), agree=True, text="同意休学", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    back.refresh_from_db()
    placed.refresh_from_db()
    assert (case.state, case.repeats, back.ended_on, placed.ended_on) == ("exempt", 0, TODAY, TODAY)
    assert Seat.objects.get(child=cast.child, last_day=None).away == "suspension"
    later = TODAY + timedelta(201)
    assert expire(today=later, now=NOW + timedelta(201)) == 1
    case.refresh_from_db()
    assert (case.state, case.task, case.repeats) == ("persuading", "assign", 0)
    facts, _ = facts_of(case, today=later)
    assert (facts.registered_on, facts.days_present, facts.placing) == (None, 0, "")


def test_a_registration_before_an_illness_takes_no_time_from_the_one_after_it(cast: Cast) -> None:
    """Registered, and ill before it ever came: what follows the exemption is a new beginning."""
    make.seated(cast.child)
    case = make.case(cast.child, progress_on=TODAY - timedelta(30))
    make.returned(case, on=TODAY - timedelta(30))
    decide(proposal=make.proposal(case, "exempt", "suspension", agreed=False, first_day=TODAY, until=TODAY + timedelta(60)), agree=True, text="同意",
           by=cast.actor("bureau"), now=NOW)  # fmt: skip
    later = NOW + timedelta(61)
    assert expire(today=later.date(), now=later) == 1
    case.refresh_from_db()
    told = returning.Registered(later.date(), case.school_class, text="病愈返校")
    returning.register_return(case=case, registered=told, by=cast.actor("principal"), now=later)
    assert facts_of(case, today=later.date())[0].registered_from == later.date()


def test_from_the_form_to_the_paper_and_into_the_exemption(cast: Cast, tmp_path: Any) -> None:
    make.seated(cast.child)
    case = make.case(cast.child)
    long = send(cast, "township", "case_exempt", case.pk, **form(until=TODAY + timedelta(400)))
    assert long.status_code == 422 and "最长 365 日" in long.content.decode() and "建议休养半年" in long.content.decode()
    assert send(cast, "township", "case_exempt", case.pk, **form(files="")).status_code == 422
    assert send(cast, "township", "case_exempt", case.pk, **form()).status_code == 302
    made = Proposal.objects.get()
    assert (made.kind, made.basis, made.until) == ("exempt", "deferral", TODAY + timedelta(200))
    blank = pdf_text(cast.client("township").get(reverse("exempt_pdf", args=[made.pk])).content, tmp_path)
    assert "缓学申请表" in blank and "（盖章）" in blank
    case.refresh_from_db()
    assert (case.task, case.owner_role) == ("decide_exempt", "bureau")
    decide(proposal=made, agree=True, text="同意缓学", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    assert (case.state, case.task, case.due_on) == ("exempt", "expire", TODAY + timedelta(200))
    assert Seat.objects.get(child=cast.child, last_day=None).away == "other"
    text = pdf_text(cast.client("principal").get(reverse("exempt_pdf", args=[made.pk])).content, tmp_path)
    for words in (
        cast.child.name,
        "2026年9月",
        "汤丹镇1村",
        "13800000000",
        "东川区人民医院",
        "建议休养半年",
        "先天性心脏病术后",
        "同意缓学",
        cast.child.id_masked,
    ):
        assert words in text, words
    assert cast.client("principal").get(reverse("exempt_docx", args=[made.pk])).content.startswith(b"PK")
    assert cast.child.document.number not in text


@pytest.mark.parametrize(("role", "status"), [("principal", 200), ("township", 200), ("head_teacher", 404), ("central_school", 404), ("bureau", 404)])
def test_who_finds_the_form(cast: Cast, role: str, status: int) -> None:
    case = make.case(cast.child)
    assert cast.client(role).get(reverse("case_exempt", args=[case.pk])).status_code == status
    assert ("申请缓学、休学或不具备学习条件" in cast.client(role).get(reverse("case_show", args=[case.pk])).content.decode()) is (status == 200)


def test_other_states_have_no_exemption_and_other_proposals_no_application(cast: Cast) -> None:
    case = make.case(cast.child, "confirmed")
    answer = send(cast, "principal", "case_exempt", case.pk, **form())
    assert answer.status_code == 422 and "须先交办劝返" in answer.content.decode()
    pause = make.proposal(case, "pause", "illness", agreed=False, first_day=TODAY, until=TODAY)
    assert cast.client("principal").get(reverse("exempt_pdf", args=[pause.pk])).status_code == 404
    assert cast.client("principal").get(reverse("closing_pdf", args=[pause.pk])).status_code == 404


def exempt(cast: Cast, child: Any, *, left: int, basis: str = "deferral") -> Case:
    case = make.case(child, "exempt", days=50)
    make.proposal(case, "exempt", basis, on=NOW - timedelta(50), first_day=TODAY - timedelta(50), until=TODAY + timedelta(left))
    return case


def test_township_school_and_bureau_are_warned_once(cast: Cast) -> None:
    exempt(cast, cast.child, left=30)
    exempt(cast, cast.home.children[1], left=31)
    assert (warn(today=TODAY, now=NOW), warn(today=TODAY, now=NOW)) == (3, 0)
    assert set(Notice.objects.values_list("role", flat=True)) == {"township", "principal", "bureau"}
    assert "还有 30 日" in Notice.objects.first().sentence
    assert warn(today=TODAY + timedelta(1), now=NOW) == 3, "the other one's turn; the first is not told again"


def test_the_day_after_it_ends_persuasion_goes_on(cast: Cast) -> None:
    registers.term()
    standing, loose = exempt(cast, cast.child, left=0), exempt(cast, cast.home.children[1], left=-1)
    make.assigned(standing, cast.home.townships[0].code)
    registers.entry(cast.child)
    make.seated(cast.child, away="suspension", entered_at=NOW)
    assert expire(today=TODAY, now=NOW) == 1, "its last day is not over"
    loose.refresh_from_db()
    assert (loose.state, loose.task, loose.owner_role) == ("persuading", "assign", "bureau")
    assert "请区教体局重新交办" in Notice.objects.get(role="bureau").sentence
    tomorrow = TODAY + timedelta(1)
    assert (expire(today=tomorrow, now=NOW + timedelta(1)), expire(today=tomorrow, now=NOW + timedelta(1))) == (1, 0)
    standing.refresh_from_db()
    assert (standing.state, standing.state_since, standing.owner_role) == ("persuading", tomorrow, "township")
    line = CaseEntry.objects.filter(case=standing).latest("pk")
    assert (line.source, line.target, line.by_name, line.is_progress) == ("exempt", "persuading", "系统", True)
    assert "交办继续有效" in Notice.objects.filter(role="township").latest("pk").sentence
    seat_pupils(district=HOME, today=tomorrow, now=NOW, held=held(HOME, today=tomorrow))
    assert Seat.objects.get(child=cast.child, last_day=None).away == "", "the registers decide again"


def test_a_child_that_is_well_again_comes_back_before_the_last_day(cast: Cast) -> None:
    """By whom may grant it, with a reason; from there on as after its last day: persuasion, the bureau charges anew, the registers decide again."""
    registers.term()
    case = exempt(cast, cast.child, left=120, basis="suspension")
    registers.entry(cast.child)
    make.seated(cast.child, away="suspension", entered_at=NOW)
    long_ago = NOW - timedelta(60)
    Assignment.objects.create(
        case=case, level="township", region_code=cast.child.township_code, given_at=long_ago, given_name="某", given_title="某",
        accept_by=long_ago.date(), ended_at=long_ago,
    )  # fmt: skip
    url = reverse("case_show", args=[case.pk])
    assert "提前结束，恢复劝返" in cast.client("bureau").get(url).content.decode()
    assert "提前结束，恢复劝返" not in cast.client("principal").get(url).content.decode()
    assert send(cast, "principal", "case_exempt_end", case.pk, text="病愈").status_code == 404
    with pytest.raises(Refused, match="由批准的区教体局"):
        end_early(case=case, text="病愈", by=cast.actor("township"), now=NOW)
    assert send(cast, "bureau", "case_exempt_end", case.pk, text=" ").status_code == 422
    proof = SimpleUploadedFile("病愈.pdf", b"%PDF-1.7")
    assert send(cast, "bureau", "case_exempt_end", case.pk, text="医院证明可以上学", files=proof).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.state_since, case.progress_on, case.task, case.owner_role) == ("persuading", TODAY, TODAY, "assign", "bureau")
    assert case.due_on > TODAY, "whoever charged a township long ago has the usual days to charge it anew"
    said, moved = case.ledger.order_by("-pk")[:2][::-1]
    assert (
        said.text == "提前结束休学（原至2027年3月23日）：医院证明可以上学"
        and said.by_name == cast.actor("bureau").name
        and said.attachments.count() == 1
    )
    assert (moved.source, moved.target, moved.by_name) == ("exempt", "persuading", "系统")
    assert {notice.role for notice in Notice.objects.filter(topic="expiry", sentence__contains="提前结束")} == {"township", "principal", "bureau"}
    signed = Proposal.objects.get()
    assert (signed.until, signed.ended_on) == (TODAY + timedelta(120), TODAY), "the paper stays as it was signed"
    seat_pupils(district=HOME, today=TODAY, now=NOW, held=held(HOME, today=TODAY))
    assert Seat.objects.get(child=cast.child, last_day=None).away == ""
    with pytest.raises(Refused, match="没有在效的"):
        end_early(case=case, text="再次", by=cast.actor("bureau"), now=NOW)
    assert expire(today=TODAY + timedelta(1), now=NOW) == 0
    returning.register_return(case=case, registered=returning.Registered(TODAY, cast.child.school_class), by=cast.actor("registrar"), now=NOW)
    assert "2026年11月23日提前结束" in cast.client("bureau").get(url).content.decode()


def test_the_last_exemption_counts(cast: Cast) -> None:
    case = exempt(cast, cast.child, left=-1)
    make.proposal(case, "exempt", "suspension", on=NOW - timedelta(1), first_day=TODAY - timedelta(1), until=TODAY + timedelta(20))
    assert expire(today=TODAY, now=NOW) == 0


def test_many_end_in_as_many_questions_as_one(cast: Cast) -> None:
    def counted(children: list[Any]) -> int:
        for child in children:
            exempt(cast, child, left=-1)
        with CaptureQueriesContext(connection) as asked:
            assert expire(today=TODAY, now=NOW) == len(children)
        return len(asked)

    assert counted([cast.home.children[0]]) == counted(cast.home.children[1:6])


def test_the_tasks_of_the_night(cast: Cast) -> None:
    """As the timetable calls them."""
    case = exempt(cast, cast.child, left=-1)
    placed = make.case(cast.home.children[1], "placed")
    make.placement(placed, review_on=TODAY)
    expire_exemptions()
    begin_watching()
    remind_schools()
    assert {case.pk: "persuading", placed.pk: "monitoring"} == dict(Case.objects.values_list("pk", "state"))
    assert Notice.objects.filter(topic="review").count() == 1
