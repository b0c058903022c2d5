"""A case that has ended mutes no later absence: only the move that ended it says that people knew, and only of the days up to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.attendance.models import AbsenceRun, Mark
from apps.cases.actions import noting
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.models import Case
from apps.cases.queries.comparison import open_needed
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reporting.actions.receiving import sign_receipt
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import lines, runs
from tests.factories.cases_duties import fresh, moment
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
FIRST = TODAY - timedelta(4)
Act = Callable[[Cast], None]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    term()


def away(cast: Cast, *, days: int = 0) -> int:
    """The child is absent from ``FIRST`` until some days after today; how many cases that opens or reopens."""
    last = TODAY + timedelta(days)
    AbsenceRun.objects.filter(child=cast.child, ended_on=None).delete()
    known = set(Mark.objects.filter(child=cast.child).values_list("day", flat=True))
    new = [day for day in make.weekdays(FIRST, last) if day not in known]
    make.called(cast.child, new, absent=new)
    make.absence(cast.child, FIRST, last)
    return open_cases_of_absences(district=HOME, by=SYSTEM, today=last, now=moment(last, 15))


def a_receipt(cast: Cast) -> None:
    """The township signs for the letter of a case that was cleared weeks ago."""
    old = TODAY - timedelta(40)
    report = lines.issued(cast.child, on=old, by=cast.actor("principal"), now=moment(old, 15))
    AbsenceRun.objects.update(ended_on=old + timedelta(1), end="returned")
    Case.objects.update(state="cleared", state_since=old + timedelta(5))
    sign_receipt(line=lines.line(report, "township"), by=cast.actor("township"), now=moment(TODAY, 9))


def a_line(state: str) -> Act:
    """Any line in the ledger of a case that ended weeks ago."""

    def act(cast: Cast) -> None:
        make.entry(make.case(cast.child, state), happened_on=TODAY)

    return act


@pytest.mark.parametrize("written", [a_receipt, a_line("cleared"), a_line("closed")])
def test_a_line_in_an_ended_case_mutes_no_absence(cast: Cast, written: Act) -> None:
    make.seated(cast.child)
    written(cast)
    assert away(cast) == 1 and Case.objects.open().count() == 1


@pytest.mark.parametrize("state", ["cleared", "closed"])
def test_an_absence_that_goes_on_after_the_decision_is_another_one(cast: Cast, state: str) -> None:
    """What people knew was the days up to it: the rule's days after it make a case again."""
    make.seated(cast.child)
    make.case(cast.child, state, days=0)
    assert [away(cast, days=days) for days in (0, 2, 3)] == [0, 0, 1]


def test_who_need_not_come_any_more_is_not_lost_again(cast: Cast) -> None:
    """Taken over by another county: the class may call the child on until its list is mended."""
    make.seated(cast.child)
    make.proposal(make.case(cast.child, "closed", days=0), "close", "accepted")
    assert [away(cast, days=days) for days in (0, 8)] == [0, 0]


def test_the_comparison_asks_for_the_move_too(cast: Cast) -> None:
    old, later = make.case(cast.child, "cleared"), TODAY + timedelta(5)
    run = runs.run(finished_at=moment(TODAY + timedelta(1)))
    runs.child_class(cast.child, of=run, second="not_returned")
    make.entry(old, written_at=moment(TODAY + timedelta(2)))
    assert len(open_needed(run, late=True, today=later, now=moment(later))) == 1


def test_a_case_ended_after_the_comparison_was_judged_by_it(cast: Cast) -> None:
    old, later = make.case(cast.child, "cleared"), TODAY + timedelta(5)
    run = runs.run(finished_at=moment(TODAY + timedelta(1)))
    runs.child_class(cast.child, of=run, second="not_returned")
    make.entry(old, kind="moved", target="cleared", written_at=moment(TODAY + timedelta(2)))
    assert open_needed(run, late=True, today=later, now=moment(later)) == []


@pytest.mark.parametrize("state", ["cleared", "closed"])
def test_nothing_new_is_noted_in_an_ended_case_but_a_mistake_is_corrected(cast: Cast, state: str) -> None:
    case, by = make.case(cast.child, state), cast.actor("head_teacher")
    with pytest.raises(Refused, match="已经办结") as refused:
        noting.note(case=fresh(case), text="一切正常", on=TODAY, by=by, now=NOW)
    assert refused.value.code == "closed"
    assert noting.note(case=fresh(case), text="日期写错", on=TODAY, by=by, now=NOW, corrects=make.entry(case)).corrects
