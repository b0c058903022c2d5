"""Registers of a few children for real runs."""

from __future__ import annotations

import pytest

from apps.students.models import Child
from tests.cast import Cast
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import Twice


@pytest.fixture
def enrolled(cast: Cast) -> list[Child]:
    """Two children of each of two schools, on the national roll and at home here."""
    children = cast.home.children[:4]
    roll, homes = upload("enrollment"), upload("household")
    for child in children:
        entry(child, "enrollment", by=roll, grade=4)  # in grades 1 and 7 it would be 未注册
        entry(child, "household", by=homes)
    return children


@pytest.fixture
def twice(enrolled: list[Child]) -> Twice:
    """The first of them is in the class list under another name and number; the second one is in class."""
    return Twice(enrolled[0], [enrolled[1]])
