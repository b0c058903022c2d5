"""Ways by which a case could be silenced, lost, or judged on another ground than the one that was found out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import Event
from apps.cases.actions import clocks, exempting, joining, noting, placing, proposing, returning, stepping, teaching, watching
from apps.cases.actions.assigning import assign
from apps.cases.actions.handover import Answered, answer_handover, send_handover
from apps.cases.actions.keeping import keep_filter
from apps.cases.actions.proposing import Asked
from apps.cases.models import Assignment, CarePlan, Case, CaseEntry, Climb, HomeTeaching, LegalStep, Lesson, Proposal, SavedFilter
from apps.cases.queries.facts import facts_of
from apps.cases.rules.visiting import Outcome
from apps.cases.workflow import State, missing, ways
from apps.core.errors import Refused
from apps.notices.models import Notice
from apps.reporting.letters.child_file import child_file
from apps.reporting.queries.whole import whole
from apps.students.models import IdDocument
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs
from tests.factories.cases_duties import fresh, night
from tests.factories.cases_steps import persuading
from tests.factories.registers import entry, term

pytestmark = pytest.mark.django_db
FAR = TODAY + timedelta(3650)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def test_a_child_that_may_be_closed_is_not_forgotten(cast: Cast) -> None:
    """The end of the term passes, and the next one too: the deadline stays where it was, everybody is told."""
    term()
    make.seated(cast.child)
    case = make.case(cast.child, "monitoring", days=120, progress_on=TODAY - timedelta(5))
    make.called(cast.child, make.weekdays(TODAY - timedelta(120), TODAY))
    clocks.refresh_all(today=TODAY)
    due = fresh(case).due_on
    assert fresh(case).task == "close" and due > TODAY
    for days in (100, 400):
        night(TODAY + timedelta(days))
        assert fresh(case).due_on == due
    assert set(Climb.objects.values_list("level", flat=True)) == {1, 2, 3, 4}


def test_an_exemption_cannot_begin_in_years(cast: Cast) -> None:
    case = make.case(cast.child)
    for first, until in [(FAR, FAR + timedelta(300)), (TODAY + timedelta(100), TODAY + timedelta(366))]:
        with pytest.raises(Refused, match="最长 365 日"):
            proposing.ask(case=case, asked=Asked("exempt", "deferral", "病", first, until, make.PDF), by=cast.actor("township"), now=NOW)
    asked = Asked("exempt", "deferral", "病", TODAY + timedelta(100), TODAY + timedelta(365), make.PDF)
    assert proposing.ask(case=case, asked=asked, by=cast.actor("township"), now=NOW).until == TODAY + timedelta(365)


def test_an_exemption_needs_its_form(cast: Cast) -> None:
    case = make.case(cast.child)
    sent = {
        "kind": "exempt",
        "basis": "deferral",
        "text": "病",
        "first_day": TODAY,
        "until": TODAY,
        "files": SimpleUploadedFile("a.pdf", b"%PDF-1.7"),
    }
    answer = cast.client("township").post(reverse("case_ask", args=[case.pk]), {"_key": str(uuid.uuid4()), **sent})
    assert answer.status_code == 404 and not Proposal.objects.exists()


def plan(cast: Cast, *, first: Any, review: Any) -> placing.Plan:
    return placing.Plan("weary", "interest", cast.child.school_class, "李测", "", "每周谈心", None, "", first, review)


@pytest.mark.parametrize(("first", "review", "words"), [(61, 70, "开始日最迟"), (60, 181, "复核日最迟"), (0, 121, "复核日最迟"), (60, 180, "")])
def test_a_placement_begins_and_is_looked_at_in_time(cast: Cast, first: int, review: int, words: str) -> None:
    make.seated(cast.child)
    case = make.case(cast.child, "returned")
    planned = plan(cast, first=TODAY + timedelta(first), review=TODAY + timedelta(review))
    if words:
        with pytest.raises(Refused, match=words):
            placing.place(case=case, plan=planned, by=cast.actor("principal"), now=NOW)
    else:
        assert placing.place(case=case, plan=planned, by=cast.actor("principal"), now=NOW).case.state == "placed"


def test_the_next_review_is_in_time_too(cast: Cast) -> None:
    standing = make.placement(make.case(cast.child, "monitoring"))
    late = placing.Reviewed(TODAY, "fits", "好", TODAY + timedelta(121))
    with pytest.raises(Refused, match="复核日最迟"):
        placing.review(placement=standing, reviewed=late, by=cast.actor("principal"), now=NOW)


def schoolless(cast: Cast, *, days: int = 40) -> Case:
    """Reported by a village, known to no school."""
    return make.case(cast.child, "suspected", days=days, school=None, school_class=None, origin="village")


@pytest.mark.parametrize(("kind", "basis", "state"), [("confirm", "days", "confirmed"), ("clear", "elsewhere", "cleared")])
def test_a_suspected_child_without_a_school_is_the_townships_to_ask_for_and_the_bureaus_to_judge(
    cast: Cast, kind: str, basis: str, state: str
) -> None:
    case = schoolless(cast)
    clocks.refresh(cases=[case.pk], today=TODAY)
    case = fresh(case)
    assert case.owner_role == "township"
    make.seen(case)
    asked = Asked(kind, basis, "查实", files=make.PDF)
    with pytest.raises(Refused, match="不由您的岗位提出"):
        proposing.ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW)
    assert f'value="{kind}"' in cast.client("township").get(reverse("case_show", args=[case.pk])).content.decode()
    made = proposing.ask(case=case, asked=asked, by=cast.actor("township"), now=NOW)
    assert case.owner_role == "bureau"
    proposing.decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    assert fresh(case).state == state


def test_a_child_with_a_school_stays_the_schools(cast: Cast) -> None:
    case = make.case(cast.child, "suspected", days=40)
    with pytest.raises(Refused, match="不由您的岗位提出"):
        proposing.ask(case=case, asked=Asked("confirm", "days", "满"), by=cast.actor("township"), now=NOW)


def test_what_is_only_arranged_is_no_progress(cast: Cast) -> None:
    case = make.case(cast.child)
    before, township, principal = case.progress_on, cast.actor("township"), cast.actor("principal")
    for school in (cast.home.schools[1], cast.home.schools[0]):
        returning.name_school(case=case, school=school, text="", by=township, now=NOW)
    watching.care(case=case, planned=watching.Care("甲", [], "谈心", TODAY, TODAY + timedelta(9)), by=principal, now=NOW)
    planned = teaching.Planned(300, "甲", "语文", TODAY, TODAY + timedelta(100))
    teaching.plan(child=cast.child, planned=planned, by=principal, now=NOW)
    assert fresh(case).progress_on == before and case.ledger.filter(is_progress=True).count() == 0


def test_accepted_elsewhere_the_school_is_to_ask_for_closing(cast: Cast) -> None:
    case, bureau = persuading(cast.child, since=TODAY - timedelta(3), now=NOW), cast.actor("bureau")
    entry(cast.child, residence_code="530129")
    letter = send_handover(case=case, addressee="寻甸县教育体育局", text="", home="羊街镇", by=bureau, now=NOW)
    told = Answered("accepted", TODAY, "已入学", receiving="羊街中学", files=make.PDF)
    answer_handover(handover=letter, told=told, by=bureau, now=NOW)
    assert (fresh(case).task, fresh(case).owner_role) == ("close", "principal")
    Case.objects.filter(pk=case.pk).update(school=None, school_class=None)
    clocks.refresh(cases=[case.pk], today=TODAY)
    assert fresh(case).owner_role == "township"


@pytest.mark.parametrize(
    ("kind", "basis", "role", "hears"), [("pause", "illness", "township", ["bureau"]), ("close", "died", "principal", ["bureau"])]
)
def test_the_second_hand_is_told_and_left_alone_when_it_signed(cast: Cast, kind: str, basis: str, role: str, hears: list[str]) -> None:
    case = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    made = proposing.ask(case=case, asked=Asked(kind, basis, "查实", TODAY, TODAY + timedelta(5), make.PDF), by=cast.actor(role), now=NOW)
    told = Notice.objects.filter(key=f"proposal:{made.pk}")
    assert list(told.values_list("role", flat=True)) == hears and "请审定" in told[0].sentence
    proposing.decide(proposal=made, agree=False, text="再查", by=cast.actor("bureau"), now=NOW)
    assert not told.filter(settled_at=None).exists()


def test_to_clear_the_other_one_of_the_school_is_told(cast: Cast) -> None:
    case = make.case(cast.child, "suspected")
    proposing.ask(case=case, asked=Asked("clear", "transfer", "已转", files=make.PDF), by=cast.actor("registrar"), now=NOW)
    assert list(Notice.objects.values_list("role", "school_id")) == [("principal", case.school_id)]


def seen(case: Case, outcome: str) -> None:
    case.visits.create(
        entry=make.entry(case),
        day=TODAY,
        way="home",
        visitors="甲",
        outcome=outcome,
        is_local=False,
        written_at=NOW,
        text="查实",
        whereabouts="昆明",
        **make.BY,
    )


@pytest.mark.parametrize(
    ("outcome", "basis", "holds"),
    [
        ("working", "working", True),
        ("working", "days", False),
        ("working", "married", False),
        ("pregnant", "married", True),
        ("refused", "unknown", False),
    ],
)
def test_it_is_confirmed_on_what_was_found_out(cast: Cast, outcome: str, basis: str, holds: bool) -> None:
    case = make.case(cast.child, "suspected", days=0)
    seen(case, Outcome(outcome).value)
    asked = Asked("confirm", basis, "查实", files=make.PDF)
    if holds:
        assert proposing.ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW).pk
    else:
        with pytest.raises(Refused, match="疑似满 30 日"):
            proposing.ask(case=case, asked=asked, by=cast.actor("principal"), now=NOW)


@pytest.mark.parametrize(("cause", "lacks"), [("weary", ""), ("unknown", "查明不上学的原因"), ("", "查明不上学的原因")])
def test_what_the_issued_report_says_is_not_asked_for_again(cast: Cast, cause: str, lacks: str) -> None:
    """No report is issued without where the child is; it may say that nobody knows why."""
    case = make.case(cast.child, "suspected", days=40, lines_signed_on=TODAY, cause=cause)
    make.seen(case, "nobody", cause="", whereabouts="")
    facts, numbers = facts_of(fresh(case), today=TODAY)
    told = missing(ways(State.SUSPECTED, State.CONFIRMED)[0], facts, numbers)
    assert "".join(told[1:]).startswith(lacks) and len(told) == 1 + bool(lacks)


def test_merging_ends_steps_assignments_and_their_notices(cast: Cast) -> None:
    first, second = cast.home.children[:2]
    kept, ended = runs.case(first, state="persuading"), persuading(second, since=TODAY - timedelta(5), now=NOW)
    stepping.issue_step(case=ended, told=stepping.Issued("persuade", "杨父"), by=cast.actor("township"), now=NOW)
    key = f"assignment:{Assignment.objects.get().pk}"
    notice = Notice.objects.create(
        district_code=ended.district_code, role="township", region_code=ended.township_code, topic="assignment", key=key, day=TODAY, sentence="签收",
        told_at=NOW,
    )  # fmt: skip
    second.merged_into = first
    second.save()
    joining.merge_case(case=ended, into=kept, by=cast.actor("bureau"), now=NOW)
    notice.refresh_from_db()
    assert not LegalStep.objects.standing().exists() and not Assignment.objects.filter(ended_at=None).exists() and notice.settled_at


def test_merging_into_a_case_that_ended_meanwhile_is_refused(cast: Cast) -> None:
    first, second = cast.home.children[:2]
    kept, ended = runs.case(first), runs.case(second)
    second.merged_into = first
    second.save()
    Case.objects.filter(pk=kept.pk).update(state="closed")
    with pytest.raises(Refused, match="都要未办结"):
        joining.merge_case(case=ended, into=kept, by=cast.actor("bureau"), now=NOW)


@pytest.mark.parametrize(("days", "repeats"), [(30, 1), (365, 1), (370, 0)])
def test_opened_by_hand_soon_after_the_closing_it_is_a_repeat(cast: Cast, days: int, repeats: int) -> None:
    old = make.case(cast.child, "closed", days=days)
    made = noting.open_case(child=cast.child, reason="又没来", never_enrolled=False, by=cast.actor("principal"), now=NOW)
    assert (made.follows, made.repeats) == (old, repeats)


def test_an_assignment_finds_the_case_as_it_stands(cast: Cast) -> None:
    case = make.case(cast.child, "confirmed")
    Case.objects.filter(pk=case.pk).update(state="closed")
    with pytest.raises(Refused, match="不交办"):
        assign(case=case, township=case.township_code, text="", by=cast.actor("bureau"), now=NOW)


def test_a_registration_finds_the_case_as_it_stands(cast: Cast) -> None:
    case = make.case(cast.child)
    Case.objects.filter(pk=case.pk).update(state="exempt")
    with pytest.raises(Refused, match="不登记复学注册"):
        returning.register_return(case=case, registered=returning.Registered(TODAY, cast.child.school_class), by=cast.actor("registrar"), now=NOW)


def test_lessons_taken_back_are_not_printed(cast: Cast) -> None:
    case, principal = make.case(cast.child), cast.actor("principal")
    running = make.teaching(cast.child, case=case)
    for lessons in (3, 2):
        one = teaching.give(plan=running, given=teaching.Given(TODAY, "甲", lessons, "语文", "杨父", make.PHOTO, make.PHOTO), by=principal, now=NOW)
    teaching.take_back(lesson=one, text="写错了", by=principal, now=NOW)
    assert "已送 3 课时" in str(child_file(whole(fresh(case), today=TODAY), day=TODAY))


def test_what_is_taken_back_is_in_the_log(cast: Cast) -> None:
    case, township = persuading(cast.child, since=TODAY - timedelta(3), now=NOW), cast.actor("township")
    made = proposing.ask(case=case, asked=Asked("pause", "illness", "住院", TODAY, TODAY, make.PDF), by=township, now=NOW)
    proposing.withdraw(proposal=made, by=township, now=NOW)
    assert Event.objects.get(verb="withdraw_proposal").object_id == case.pk


LOCKED = 'FROM "cases_case" WHERE "cases_case"."id" = {pk} LIMIT 21 FOR NO KEY UPDATE'


def test_a_step_is_skipped_with_the_case_held(cast: Cast) -> None:
    """Nobody issues the same paper meanwhile."""
    case = persuading(cast.child, since=TODAY - timedelta(3), now=NOW)
    made = proposing.ask(case=case, asked=Asked("skip", "urgent", "紧急", files=make.PDF), by=cast.actor("township"), now=NOW)
    with CaptureQueriesContext(connection) as sent:
        proposing.decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    words = [one["sql"] for one in sent]
    held = next(n for n, sql in enumerate(words) if LOCKED.format(pk=case.pk) in sql)
    assert held < next(n for n, sql in enumerate(words) if sql.startswith('INSERT INTO "cases_legalstep"'))


@pytest.mark.parametrize("known", ["certificate", "care", "cause"])
def test_whatever_the_cause_a_disabled_child_is_placed_on_the_panels_advice(cast: Cast, known: str) -> None:
    make.seated(cast.child)
    case = make.case(cast.child, "returned", cause="disabled" if known == "cause" else "weary")
    if known == "certificate":
        IdDocument.objects.filter(pk=cast.child.document_id).update(kind="disability")
    if known == "care":
        told = watching.Care("甲", ["disabled"], "谈心", TODAY, TODAY + timedelta(9))
        watching.care(case=case, planned=told, by=cast.actor("principal"), now=NOW)
    planned = plan(cast, first=TODAY, review=TODAY + timedelta(30))
    with pytest.raises(Refused, match="专家委员会"):
        placing.place(case=case, plan=planned, by=cast.actor("principal"), now=NOW)
    advised = replace(planned, panel_on=TODAY, panel_advice="随班就读")
    assert placing.place(case=case, plan=advised, by=cast.actor("principal"), now=NOW).panel_on == TODAY


def test_whose_photograph_of_a_lesson_was_taken_is_in_the_log(cast: Cast) -> None:
    running, principal = make.teaching(cast.child), cast.actor("principal")
    one = teaching.give(plan=running, given=teaching.Given(TODAY, "甲", 2, "语文", "杨父", make.PHOTO, make.PHOTO), by=principal, now=NOW)
    assert cast.client("principal").get(reverse("case_attachment", args=[one.attachments.first().pk])).status_code == 200
    assert Event.objects.get(verb="open_attachment").child_id == cast.child.pk


def test_no_whole_number_stays_in_what_is_typed(cast: Cast) -> None:
    """Teachers, guardians, an application, the name of a filter: wherever somebody may type a number it is masked when it is stored."""
    whole_number, principal = "53011320140701001X", cast.actor("principal")
    typed = f"甲{whole_number}"
    case = make.case(cast.child)
    asked = Asked("exempt", "deferral", typed, TODAY, TODAY, make.PDF)
    exempting.apply(case=case, asked=asked, application=exempting.Application(*[typed] * 6), by=cast.actor("township"), now=NOW)
    planned = teaching.Planned(300, typed, typed, TODAY, TODAY + timedelta(100))
    running = teaching.plan(child=cast.child, planned=planned, by=principal, now=NOW)
    teaching.give(plan=running, given=teaching.Given(TODAY, typed, 2, typed, typed, make.PHOTO, make.PHOTO), by=principal, now=NOW)
    watching.care(case=case, planned=watching.Care(typed, [], typed, TODAY, TODAY + timedelta(9)), by=principal, now=NOW)
    keep_filter(user_id=principal.user_id, name=typed, query=f"text={whole_number}")
    for model in (CaseEntry, Proposal, HomeTeaching, Lesson, CarePlan, SavedFilter):
        rows = list(model.objects.values())
        assert rows and whole_number not in str(rows), model
