"""Pages of very long lists: the same rows as Django's own pages, from either end, in one count and one read."""

from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.cases.models import Case
from apps.core.paging import LongPaginator
from tests.cast import Cast
from tests.factories import runs

pytestmark = pytest.mark.django_db


def test_every_page_is_the_one_that_the_order_gives(cast: Cast) -> None:
    for child in cast.home.children[:7]:
        runs.case(child)
    rows = Case.objects.all()
    for ordered in (rows, rows.order_by(F("due_on").asc(nulls_last=True), "pk")):
        plain, long = Paginator(ordered, 3), LongPaginator(ordered.select_related("child"), 3)
        assert plain.num_pages >= 3
        for number in plain.page_range:
            assert [case.pk for case in long.page(number)] == [case.pk for case in plain.page(number)]


def test_a_page_is_one_count_and_one_read(cast: Cast) -> None:
    for child in cast.home.children[:5]:
        runs.case(child)
    for number in (1, 3, 99):
        with CaptureQueriesContext(connection) as asked:
            page = LongPaginator(Case.objects.select_related("child", "school"), 2).get_page(number)
            assert [case.child.name for case in page]
        assert len(asked) == 2
    assert not list(LongPaginator(Case.objects.none(), 2).get_page(1))
