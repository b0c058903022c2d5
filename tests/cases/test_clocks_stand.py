"""Doing the same again brings no new time: registering, placing, writing letters, handing over, until something real was done for the child."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from apps.cases.actions import assigning, joining, placing, returning, teaching, visiting
from apps.cases.actions.advancing import advance
from apps.cases.actions.handover import Answered, answer_handover, send_handover
from apps.cases.models import Assignment, Case, Climb, Placement, Return
from apps.cases.queries.lists import goal, listed
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.sending import enter_platform
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import lines, runs
from tests.factories.cases_duties import fresh, moment, night, twelve
from tests.factories.cases_steps import persuading
from tests.factories.registers import entry, term

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    term()


def on(days: int) -> date:
    return TODAY + timedelta(days)


def register(cast: Cast, case: Case, day: date, *, again: bool = False, in_class: bool = False) -> Return:
    by, room = cast.actor("registrar"), cast.child.school_class if in_class else None
    if again:
        returning.leave_again(case=fresh(case), on=day, text="又走了", by=by, now=moment(day, 9))
    return returning.register_return(case=fresh(case), registered=returning.Registered(day, room), by=by, now=moment(day, 10))


def told(case: Case) -> set[int]:
    """Which levels of the ladder were told."""
    return set(Climb.objects.filter(case=case).values_list("level", flat=True))


def test_a_registration_renewed_brings_no_time(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY, now=NOW)
    register(cast, case, TODAY)
    night(on(1))
    due = fresh(case).due_on
    for days in (12, 24):
        register(cast, case, on(days), again=True)
        night(on(days + 1))
        assert (fresh(case).task, fresh(case).due_on, fresh(case).progress_on) == ("stay", due, TODAY)
    assert told(case) == {1, 2}, "ten school days to stay in class, then ten days without progress"


def test_a_registration_renewed_while_nobody_is_charged(cast: Cast) -> None:
    case = make.case(cast.child, "confirmed", days=1)
    register(cast, case, TODAY)
    for days in (2, 4, 6):
        register(cast, case, on(days), again=True)
    night(on(7))
    assert told(case) == {1, 2} and fresh(case).progress_on == TODAY


@pytest.mark.parametrize("seen", ["class", "lesson"])
def test_a_child_that_came_is_registered_anew_with_new_time(cast: Cast, seen: str) -> None:
    case = persuading(cast.child, since=TODAY, now=NOW)
    register(cast, case, TODAY, in_class=True)
    if seen == "class":
        make.called(cast.child, [on(1)])
    else:
        give(cast, case, on(1))
    register(cast, case, on(2), again=True)
    night(on(2))
    assert fresh(case).progress_on == on(2)


def give(cast: Cast, case: Case, day: date) -> Any:
    """A lesson given apart from the class, by the plan of the case."""
    running = make.teaching(cast.child, case=fresh(case))
    given = teaching.Given(day, "李测", 2, "语文", "杨父", make.PHOTO, make.PHOTO)
    return teaching.give(plan=running, given=given, by=cast.actor("principal"), now=moment(day, 11))


def alone(cast: Cast, case: Case, *, days: int = 0) -> Placement:
    """What a principal can do alone: register without a class, plan to teach the child apart."""
    register(cast, case, TODAY)
    plan = placing.Plan("work", "individual", None, "李测", "", "补课", None, "", on(days), on(days + 30))
    return placing.place(case=fresh(case), plan=plan, by=cast.actor("principal"), now=NOW)


def poor(cast: Cast) -> None:
    """The child is of a lifted-out household."""
    runs.child_class(cast.child, of=runs.run(), group_kind="lifted_out")


@pytest.mark.parametrize("begins", [0, 60])
def test_a_plan_alone_takes_nobody_out_of_the_goal(cast: Cast, begins: int) -> None:
    """Placed until the first lesson: its deadline is the registration's, it climbs, and the child counts as out of school."""
    poor(cast)
    case, scope = persuading(cast.child, since=TODAY, now=NOW, cause="work"), cast.actor("bureau").scope
    standing = alone(cast, case, days=begins)
    assert (fresh(case).state, fresh(case).task) == ("placed", "first_lesson")
    due = fresh(case).due_on
    assert due is not None and due < on(20)
    if not begins:
        reviewed = placing.Reviewed(on(20), "fits", "学习正常", on(50))
        placing.review(placement=standing, reviewed=reviewed, by=cast.actor("principal"), now=moment(on(20)))
    night(due + timedelta(14))
    assert told(case) == {1, 2, 3, 4} and (fresh(case).state, fresh(case).due_on) == ("placed", due)
    assert goal(scope) == (1, 0) and listed(scope, state="out").count() == 1 and not listed(scope, state="back").exists()


def test_the_first_lesson_begins_the_watching(cast: Cast) -> None:
    poor(cast)
    case, scope = persuading(cast.child, since=TODAY, now=NOW, cause="work"), cast.actor("bureau").scope
    alone(cast, case)
    lesson = give(cast, case, on(1))
    assert (fresh(case).state, goal(scope)) == ("monitoring", (0, 0)) and listed(scope, state="back").count() == 1
    teaching.take_back(lesson=lesson, text="没有上", by=cast.actor("principal"), now=moment(on(2)))
    assert goal(scope) == (1, 0), "a lesson taken back was none"


def test_at_a_special_school_a_day_in_class_begins_the_watching(cast: Cast) -> None:
    case, room = persuading(cast.child, since=TODAY, now=NOW, cause="disabled"), cast.child.school_class
    register(cast, case, TODAY)
    plan = placing.Plan("disabled", "special_school", room, "李测", "", "个别化教育", TODAY, "建议", TODAY, on(30))
    placing.place(case=fresh(case), plan=plan, by=cast.actor("principal"), now=NOW)
    assert (fresh(case).state, fresh(case).task) == ("placed", "first_lesson")
    make.called(cast.child, [on(1)])
    advance(today=on(2), now=moment(on(2), 1))
    assert fresh(case).state == "monitoring"


def test_who_was_placed_and_never_came_is_persuaded_on(cast: Cast) -> None:
    """Gone, registered and placed again: no step of it is progress."""
    case = persuading(cast.child, since=TODAY, now=NOW, cause="work")
    alone(cast, case)
    by = cast.actor("principal")
    page = cast.client("principal").get(f"/cases/{case.pk}/").content.decode()
    assert "登记再次离校" in page and "第一次授课" in page
    returning.leave_again(case=fresh(case), on=on(6), text="一直没来", by=by, now=moment(on(6)))
    found = fresh(case)
    assert (found.state, found.task, found.progress_on) == ("persuading", "assign", TODAY)
    assert not Placement.objects.filter(ended_on=None).exists() and not Return.objects.filter(ended_on=None).exists()
    register(cast, case, on(7))
    plan = placing.Plan("work", "individual", None, "李测", "", "补课", None, "", on(7), on(30))
    placing.place(case=fresh(case), plan=plan, by=by, now=moment(on(7), 11))
    assert (fresh(case).state, fresh(case).progress_on) == ("placed", TODAY)


def test_a_placed_child_that_was_seen_does_not_leave_like_that(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY, now=NOW, cause="work")
    alone(cast, case, days=30)
    give(cast, case, on(1))
    with pytest.raises(Refused, match="没有在效"):
        returning.leave_again(case=fresh(case), on=on(2), text="没来", by=cast.actor("principal"), now=moment(on(2)))


@pytest.mark.parametrize(
    ("answer", "office", "renewed"), [("silent", "寻甸县教体局", False), ("refused", "寻甸县教育体育局", False), ("refused", "会泽县教体局", True)]
)
def test_another_letter_without_an_answer_brings_no_time(cast: Cast, answer: str, office: str, renewed: bool) -> None:
    entry(cast.child, residence_code="530129")
    case, by = persuading(cast.child, since=TODAY, now=NOW), cast.actor("bureau")
    letter = send_handover(case=fresh(case), addressee="寻甸县教育体育局", text="", home="羊街镇", by=by, now=NOW)
    last = letter.reply_by
    day = last + timedelta(1)
    answer_handover(handover=letter, told=Answered(answer, day, "没有接收"), by=by, now=moment(day))
    send_handover(case=fresh(case), addressee=office, text="", home="羊街镇", by=by, now=moment(day, 10))
    night(last + timedelta(15))
    found = fresh(case)
    assert found.state == "transferred" and (found.due_on > day) == renewed
    assert told(case) == (set() if renewed else {1, 2, 3, 4})


def test_to_take_back_and_to_hand_over_again_brings_no_time(cast: Cast) -> None:
    twelve(cast)
    case, by = persuading(cast.child, since=TODAY, now=NOW), cast.actor("bureau")
    Assignment.objects.update(accepted_at=None, accepted_name="", accepted_title="", accept_by=on(2))
    night(TODAY)
    due = fresh(case).due_on
    for days in (2, 4, 6):
        standing = Assignment.objects.get(case=case, level="township", ended_at=None)
        assigning.take_back(assignment=standing, text="改派", by=by, now=moment(on(days)))
        assigning.assign(case=fresh(case), township=case.township_code, text="", by=by, now=moment(on(days)))
    assert (fresh(case).task, fresh(case).due_on) == ("accept", due)
    seen = visiting.Seen(on(6), "home", "李测", "guardian", "谈过", spoke_with="母亲", place="家中")
    visiting.log_visit(case=fresh(case), seen=seen, by=cast.actor("township"), now=moment(on(6), 12))
    assert fresh(case).due_on > due, "the last one's own day, once somebody went there"


@pytest.mark.parametrize("drafted", [False, True])
def test_merging_loses_no_line(cast: Cast, drafted: bool) -> None:
    """The school owes the three lines of an absence also where the case of a comparison goes on; a report that is under way goes with it."""
    one, two = cast.home.children[:2]
    by = cast.actor("principal")
    other = runs.case(two, state="suspected", origin="comparison", opened_on=TODAY, state_since=TODAY, progress_on=TODAY)
    if drafted:
        report = lines.issued(one, on=TODAY, by=by, now=NOW)
        case = report.case
    else:
        case = runs.case(one, state="suspected", origin="absence", opened_on=TODAY, state_since=TODAY, progress_on=TODAY)
    night(TODAY)
    before = fresh(case).task
    Child.objects.filter(pk=one.pk).update(merged_into=two)
    joining.merge_case(case=fresh(case), into=fresh(other), by=cast.actor("bureau"), now=NOW)
    assert fresh(other).task == before == ("enter_lines" if drafted else "lines")
    if drafted:
        draft_lines(by=SYSTEM, now=NOW)
        enter_platform(line=lines.line(report, "platform"), number="53-1", by=cast.actor("registrar"), now=NOW)
        assert fresh(other).lines_on == TODAY and fresh(other).task == "first_visit"
