"""What is taken back was no progress: a paper made void and issued again, a registration ended at once, a visit, a lesson."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.cases.actions import returning, stepping, teaching
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.visiting import Seen, correct_visit, log_visit, void_visit
from apps.cases.models import Case, Climb, Visit
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import fresh, moment, night, twelve
from tests.factories.cases_steps import persuading
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
SEEN = Seen(TODAY, "home", "李测、王测", "nobody", "没有人", place="家中")
WORKS = Seen(TODAY, "home", "李测", "working", "在外打工", place="家中", whereabouts="昆明")


@pytest.fixture(autouse=True)
def _calendar(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path
    term()


def serve(step: stepping.LegalStep, by: Any, on: date) -> None:
    """The paper reached the father on a day."""
    told = stepping.Served("direct", on, "家中", step.addressee, "李测、王测", files=make.PHOTO)
    stepping.serve_step(step=step, told=told, by=by, now=moment(on, 12))


@pytest.mark.parametrize("served", [False, True])
def test_a_paper_issued_and_made_void_again_and_again_stops_no_clock(cast: Cast, served: bool) -> None:
    case, by = persuading(cast.child, since=TODAY - timedelta(1), now=NOW), cast.actor("township")
    make.entry(case, is_progress=True, happened_on=TODAY - timedelta(1))
    for n in range(0, 30, 2):
        day = TODAY + timedelta(n)
        step = stepping.issue_step(case=fresh(case), told=stepping.Issued("persuade", "杨父"), by=by, now=moment(day))
        if served:
            serve(step, by, day)
        night(day + timedelta(1))
        stepping.void_step(step=step, text="写错", by=by, now=moment(day + timedelta(1), 9))
        night(day + timedelta(2))
    case = fresh(case)
    assert case.progress_on == TODAY - timedelta(1) and case.climbed == 4 and case.due_on < TODAY + timedelta(30)
    assert Climb.objects.filter(case=case, since=TODAY - timedelta(1)).count() == 4


def test_a_paper_issued_anew_counts_from_the_day_of_the_first(cast: Cast) -> None:
    """Made void and issued anew on one day, so that one always stands: the clock runs from the first, of the service as well."""
    case, by = persuading(cast.child, since=TODAY - timedelta(1), now=NOW), cast.actor("township")
    told = stepping.Issued("persuade", "杨父")
    step = stepping.issue_step(case=fresh(case), told=told, by=by, now=NOW)
    for n in range(2, 20, 2):
        day = TODAY + timedelta(n)
        serve(step, by, day)
        stepping.void_step(step=step, text="写错", by=by, now=moment(day, 13))
        step = stepping.issue_step(case=fresh(case), told=told, by=by, now=moment(day, 14))
        assert fresh(case).progress_on == TODAY
    serve(step, by, TODAY + timedelta(20))
    assert fresh(case).progress_on == TODAY + timedelta(2), "it was served first on that day"
    night(TODAY + timedelta(20))
    assert fresh(case).climbed == 4


def test_a_registration_that_is_ended_at_once_stops_no_clock(cast: Cast) -> None:
    twelve(cast)
    case, by = make.case(cast.child, days=1), cast.actor("principal")
    make.assigned(case, case.township_code)
    make.seated(cast.child)
    before = TODAY - timedelta(6)  # no line of the ledger says more than that it was opened
    for n in range(0, 30, 2):
        day = TODAY + timedelta(n)
        returning.register_return(case=fresh(case), registered=returning.Registered(day, cast.child.school_class), by=by, now=moment(day, 9))
        assert fresh(case).progress_on == TODAY, "to register anew brings no new time"
        returning.leave_again(case=fresh(case), on=day, text="走了", by=by, now=moment(day, 15))
        assert fresh(case).progress_on == before
        night(day + timedelta(1))
        night(day + timedelta(2))
    assert fresh(case).climbed == 4 and Climb.objects.filter(case=case).count() == 4


def test_a_child_that_was_in_class_a_whole_day_was_back(cast: Cast) -> None:
    twelve(cast)
    case, by = make.case(cast.child), cast.actor("principal")
    make.assigned(case, case.township_code)
    make.seated(cast.child)
    on = TODAY - timedelta(7)
    registered = returning.Registered(on, cast.child.school_class)
    returning.register_return(case=case, registered=registered, by=by, now=NOW)
    make.called(cast.child, [on], absent=[on], code="half")
    make.called(cast.child, [on + timedelta(1)])
    returning.leave_again(case=fresh(case), on=on + timedelta(2), text="走了", by=by, now=NOW)
    assert fresh(case).progress_on == on


def test_half_a_day_in_class_is_no_return(cast: Cast) -> None:
    twelve(cast)
    case, by, on = make.case(cast.child), cast.actor("principal"), TODAY - timedelta(7)
    make.assigned(case, case.township_code)
    make.seated(cast.child)
    returning.register_return(case=case, registered=returning.Registered(on, cast.child.school_class), by=by, now=NOW)
    make.called(cast.child, [on], absent=[on], code="half")
    returning.leave_again(case=fresh(case), on=on, text="走了", by=by, now=NOW)
    assert fresh(case).progress_on == case.opened_on


def test_a_visit_corrected_to_an_earlier_day_takes_the_case_back(cast: Cast) -> None:
    case, by = make.case(cast.child), cast.actor("township")
    first = log_visit(case=case, seen=SEEN, by=by, now=NOW)
    assert fresh(case).progress_on == TODAY
    earlier = Seen(TODAY - timedelta(38), "home", "李测", "nobody", "没有人", place="家中")
    second = correct_visit(visit=first, seen=earlier, reason="日期写错", by=by, now=NOW)
    assert fresh(case).progress_on == TODAY - timedelta(38)
    correct_visit(visit=second, seen=SEEN, reason="又写错", by=by, now=NOW)
    assert fresh(case).progress_on == TODAY - timedelta(38), "an edit never takes the clock on"
    log_visit(case=fresh(case), seen=replace(SEEN, text="下午又去了一次"), by=by, now=NOW)
    assert fresh(case).progress_on == TODAY


def test_a_visit_on_the_wrong_child_counts_no_more(cast: Cast) -> None:
    case, by = make.case(cast.child), cast.actor("township")
    log_visit(case=case, seen=Seen(TODAY - timedelta(3), "home", "李测", "refused", "厌学", spoke_with="母亲", cause="weary"), by=by, now=NOW)
    wrong = log_visit(case=fresh(case), seen=WORKS, by=by, now=NOW)
    assert fresh(case).cause == "work"
    line = void_visit(visit=wrong, reason="写到了别的孩子名下", by=by, now=NOW)
    case = fresh(case)
    assert (line.kind, line.corrects, line.is_progress) == ("correction", wrong.entry, False) and "写到了别的孩子名下" in line.text
    assert (case.progress_on, case.cause) == (TODAY - timedelta(3), "weary")
    assert facts_of(case, today=TODAY)[0].outcomes == {"refused"}
    assert Visit.objects.count() == 2, "the record stays"
    with pytest.raises(Refused, match="已经更正或作废"):
        void_visit(visit=wrong, reason="再来一次", by=by, now=NOW)
    with pytest.raises(Refused, match="已经更正或作废"):
        correct_visit(visit=wrong, seen=SEEN, reason="再来一次", by=by, now=NOW)


@pytest.mark.parametrize(("role", "reason", "code"), [("principal", "写错", "right"), ("bureau", "写错", "right"), ("township", " ", "reason")])
def test_who_may_make_a_visit_void_and_why(cast: Cast, role: str, reason: str, code: str) -> None:
    case = make.case(cast.child)
    made = log_visit(case=case, seen=SEEN, by=cast.actor("township"), now=NOW)
    with pytest.raises(Refused) as refusal:
        void_visit(visit=made, reason=reason, by=cast.actor(role), now=NOW)
    assert refusal.value.code == code and Visit.objects.standing().count() == 1


def test_the_page_of_a_correction_makes_a_visit_void(cast: Cast) -> None:
    case, browser = make.case(cast.child), cast.client("township")
    made = log_visit(case=case, seen=SEEN, by=cast.actor("township"), now=NOW)
    assert "整条作废" in browser.get(f"/cases/visits/{made.pk}/correct/").content.decode()
    empty = browser.post(f"/cases/visits/{made.pk}/void/", {"_key": str(uuid.uuid4()), "void-text": ""})
    assert empty.status_code == 422 and "没有人" in empty.content.decode()
    sent = browser.post(f"/cases/visits/{made.pk}/void/", {"_key": str(uuid.uuid4()), "void-text": "不是这个孩子"})
    assert sent.headers["Location"] == f"/cases/{case.pk}/"
    page = browser.get(f"/cases/{case.pk}/").content.decode()
    assert "已作废，不再计入" in page and "不是这个孩子" in page and f"/cases/visits/{made.pk}/correct/" not in page


def test_a_lesson_taken_back_was_no_progress(cast: Cast) -> None:
    case, by = make.case(cast.child), cast.actor("principal")
    plan = make.teaching(cast.child, case=case)
    given = [
        teaching.give(plan=plan, given=teaching.Given(day, "李测", 2, "语文", "杨父", make.PHOTO, make.PHOTO), by=by, now=NOW)
        for day in (TODAY - timedelta(5), TODAY)
    ]
    assert fresh(case).progress_on == TODAY
    teaching.take_back(lesson=given[1], text="写错了", by=by, now=NOW)
    assert fresh(case).progress_on == TODAY - timedelta(5)
    assert case.ledger.get(kind="correction").corrects == case.ledger.get(data__lesson=given[1].pk)


def test_taking_back_never_takes_a_clock_on(cast: Cast) -> None:
    """A case that was merged has the earlier clock of the two, whatever its own lines say."""
    case, by = make.case(cast.child), cast.actor("township")
    log_visit(case=case, seen=Seen(TODAY - timedelta(2), "home", "李测", "nobody", "没有人"), by=by, now=NOW)
    wrong = log_visit(case=fresh(case), seen=SEEN, by=by, now=NOW)
    Case.objects.filter(pk=case.pk).update(progress_on=TODAY - timedelta(20))
    void_visit(visit=wrong, reason="写错", by=by, now=NOW)
    assert fresh(case).progress_on == TODAY - timedelta(20)


def test_a_registration_after_which_the_child_never_came_was_no_progress(cast: Cast) -> None:
    """The roll calls end it in the night; one after which it came a day stays progress of its day."""
    twelve(cast)
    first, second = cast.home.children[:2]
    on = TODAY - timedelta(4)  # a Thursday
    cases = []
    for child, came in ((first, 0), (second, 1)):
        case = make.case(child)
        make.seated(child)
        registered = returning.Registered(on, child.school_class)
        returning.register_return(case=case, registered=registered, by=cast.actor("principal"), now=NOW)
        days = make.weekdays(on, TODAY + timedelta(came))
        make.called(child, days, absent=days[came:])
        make.absence(child, days[came], days[-1], suspected_on=days[-1])
        cases.append(case)
    today = TODAY + timedelta(1)
    open_cases_of_absences(district=HOME, by=SYSTEM, today=today, now=moment(today))
    assert [case.returns.get().ended_on for case in cases] == [on, on + timedelta(1)]
    assert [fresh(case).progress_on for case in cases] == [cases[0].opened_on, on]
