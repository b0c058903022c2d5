"""Two cases of one child become one; a case goes with its child."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.attendance.models import Seat
from apps.cases.actions import teaching
from apps.cases.actions.joining import follow_children, merge_case
from apps.cases.actions.proposing import Asked, ask
from apps.cases.actions.returning import leave_again
from apps.cases.actions.visiting import Seen, log_visit, void_visit
from apps.cases.models import Case, Climb
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs
from tests.factories.cases_duties import fresh, night
from tests.factories.registers import term

pytestmark = pytest.mark.django_db


def twins(cast: Cast) -> tuple[Case, Case]:
    """Two open cases of two numbers of one child."""
    first, second = cast.home.children[:2]
    cases = runs.case(first, state="persuading"), runs.case(second)
    second.merged_into = first
    second.save()
    return cases


def test_the_later_case_is_merged_and_both_ledgers_say_so(cast: Cast) -> None:
    kept, ended = twins(cast)
    browser = cast.client("bureau")
    assert "并案：这名学生还有别的未结个案" in browser.get(f"/cases/{ended.pk}/").content.decode()
    sent = browser.post(f"/cases/{ended.pk}/merge/", {"_key": str(uuid.uuid4()), "into": str(kept.pk)})
    assert sent.headers["Location"] == f"/cases/{kept.pk}/"
    ended.refresh_from_db()
    assert (ended.state, ended.merged_into, ended.owner_role, ended.due_on) == ("merged", kept, "", None)
    assert ended.ledger.order_by("-pk")[0].target == "merged"
    assert f"#{ended.pk}" in kept.ledger.order_by("-pk")[0].text
    page = browser.get(f"/cases/{kept.pk}/").content.decode()
    assert "这名学生的其他个案" in page
    assert "并案：这名学生" not in page
    assert list(Case.objects.open()) == [kept]


def test_the_case_that_goes_on_has_the_earlier_of_both_clocks(cast: Cast) -> None:
    """Whichever way round: merging is no progress, the ladder stands where the older case stood, and nobody is told of one stretch twice."""
    term()
    for first, second in (cast.home.children[:2], cast.home.children[2:4]):
        old, new = (make.case(child, opened_on=TODAY - timedelta(days + 5), days=days) for child, days in ((first, 40), (second, 1)))
        second.merged_into = first
        second.save()
        for case in (old, new):
            make.assigned(case, case.township_code)
        night(TODAY)
        assert (fresh(old).climbed, fresh(new).climbed) == (4, 0)
        due = fresh(old).due_on
        case, into = (old, new) if first == cast.child else (new, old)
        kept = merge_case(case=fresh(case), into=fresh(into), by=cast.actor("bureau"), now=NOW)
        assert (kept.opened_on, kept.state_since, kept.progress_on) == (TODAY - timedelta(45), TODAY - timedelta(40), TODAY - timedelta(40))
        assert kept.due_on == due == TODAY - timedelta(38)
        assert night(TODAY + timedelta(1)) == 0, "the levels heard of this stretch before"
        assert fresh(kept).climbed == 4
        assert Climb.objects.filter(case=kept).count() == 4


def test_days_of_watching_are_not_given_away(cast: Cast) -> None:
    one, two = (make.case(child, "monitoring", days=days) for child, days in zip(cast.home.children, (90, 10), strict=False))
    cast.home.children[0].merged_into = cast.home.children[1]
    cast.home.children[0].save()
    kept = merge_case(case=one, into=two, by=cast.actor("bureau"), now=NOW)
    assert kept.state_since == TODAY - timedelta(10)


def test_what_cannot_be_merged_says_why(cast: Cast) -> None:
    kept, ended = twins(cast)
    stranger = runs.case(cast.home.children[2])
    bureau = cast.actor("bureau")
    for case, into, by, words in [
        (ended, kept, cast.actor("principal"), "由区教体局"),
        (ended, ended, bureau, "不能并入自己"),
        (kept, ended, bureau, "本案已到“劝返中”，另一件还是“疑似辍学”：请打开另一件"),
        (ended, stranger, bureau, "还没有认定为同一人"),
    ]:
        with pytest.raises(Refused, match=words):
            merge_case(case=case, into=into, by=by, now=NOW)
    merge_case(case=ended, into=kept, by=bureau, now=NOW)
    ended.refresh_from_db()
    with pytest.raises(Refused, match="都要未办结"):
        merge_case(case=ended, into=kept, by=bureau, now=NOW)


def test_a_case_follows_its_child_to_another_school_and_not_back_by_itself(cast: Cast) -> None:
    child, case = cast.child, runs.case(cast.child)
    new = cast.home.schools[2]
    room = new.classes.first()
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 0  # no seat: it stays with the school that lost it
    Seat.objects.create(
        child=child, district_code=HOME, township_code=child.township_code, village_code=child.village_code, school=new, school_class=room,
        first_day=TODAY - timedelta(1),
    )  # fmt: skip
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 1
    case.refresh_from_db()
    assert (case.school, case.school_class) == (new, room)
    assert f"转到{new.name}" in case.ledger.order_by("-pk")[0].text
    assert Notice.objects.get(role="principal", link__contains=str(case.pk)).school == new
    assert "由该校接着办理" in Notice.objects.get(role="principal", school=child.school).sentence, "the school that loses it hears so"
    assert cast.client("principal").get(f"/cases/{case.pk}/").status_code == 404
    assert cast.client("bureau").get(f"/cases/{case.pk}/").status_code == 200
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 0
    Seat.objects.update(last_day=TODAY)
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 0


def test_a_household_that_moves_takes_the_case_to_its_township(cast: Cast) -> None:
    child, case = cast.child, runs.case(cast.child)
    far = cast.home.townships[1]
    child.township_code, child.village_code = far.pk, cast.home.villages[2].pk
    child.save()
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 1
    case.refresh_from_db()
    assert (case.township_code, case.school) == (far.pk, child.school)
    assert far.name in case.ledger.order_by("-pk")[0].text
    ended = runs.case(cast.home.children[1], state="closed")
    cast.home.children[1].township_code = far.pk
    cast.home.children[1].save()
    assert follow_children(district=HOME, by=SYSTEM, now=NOW) == 0
    ended.refresh_from_db()
    assert ended.township_code != far.pk


def test_what_the_merged_case_held_is_the_others(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """Its registration, placement, lessons, letter, care and cause; its visits are read with the other's; what waited is withdrawn."""
    settings.UPLOAD_DIR = tmp_path
    term()
    kept, ended = twins(cast)
    Case.objects.filter(pk=ended.pk).update(state="persuading", state_since=TODAY - timedelta(3))
    township, principal, bureau = (cast.actor(role) for role in ("township", "principal", "bureau"))
    make.returned(ended, on=TODAY)
    make.placement(ended)
    plan = make.teaching(cast.child, case=ended)
    lesson = teaching.give(plan=plan, given=teaching.Given(TODAY, "李测", 2, "语文", "杨父", make.PHOTO, make.PHOTO), by=principal, now=NOW)
    seen = Seen(TODAY, "home", "李测", "working", "打工去了", place="家中", whereabouts="昆明")
    visit = log_visit(case=fresh(ended), seen=seen, by=township, now=NOW)
    asked = Asked("pause", "illness", "病", TODAY, TODAY + timedelta(3), make.PDF)
    waits = ask(case=fresh(ended), asked=asked, by=principal, now=NOW)
    kept = merge_case(case=fresh(ended), into=fresh(kept), by=bureau, now=NOW)
    with CaptureQueriesContext(connection) as whole:
        facts, _ = facts_of(fresh(kept), today=TODAY)
    assert (facts.registered_on, facts.first_visit_on, facts.outcomes, facts.placed_on) == (TODAY, TODAY, {"working"}, TODAY - timedelta(30))
    assert kept.cause == "work" and kept.home_teaching.get() == plan
    waits.refresh_from_db()
    assert (waits.verdict, waits.decided_name) == ("withdrawn", bureau.name)
    assert ended.ledger.filter(kind="decision", text__contains="撤回").count() == 1
    page = cast.client("bureau").get(f"/cases/{kept.pk}/").content.decode()
    assert "打工去了" in page
    with CaptureQueriesContext(connection) as plain:
        facts_of(fresh(make.case(cast.home.children[2])), today=TODAY)
    assert len(whole) <= len(plain) + 1
    before = kept.progress_on
    leave_again(case=fresh(kept), on=TODAY, text="走了", by=principal, now=NOW)
    plan.refresh_from_db()
    teaching.take_back(lesson=lesson, text="写错", by=principal, now=NOW)
    void_visit(visit=visit, reason="写错", by=township, now=NOW)
    facts, _ = facts_of(fresh(kept), today=TODAY)
    assert (facts.registered_on, facts.outcomes, fresh(kept).cause) == (None, set(), "weary") and facts.progress_on <= before


def test_a_case_merged_twice_is_read_from_the_last(cast: Cast) -> None:
    term()
    first, second, third = cast.home.children[:3]
    cases = [make.case(child) for child in (first, second, third)]
    seen = Seen(TODAY, "home", "李测", "nobody", "没人", place="家中")
    log_visit(case=cases[2], seen=seen, by=cast.actor("township"), now=NOW)
    for child in (second, third):
        child.merged_into = first
        child.save()
    merge_case(case=fresh(cases[2]), into=fresh(cases[1]), by=cast.actor("bureau"), now=NOW)
    merge_case(case=fresh(cases[1]), into=fresh(cases[0]), by=cast.actor("bureau"), now=NOW)
    assert set(Case.objects.filter(merged_into=cases[0])) == set(cases[1:])
    assert facts_of(fresh(cases[0]), today=TODAY)[0].outcomes == {"nobody"}


def test_what_the_other_case_holds_itself_stays(cast: Cast) -> None:
    kept, ended = twins(cast)
    Case.objects.filter(pk=ended.pk).update(state="persuading")
    own = make.returned(kept, on=TODAY - timedelta(2))
    gone = make.returned(ended, on=TODAY)
    merge_case(case=fresh(ended), into=fresh(kept), by=cast.actor("bureau"), now=NOW)
    gone.refresh_from_db()
    assert kept.returns.get() == own and gone.case_id == ended.pk
