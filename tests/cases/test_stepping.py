"""四步法 as it is done: issued by the township, served with proof, in order; skipped by consent, made void, stopped when the child returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import docx
import pytest
from django.db import DatabaseError, transaction

from apps.cases.actions.ending import stop_steps
from apps.cases.actions.proposing import Asked, ask, decide
from apps.cases.actions.stepping import Issued, Served, issue_step, serve_step, void_step
from apps.cases.letters.official import paper
from apps.cases.letters.steps import proof_of_service
from apps.cases.models import Assignment, Case, CaseEntry, LegalStep, Service
from apps.cases.queries.facts import facts_of
from apps.cases.queries.persuading import register
from apps.cases.rules import stepping
from apps.core.errors import Refused
from apps.core.papers_docx import docx_bytes
from apps.schools.models import PolicyValue
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import people
from tests.factories.cases_steps import SCAN, charge, persuading
from tests.factories.children import id_number

pytestmark = pytest.mark.django_db
HAND = Served(way="direct", served_on=TODAY, place="1组", received_by="杨父", servers="李测、王测", files=[SCAN])
PAPER = {1: Issued("persuade", "杨父"), 2: Issued("order", "杨父", days=7)}


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def case(cast: Cast) -> Case:
    return persuading(cast.child, since=TODAY - timedelta(3), now=NOW)


def at(days: int) -> datetime:
    return NOW + timedelta(days)


def issue(cast: Cast, case: Case, told: Issued = PAPER[1], day: int = 0) -> LegalStep:
    case.refresh_from_db()
    return issue_step(case=case, told=told, by=cast.actor("township"), now=at(day))


def serve(cast: Cast, step: LegalStep, day: int = 0, **changed: Any) -> Service:
    told = replace(HAND, served_on=TODAY + timedelta(day), **changed)
    return serve_step(step=step, told=told, by=cast.actor("township"), now=at(day))


def refused(code: str, call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as told, transaction.atomic():
        call(*args, **kwargs)
    assert told.value.code == code, told.value.sentence
    return told.value.sentence


def text_of(step: LegalStep) -> str:
    return "\n".join(step.letter["paragraphs"])


def by_law(case: Case, day: int = 0) -> date:
    """By when the legal step that stands must be taken further."""
    facts, numbers = facts_of(case, today=TODAY + timedelta(day))
    return stepping.due(facts, numbers=numbers)


def test_the_first_paper(cast: Cast, case: Case) -> None:
    step = issue(cast, case)
    assert (step.step, step.number, step.office, step.term_days) == (1, "汤丹镇人民政府控辍〔2026〕1号", "530113102", 14)
    assert step.letter["addressee"] == "杨父" and cast.child.name in text_of(step) and "14 日内" in text_of(step)
    assert case.progress_on == TODAY and by_law(case) == TODAY + timedelta(7), "to be served within seven days"
    assert (case.task, case.due_on) == ("visit", TODAY + timedelta(2)), "and visited before the case climbs"
    entry = CaseEntry.objects.filter(case=case).last()
    assert entry.kind == "document" and entry.is_progress and step.number in entry.text


def test_the_second_waits_for_service_and_term(cast: Cast, case: Case) -> None:
    first = issue(cast, case)
    assert "还没有送达" in refused("order", issue, cast, case, PAPER[2], 1)
    serve(cast, first, 1)
    first.refresh_from_db()
    assert first.term_ends_on == TODAY + timedelta(15)
    case.refresh_from_db()
    assert by_law(case, 1) == TODAY + timedelta(22) and case.due_on == TODAY + timedelta(3)
    assert "12月8日 届满" in refused("order", issue, cast, case, PAPER[2], 15)
    second = issue(cast, case, PAPER[2], 16)
    assert (second.step, second.number) == (2, "汤丹镇人民政府控辍〔2026〕2号")
    assert f"2026年11月24日送达《劝学通知书》（{first.number}）" in text_of(second)
    assert refused("order", issue, cast, case, PAPER[1], 16)


def test_all_four_steps_to_the_court(cast: Cast, case: Case) -> None:
    told = (
        PAPER[1], replace(PAPER[2], days=15), Issued("penalty_notice", "杨父", text="警告"), Issued("penalty", "杨父", text="警告，三日内送其入学"),
        Issued("sue", "杨父", text="判令被告送杨阿测入学", court="昆明市东川区人民法院"),
    )  # fmt: skip
    day, made = 0, []
    for one in told:
        made.append(issue(cast, case, one, day))
        serve(cast, made[-1], day)
        made[-1].refresh_from_db()
        ends = made[-1].term_ends_on
        day = (ends - TODAY).days + 1 if ends else day
    assert [(one.step, one.paper, one.term_days) for one in made] == [
        (1, "persuade", 14), (2, "order", 15), (3, "penalty_notice", 5), (3, "penalty", 15), (4, "sue", None),
    ]  # fmt: skip
    last = made[-1]
    assert last.addressee == "昆明市东川区人民法院" and "被告：杨父" in text_of(last)
    assert "四步均已办理" in refused("order", issue, cast, case, Issued("enforce", "杨父", text="执行", court="法院"), day + 1)
    case.refresh_from_db()
    assert case.task == "visit" and by_law(case, day) == case.progress_on + timedelta(7)
    numbers = [one.number.partition("〔")[2] for one in made]
    assert numbers == ["2026〕1号", "2026〕2号", "2026〕3号", "2026〕4号", "2027〕1号"], "the court is reached in the new year"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (replace(PAPER[1], addressee=" "), "addressee"), (replace(PAPER[1], days=10), "days"), (PAPER[2], "order"),
        (Issued("sue", "杨父", text="请求", court="法院"), "order"),
    ],
)  # fmt: skip
def test_what_a_first_paper_cannot_be(cast: Cast, case: Case, told: Issued, code: str) -> None:
    refused(code, issue, cast, case, told)
    assert not LegalStep.objects.exists()


def test_what_the_township_must_write_and_within_which_term(cast: Cast, case: Case) -> None:
    serve(cast, issue(cast, case))
    for days, code in ((6, "days"), (16, "days")):
        refused(code, issue, cast, case, replace(PAPER[2], days=days), 15)
    PolicyValue.objects.create(district_code=HOME, key="step_order_longest_days", value=20, effective_from=TODAY, basis="区里定的")
    serve(cast, issue(cast, case, replace(PAPER[2], days=16), 15), 15)
    refused("text", issue, cast, case, Issued("penalty_notice", "杨父"), 32)


@pytest.mark.parametrize("role", ["principal", "head_teacher", "bureau", "village", "central_school"])
def test_only_the_township_issues(cast: Cast, case: Case, role: str) -> None:
    refused("right", issue_step, case=case, told=PAPER[1], by=cast.actor(role), now=NOW)


def test_only_the_township_that_is_charged(cast: Cast, case: Case) -> None:
    other = people.actor(people.post("township", region=cast.home.townships[1]))
    refused("office", issue_step, case=case, told=PAPER[1], by=other, now=NOW)
    Assignment.objects.update(ended_at=NOW)
    refused("office", issue, cast, case)


@pytest.mark.parametrize("state", ["suspected", "confirmed", "monitoring"])
def test_only_while_it_is_persuaded(cast: Cast, case: Case, state: str) -> None:
    Case.objects.update(state=state)
    refused("state", issue, cast, case)


def test_numbers_by_township_and_year(cast: Cast, case: Case) -> None:
    other = persuading(cast.home.children[4], since=TODAY, now=NOW)
    by = people.actor(people.post("township", region=cast.home.townships[1]))
    assert issue(cast, case).number.endswith("〔2026〕1号")
    assert issue_step(case=other, told=PAPER[1], by=by, now=NOW).number == "因民镇人民政府控辍〔2026〕1号"
    late = persuading(cast.home.children[1], since=TODAY, now=NOW)
    assert issue(cast, late, day=40).number == "汤丹镇人民政府控辍〔2027〕1号"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"way": "left"}, "service"), ({"received_by": "杨母"}, "service"), ({"way": "public"}, "service"), ({"files": ()}, "files"),
    ],
)  # fmt: skip
def test_what_a_proof_of_service_needs(cast: Cast, case: Case, changed: dict[str, Any], code: str) -> None:
    step = issue(cast, case)
    refused(code, serve, cast, step, **changed)
    step.refresh_from_db()
    assert step.term_ends_on is None and not Service.objects.exists()


def test_a_paper_is_served_once_and_stays_as_it_was_written(cast: Cast, case: Case) -> None:
    step = issue(cast, case)
    made = serve(cast, step, way="left", witness="赵测")
    assert made.entry.attachments.get().label == "送达回证"
    refused("state", serve, cast, step)
    with pytest.raises(DatabaseError), transaction.atomic():
        Service.objects.filter(pk=made.pk).update(served_on=TODAY - timedelta(9))


def test_at_a_court_anybody_may_take_it(cast: Cast, case: Case) -> None:
    step = issue(cast, case)
    LegalStep.objects.filter(pk=step.pk).update(paper="sue", step=4, addressee="昆明市东川区人民法院")
    step.refresh_from_db()
    assert serve(cast, step, received_by="立案庭张测").step == step


def test_a_wrong_paper_is_void_and_issued_anew(cast: Cast, case: Case) -> None:
    by, first = cast.actor("township"), issue(cast, case)
    serve(cast, first)
    refused("text", void_step, step=first, text=" ", by=by, now=NOW)
    progress = case.progress_on
    void_step(step=first, text="送达日记错", by=by, now=at(1))
    case.refresh_from_db()
    assert (first.stopped_on, first.stopped_text) == (TODAY + timedelta(1), "作废：送达日记错")
    assert case.progress_on < progress, "a paper that is void is no progress"
    assert CaseEntry.objects.filter(case=case).last().corrects == first.entry
    refused("order", void_step, step=first, text="再", by=by, now=at(1))
    again = issue(cast, case, day=1)
    assert again.number.endswith("2号") and facts_of(case, today=TODAY)[0].step.served_on is None
    refused("state", serve, cast, first, 1)


def test_only_the_last_paper_may_be_void(cast: Cast, case: Case) -> None:
    first = issue(cast, case)
    serve(cast, first)
    issue(cast, case, PAPER[2], 15)
    refused("order", void_step, step=first, text="不行", by=cast.actor("township"), now=at(15))


def skip(cast: Cast, case: Case, **changed: Any) -> Any:
    asked = Asked(**({"kind": "skip", "basis": "useless", "text": "全家外出，无法送达", "files": [SCAN]} | changed))
    return ask(case=case, asked=asked, by=cast.actor("township"), now=at(1))


def test_a_step_is_skipped_with_reason_and_consent(cast: Cast, case: Case) -> None:
    issue(cast, case)
    proposal = skip(cast, case)
    assert not LegalStep.objects.filter(is_skipped=True).exists(), "asked is not agreed"
    assert refused("order", issue, cast, case, PAPER[2], 1)
    refused("right", decide, proposal=proposal, agree=True, text="", by=cast.actor("principal"), now=at(1))
    decide(proposal=proposal, agree=True, text="同意", by=cast.actor("bureau"), now=at(1))
    row = LegalStep.objects.get(is_skipped=True)
    assert (row.step, row.paper, row.number, row.issued_name) == (1, "", "", cast.actor("bureau").name)
    assert "跳过第1步“宣传教育”" in row.entry.text
    assert issue(cast, case, PAPER[2], 1).step == 2


def test_a_refused_skip_changes_nothing(cast: Cast, case: Case) -> None:
    issue(cast, case)
    decide(proposal=skip(cast, case), agree=False, text="请公告送达", by=cast.actor("bureau"), now=at(1))
    assert not LegalStep.objects.filter(is_skipped=True).exists()


def test_what_cannot_be_skipped(cast: Cast, case: Case) -> None:
    refused("proof", skip, cast, case, files=())
    refused("text", skip, cast, case, text=" ")
    Assignment.objects.update(region_code="530113103")
    refused("office", skip, cast, case)
    Assignment.objects.update(region_code="530113102")
    assert skip(cast, case).step == 1
    Case.objects.update(state="confirmed")
    case.refresh_from_db()
    refused("basis", skip, cast, case)


def test_the_last_step_is_not_skipped(cast: Cast, case: Case) -> None:
    entry = case.ledger.create(kind="note", text="跳过", happened_on=TODAY, written_at=NOW)
    LegalStep.objects.create(case=case, step=3, is_skipped=True, entry=entry, issued_on=TODAY, issued_at=NOW)
    refused("step", skip, cast, case)


def test_a_skip_agreed_too_late_is_refused(cast: Cast, case: Case) -> None:
    first = issue(cast, case)
    proposal = skip(cast, case)
    serve(cast, first, 1)
    refused("state", decide, proposal=proposal, agree=True, text="同意", by=cast.actor("bureau"), now=at(2))
    proposal.refresh_from_db()
    assert proposal.decided_at is None


def test_the_steps_stop_when_the_case_leaves_the_township(cast: Cast, case: Case) -> None:
    first = issue(cast, case)
    asked = Asked("exempt", "suspension", "住院", first_day=TODAY, until=TODAY + timedelta(60), files=[SCAN])
    decide(proposal=ask(case=case, asked=asked, by=cast.actor("township"), now=NOW), agree=True, text="", by=cast.actor("bureau"), now=NOW)
    first.refresh_from_db()
    assert (first.stopped_on, first.stopped_text) == (TODAY, "个案转为“缓学、休学或不具备学习条件”，程序终止")
    assert "程序终止" in CaseEntry.objects.filter(case=case).last().text
    refused("state", serve, cast, first)
    assert stop_steps(case=case, text="再次", by=cast.actor("bureau"), now=NOW) == 0
    Case.objects.update(state="persuading")
    charge(case, since=TODAY, now=NOW)
    assert issue(cast, case, day=1).step == 1, "they begin anew when the child is to be persuaded again"


def test_a_repeat_begins_with_the_first_step(cast: Cast, case: Case) -> None:
    serve(cast, issue(cast, case))
    Case.objects.update(repeats=1)
    again = issue(cast, case, day=1)
    assert (again.step, again.round) == (1, 1)


def test_full_numbers_are_masked(cast: Cast, case: Case) -> None:
    number = id_number(9)
    step = issue(cast, case, Issued("persuade", f"杨父{number}"))
    assert number not in str(step.letter) + step.addressee


@pytest.mark.parametrize(("code", "words"), [(code, one.title) for code, one in stepping.BY_PAPER.items()])
def test_every_paper_is_a_word_file_of_its_own(cast: Cast, case: Case, code: str, words: str) -> None:
    numbers = [stepping.STEP_OF[code] - 1] if stepping.STEP_OF[code] > 1 else []
    for number in numbers:
        LegalStep.objects.create(
            case=case, step=number, is_skipped=True, entry=case.ledger.create(kind="note", text="跳过", happened_on=TODAY, written_at=NOW),
            issued_on=TODAY, issued_at=NOW,
        )  # fmt: skip
    if code == "penalty":
        serve(cast, issue(cast, case, Issued("penalty_notice", "杨父", text="警告")))
    step = issue(cast, case, Issued(code, "杨父", days=7 if code == "order" else None, text="警告", court="昆明市东川区人民法院"), 6)
    text = "\n".join(one.text for one in docx.Document(BytesIO(docx_bytes(paper(step.letter)))).paragraphs)
    assert words in text and cast.child.name in text and "人民政府" in text
    assert ("此致" in text and "昆明市东川区人民法院" in text) == (code in stepping.TO_COURT)
    assert ("警告" in text) == (stepping.STEP_OF[code] > 2)


def test_the_sheet_of_service_blank_and_filled(cast: Cast, case: Case) -> None:
    def words(service: Service | None) -> str:
        (table,) = docx.Document(BytesIO(docx_bytes(proof_of_service(step, service)))).tables[1:]
        return "\n".join(cell.text for row in table.rows for cell in row.cells)

    step = issue(cast, case)
    assert step.number in words(None) and "□直接送达" in words(None) and "☑" not in words(None)
    filled = words(serve(cast, step, way="left", witness="赵测"))
    assert "☑留置送达" in filled and "赵测" in filled and "李测、王测" in filled and "2026年11月23日" in filled


def test_the_register_of_a_year_by_scope(cast: Cast, case: Case) -> None:
    first = issue(cast, case)
    serve(cast, first)
    other = persuading(cast.home.children[4], since=TODAY, now=NOW)
    by = people.actor(people.post("township", region=cast.home.townships[1]))
    second = issue_step(case=other, told=PAPER[1], by=by, now=NOW)
    bureau, township = cast.actor("bureau").scope, cast.actor("township").scope
    assert list(register(bureau, year=2026)) == [first, second]
    assert list(register(township, year=2026)) == [first] and not register(township, year=2025)
    assert list(register(bureau, year=2026, township="530113103")) == [second]
    assert list(register(bureau, year=2026, state="waiting")) == [second] and list(register(bureau, year=2026, state="served")) == [first]
    assert not register(bureau, year=2026, step="2") and not register(bureau, year=2026, state="stopped")
