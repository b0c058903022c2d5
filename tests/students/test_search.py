"""The search field: names, initials and readings as people type them."""

from __future__ import annotations

import pytest

from apps.students.models import Child
from tests.factories.children import child

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("杨晓明", "yxm"),
        ("杨晓明", "yang"),
        ("杨晓明", "yangxiaoming"),
        ("杨晓明", "yang xiaoming"),
        ("杨晓明", "Yang Xiao Ming"),
        ("杨晓明", "yangxiaom"),
        ("杨晓明", "yáng xiǎomíng"),
        ("吕丽", "lvli"),
        ("吕丽", "lü li"),
        ("吕丽", "luli"),
        ("吕丽", "Lyu Li"),
        ("阿依·古丽", "ayiguli"),
        ("西安", "xi'an"),
        ("曾𠮷", "zeng"),  # a character of Ext-B
        ("曾𠮷", "曾𠮷"),
    ],
)
def test_a_name_is_found_by_its_reading(name: str, typed: str) -> None:
    wanted, other = child(name=name), child(name="赵四方")
    found = set(Child.objects.search(typed))
    assert wanted in found and other not in found


@pytest.mark.parametrize("typed", ["xiaoming", "yangxiaohong", "ming yang", "%", "_", "y%ng"])
def test_another_reading_finds_nobody(typed: str) -> None:
    child(name="杨晓明")
    assert not Child.objects.search(typed)
