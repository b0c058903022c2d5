"""Lines become children: who may join, and which questions are left afterwards."""

from __future__ import annotations

from itertools import permutations

import pytest

from apps.reconciliation.actions.grouping import Groups, own, row
from apps.reconciliation.models import DoubtfulPair
from apps.reconciliation.queries import grouping
from apps.reconciliation.queries.grouping import Line
from tests.cast import Cast
from tests.factories import runs
from tests.factories.registers import entry

pytestmark = pytest.mark.django_db
HOUSEHOLD, RECORD, SEAT = (Line(n, kind, n, "", True) for n, kind in ((1, "household"), (2, "enrollment"), (3, "attending")))
OTHER_SEAT = Line(4, "attending", 4, "A", True)


def test_a_register_stands_once_in_a_child_but_for_duplicates() -> None:
    groups = Groups([HOUSEHOLD, RECORD, SEAT, OTHER_SEAT])
    assert groups.join(2, 3, inside=False) and groups.join(1, 2, inside=False)
    assert not groups.join(1, 4, inside=False)
    assert groups.join(3, 4, inside=True)
    assert len({groups.find(n) for n in (1, 2, 3, 4)}) == 1


@pytest.mark.parametrize("order", list(permutations([(1, 2), (1, 3)])))
def test_what_a_person_called_two_children_is_not_joined_by_way_of_a_third_line(order: tuple[tuple[int, int], ...]) -> None:
    groups = Groups([HOUSEHOLD, RECORD, SEAT], different=[(2, 3), (3, 99)])
    assert [groups.join(*pair, inside=False) for pair in order] == [True, False]
    assert groups.find(2) != groups.find(3)


def test_a_group_keeps_the_child_most_of_its_lines_had() -> None:
    lines = [HOUSEHOLD, RECORD._replace(child=7), SEAT._replace(child=7), OTHER_SEAT._replace(child=7)]
    assert own({1: lines[:3], 4: lines[3:]}, {}) == ({1: 7}, [4])


def test_of_two_records_the_current_one_where_the_child_sits_stands_for_it() -> None:
    left, here = RECORD._replace(current=False, school="A"), Line(5, "enrollment", 5, "A", True)
    elsewhere = Line(6, "enrollment", 6, "B", True)
    assert row(9, [OTHER_SEAT, left, elsewhere, here]) == (9, None, 5, 4, None, None)
    assert row(9, [HOUSEHOLD, RECORD]) == (9, 1, 2, None, None, None)


def test_two_children_are_asked_about_once_and_only_while_nothing_else_answers(cast: Cast) -> None:
    run = runs.run()
    one, other, seated = cast.home.children[:3]
    home, record, seat, taken = entry(one, "household"), entry(one), entry(other, "attending"), entry(seated, "attending")
    runs.child_class(one, of=run, household=home, enrollment=record)
    runs.child_class(other, of=run, attending=seat)
    runs.child_class(seated, of=run, attending=taken, enrollment=entry(seated))
    pairs = [(home, seat, 3.0), (record, seat, 5.0), (record, taken, 9.0)]
    DoubtfulPair.objects.bulk_create(DoubtfulPair(run=run, left=a, right=b, score=score) for a, b, score in pairs)
    assert grouping.forget_doubts(run) == 2
    assert list(DoubtfulPair.objects.values_list("left_id", "right_id")) == [(record.pk, seat.pk)]
