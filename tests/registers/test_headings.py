"""Headings are found by what they say, wherever they stand."""

from __future__ import annotations

import pytest

from apps.registers.layouts import KINDS, locate
from apps.registers.layouts.headings import field_of
from apps.registers.layouts.templates import template_of

ATTENDING = KINDS["attending"]
PLAIN = ["学校标识码", "年级", "班级", "姓名"]
DATA = ["5301130020", "七年级", "1", "张三"]


def test_title_rows_stand_above():
    heading = locate([["在校学生花名册", "", "", ""], ["2025年9月", "", "", ""], PLAIN, DATA], ATTENDING)
    assert heading is not None
    assert (heading.row, heading.columns, heading.missing) == (2, {"school_code": 0, "grade": 1, "class_name": 2, "name": 3}, [])


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("姓 名*", "name"), ("学生姓名（必填）", "name"), ("身份证件号★", "id_number"), ("身份证号\n码", "id_number"), ("出生日期(YYYYMMDD)", "birth_date"),
        ("监护人联系电话", "guardian_phone"), ("成员1姓名", "guardian_name"), ("全国学籍号", "student_number"), ("户籍乡镇代码", "residence_code"),
        ("就读状态", "state"), ("看电视时间", None),
    ],
)  # fmt: skip
def test_aliases(written: str, field: str | None):
    assert field_of(written, KINDS["enrollment"], {}) == field


@pytest.mark.parametrize(
    ("written", "field"), [("乡(镇)", "township_name"), ("户类型", "group_kind"), ("证件号码", "id_number"), ("人编号", "member_number")]
)
def test_aliases_of_the_monitored_register(written: str, field: str):
    assert field_of(written, KINDS["monitored"], {}) == field


def test_two_row_heading_joins_upper_and_lower():
    upper = ["学校标识码", "年级", "班级", "姓名", "监护人", "监护人"]
    lower = ["学校标识码", "年级", "班级", "姓名", "姓名", "电话"]
    heading = locate([["花名册"] * 6, upper, lower, [*DATA, "张父", "13800000000"]], ATTENDING)
    assert heading is not None
    assert heading.last_row == 2
    assert heading.columns["name"] == 3
    assert heading.columns["guardian_name"] == 4
    assert heading.columns["guardian_phone"] == 5


def test_the_only_phone_column_of_a_school_is_the_guardians():
    head = ["学校标识码", "年级", "班级", "姓名", "联系电话"]
    alone, both = locate([head], ATTENDING), locate([[*head, "监护人电话"]], ATTENDING)
    assert alone is not None and both is not None
    assert (alone.columns.get("guardian_phone"), "phone" in alone.columns) == (4, False)
    assert (both.columns["phone"], both.columns["guardian_phone"]) == (4, 5)
    household = locate([["姓名", "公民身份号码", "联系电话"]], KINDS["household"])
    assert household is not None and household.columns["phone"] == 2


def test_missing_columns_are_named_in_one_sentence():
    heading = locate([["年级", "姓名", "所属单位"], ["七年级", "张三", "x"]], ATTENDING)
    assert heading is not None
    sentence = heading.missing_sentence()
    assert "学校标识码或学校名称" in sentence
    assert "班级" in sentence
    assert "所属单位" in sentence
    assert "年级、" not in sentence


def test_a_person_may_say_what_an_unknown_heading_is():
    rows = [["所属单位", "年级", "班级", "姓名", "爱好"], ["东川一中", "七年级", "1", "张三", "足球"]]
    before = locate(rows, ATTENDING)
    after = locate(rows, ATTENDING, {"所属单位": "school_name", "爱好": ""})
    assert before is not None
    assert after is not None
    assert before.unknown == {0: "所属单位", 4: "爱好"}
    assert (after.columns["school_name"], after.unknown, after.missing) == (0, {}, [])


def test_data_alone_is_no_heading():
    assert locate([DATA, DATA], ATTENDING) is None


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_template_has_all_its_layout_needs(kind: str):
    heading = locate([list(template_of(kind)["headings"])], KINDS[kind])
    assert heading is not None
    assert heading.missing == []
    assert heading.unknown == {}
