"""Words of every page: parts in one sentence, and the page an address stands under."""

from __future__ import annotations

import pytest

from apps.core.labels import joined
from apps.core.templatetags.zaixue import place_of
from tests.cast import Cast


def test_parts_become_one_sentence_whatever_stops_they_had() -> None:
    assert joined("学习：跟上。", "思想：稳定；", "", " 座位调前。 ") == "学习：跟上；思想：稳定；座位调前。"
    assert joined("", " ") == ""


@pytest.mark.parametrize(("path", "name"), [("/cases/14/assign/", "一生一案"), ("/cases/steps/3/void/", "四步法"), ("/nowhere/", ""), ("/", "")])
def test_a_form_is_named_by_the_page_it_stands_under(path: str, name: str) -> None:
    assert place_of(path) == name


@pytest.mark.django_db
def test_the_ledgers_are_a_page_of_the_cases(cast: Cast) -> None:
    body = cast.client("bureau").get("/ledgers/").content.decode()
    assert '<a href="/cases/" aria-current="page">' in body and body.count('aria-current="page"') == 1
