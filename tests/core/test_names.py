"""Names: cleaning to the code point, comparing forms, readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import names


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        (" 张三\n", "张三"),
        ("马海●拉铁", "马海·拉铁"),
        ("阿依・古丽", "阿依·古丽"),
        ("阿依•古丽", "阿依·古丽"),
        ("阿依.古丽", "阿依·古丽"),
        ("阿依．古丽", "阿依·古丽"),
        ("阿依‧古丽", "阿依·古丽"),
        ("阿依 · 古丽", "阿依·古丽"),
        ("张\u200b三\u202e", "张三"),
        ("无", ""),
        ("null", ""),
        ("/", ""),
        ("𠮷野", "𠮷野"),
        ("㛃妹", "㛃妹"),
        ("\ue863花", "\ue863花"),
        ("Anna  Maria", "Anna Maria"),
    ],
)
def test_cleaning(typed: str, clean: str):
    assert names.clean_name(typed) == clean


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing(text: str):
    once = names.clean_name(text)
    assert names.clean_name(once) == once


@pytest.mark.parametrize(("one", "other"), [("張偉", "张伟"), ("阿依·古丽", "阿依古丽"), ("Anna Maria", "annamaria")])
def test_equal_forms(one: str, other: str):
    assert names.compare_key(one) == names.compare_key(other)


@pytest.mark.parametrize(("name", "reading"), [("单小杨", "shan xiao yang"), ("仇英", "qiu ying"), ("曾丽", "zeng li"), ("吕布", "lv bu")])
def test_readings(name: str, reading: str):
    assert names.pinyin(name) == reading
    assert names.readings(name) == (names.compare_key(name), reading.replace(" ", ""), reading, "".join(s[0] for s in reading.split()))


def test_homophones_sound_alike():
    assert names.sound_key("李静") == names.sound_key("李婧") != names.sound_key("李强")
