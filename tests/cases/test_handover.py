"""移交户籍地: letter, track, answer, acceptance in writing; not taken, the case is back to be persuaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from apps.cases.actions.handover import Answered, answer_handover, chase_handovers, send_handover, track_handover
from apps.cases.actions.moving import move
from apps.cases.actions.proposing import Asked, ask, decide
from apps.cases.actions.stepping import Issued, issue_step
from apps.cases.models import Case, CaseEntry, Handover, LegalStep
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories.cases_steps import SCAN, charge, persuading
from tests.factories.registers import entry

pytestmark = pytest.mark.django_db
WORKING = Answered("working", TODAY, "正在查找")
ACCEPTED = Answered("accepted", TODAY, "已入学", receiving="寻甸县羊街中学", files=[SCAN])


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def case(cast: Cast) -> Case:
    """A child whose household is in 寻甸, by its record of enrolment."""
    entry(cast.child, residence_code="530129")
    return persuading(cast.child, since=TODAY - timedelta(3), now=NOW)


def send(cast: Cast, case: Case, role: str = "bureau", addressee: str = "寻甸回族彝族自治县教育体育局") -> Handover:
    return send_handover(case=case, addressee=addressee, text="随父母返乡", home="寻甸县羊街镇", by=cast.actor(role), now=NOW)


def answer(cast: Cast, handover: Handover, told: Answered, days: int = 0) -> Handover:
    told = replace(told, on=TODAY + timedelta(days))
    return answer_handover(handover=handover, told=told, by=cast.actor("bureau"), now=NOW + timedelta(days))


def refused(code: str, call: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Refused) as told, transaction.atomic():
        call(*args, **kwargs)
    assert told.value.code == code, told.value.sentence


def test_the_letter_hands_the_case_over(cast: Cast, case: Case) -> None:
    step = issue_step(case=case, told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    made = send(cast, case)
    case.refresh_from_db()
    assert (made.number, made.reply_by) == ("东川区教育体育局控辍函〔2026〕1号", TODAY + timedelta(15))
    assert (case.state, case.is_non_local, case.task, case.owner_role, case.due_on) == ("transferred", True, "acceptance", "bureau", made.reply_by)
    words = "".join(made.letter["paragraphs"])
    assert cast.child.name in words and "户籍地寻甸县羊街镇" in words and "15日内" in words and "随父母返乡。" in words
    step.refresh_from_db()
    assert step.stopped_on == TODAY, "nothing is left for this township to order"


@pytest.mark.parametrize("role", ["township", "principal", "central_school"])
def test_only_the_bureau_writes(cast: Cast, case: Case, role: str) -> None:
    refused("right", send, cast, case, role)


def test_what_no_letter_can_be(cast: Cast, case: Case) -> None:
    refused("addressee", send, cast, case, addressee=" ")
    send(cast, case)
    refused("state", send, cast, case)
    assert Handover.objects.count() == 1 and CaseEntry.objects.filter(kind="document").count() == 1


def test_it_stays_open_until_it_is_accepted_in_writing(cast: Cast, case: Case) -> None:
    made = send(cast, case)
    asked = Asked("close", "accepted", "对方已接收", files=[SCAN])
    refused("missing", ask, case=case, asked=asked, by=cast.actor("principal"), now=NOW)
    answer(cast, made, WORKING, 2)
    made.refresh_from_db()
    case.refresh_from_db()
    assert (made.reply_by, case.due_on, case.state) == (TODAY + timedelta(17), TODAY + timedelta(17), "transferred")
    refused("receiving", answer, cast, made, replace(ACCEPTED, receiving=" "), 3)
    refused("files", answer, cast, made, replace(ACCEPTED, files=()), 3)
    answer(cast, made, ACCEPTED, 3)
    made.refresh_from_db()
    assert (made.accepted_on, made.receiving) == (TODAY + timedelta(3), "寻甸县羊街中学")
    assert CaseEntry.objects.filter(case=case, kind="report").last().attachments.count() == 1
    refused("state", answer, cast, made, WORKING, 4)
    decide(proposal=ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW), agree=True, text="", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    assert case.state == "closed"


@pytest.mark.parametrize(("told", "day"), [("refused", 1), ("silent", 16)])
def test_not_taken_it_is_back_to_be_persuaded(cast: Cast, case: Case, told: str, day: int) -> None:
    made = send(cast, case)
    answer(cast, made, Answered(told, TODAY, "不属我县户籍"), day)
    made.refresh_from_db()
    case.refresh_from_db()
    assert (made.ended_on, case.state) == (TODAY + timedelta(day), "persuading")
    assert (case.task, case.owner_role) in (("visit", "township"), ("first_paper", "township"), ("assign", "bureau")), (
        "the township goes on, or is charged anew"
    )
    assert send(cast, case).number.endswith("2号"), "the bureau may write again, to the right one"


def test_silence_only_after_its_day(cast: Cast, case: Case) -> None:
    made = send(cast, case)
    refused("answer", answer, cast, made, Answered("silent", TODAY, "没有回音"), 15)


def test_a_case_does_not_come_back_while_its_letter_is_out(cast: Cast, case: Case) -> None:
    send(cast, case)
    refused("missing", move, case=case, target=State.PERSUADING, by=cast.actor("bureau"), now=NOW)


def test_a_call_is_written_down_and_moves_no_deadline(cast: Cast, case: Case) -> None:
    made = send(cast, case)
    later = NOW + timedelta(5)
    track_handover(handover=made, on=TODAY + timedelta(5), text="电话催办，称正在核实", files=(), by=cast.actor("bureau"), now=later)
    case.refresh_from_db()
    assert case.due_on == made.reply_by and case.progress_on == TODAY + timedelta(5)
    for on, text, code in ((TODAY + timedelta(6), "催", "on"), (TODAY - timedelta(1), "催", "on"), (TODAY, " ", "text")):
        refused(code, track_handover, handover=made, on=on, text=text, files=(), by=cast.actor("bureau"), now=later)
    refused("right", track_handover, handover=made, on=TODAY, text="催", files=(), by=cast.actor("principal"), now=later)


def test_an_overdue_answer_comes_back_to_the_bureau_once(cast: Cast, case: Case) -> None:
    made = send(cast, case)
    for day, new in ((15, 0), (16, 1), (17, 0)):
        assert chase_handovers(by=SYSTEM, today=TODAY + timedelta(day), now=NOW + timedelta(day)) == new
    waiting = Notice.objects.standing().filter(key__startswith="handover:")
    assert waiting.get().role == "bureau" and made.number in waiting.get().sentence
    answer(cast, made, WORKING, 18)
    assert not waiting.exists(), "it was answered"
    assert chase_handovers(by=SYSTEM, today=TODAY + timedelta(34), now=NOW + timedelta(34)) == 1, "and is owed again"


def test_steps_issued_after_the_return_begin_anew(cast: Cast, case: Case) -> None:
    issue_step(case=case, told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    answer(cast, send(cast, case), Answered("refused", TODAY, "不属我县户籍"))
    charge(case, since=TODAY, now=NOW)
    again = issue_step(case=Case.objects.get(), told=Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    assert again.step == 1 and LegalStep.objects.standing().count() == 1
