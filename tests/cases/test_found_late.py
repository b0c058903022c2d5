"""The days of a suspicion count from its first one, however late it was found; the page says which, and the deadline follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from apps.cases.actions import clocks
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.proposing import Asked, ask
from apps.cases.models import Case
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import registers, runs
from tests.factories.cases_duties import fresh

pytestmark = pytest.mark.django_db


def found(cast: Cast, *, suspected_on: date, **ended: object) -> Case:
    """An absence that nobody computed until today."""
    registers.term()
    make.seated(cast.child)
    make.absence(cast.child, suspected_on - timedelta(2), TODAY, suspected_on=suspected_on, **ended)
    open_cases_of_absences(district=HOME, by=SYSTEM, today=TODAY, now=NOW)
    return fresh(Case.objects.get())


@pytest.mark.parametrize(("days", "holds"), [(30, True), (29, False)])
def test_an_absence_found_late_does_not_wait_again(cast: Cast, days: int, holds: bool) -> None:
    case, by = found(cast, suspected_on=TODAY - timedelta(days)), cast.actor("principal")
    make.seen(case)
    asked = Asked("confirm", "days", "查过，仍未返校")
    if holds:
        assert ask(case=case, asked=asked, by=by, now=NOW).pk
    else:
        with pytest.raises(Refused, match="疑似满 30 日（自连续未到校满 3 个上课日"):
            ask(case=case, asked=asked, by=by, now=NOW)


@pytest.mark.parametrize(("days", "due"), [(20, 10), (27, 3), (60, 0)])
def test_the_deadline_follows_and_is_no_earlier_than_the_visit(cast: Cast, days: int, due: int) -> None:
    case = found(cast, suspected_on=TODAY - timedelta(days))
    make.seen(case)
    Case.objects.filter(pk=case.pk).update(lines_on=TODAY, progress_on=TODAY + timedelta(20))
    clocks.refresh(cases=[case.pk], today=TODAY)
    case = fresh(case)
    assert (case.task, case.due_on) == ("settle", TODAY + timedelta(due))


def test_an_absence_that_is_over_counts_from_the_opening(cast: Cast) -> None:
    case = found(cast, suspected_on=TODAY - timedelta(40), ended_on=TODAY, end="returned")
    assert facts_of(case, today=TODAY)[0].doubted_on == case.opened_on == TODAY


def test_of_a_comparison_its_day_and_never_later_than_the_opening(cast: Cast) -> None:
    first, second, third = cast.home.children[:3]
    early = runs.case(first, run=runs.run(as_of=TODAY - timedelta(9)), opened_on=TODAY - timedelta(2))
    late = runs.case(second, run=runs.run(as_of=TODAY), opened_on=TODAY - timedelta(2))
    none = runs.case(third, origin="hand", opened_on=TODAY - timedelta(2))
    days = [(TODAY - facts_of(case, today=TODAY)[0].doubted_on).days for case in (early, late, none)]
    assert days == [9, 2, 2]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (30, "2026年10月24日（连续未到校满 3 个上课日）起算，今天是第 30 日；已满 30 日"),
        (0, "2026年11月23日（立案日）起算，今天是第 0 日；2026年12月23日满 30 日"),
    ],
)
def test_the_page_says_the_day_and_from_where(cast: Cast, days: int, said: str) -> None:
    case = found(cast, suspected_on=TODAY - timedelta(days)) if days else runs.case(cast.child, origin="hand", opened_on=TODAY)
    assert said in cast.client("principal").get(reverse("case_show", args=[case.pk])).content.decode()
