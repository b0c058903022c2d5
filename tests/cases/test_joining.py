"""Two cases of one child become one; a case goes with its child."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from apps.attendance.models import Seat
from apps.cases.actions.joining import follow_children, merge_case
from apps.cases.models import Case, Climb
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
    assert Notice.objects.get(role="principal").school == new
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
