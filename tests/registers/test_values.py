"""Cells → values: one truth table for each kind of value."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.registers.layouts import cells, codes
from apps.registers.layouts.classes import class_of, grade
from apps.registers.layouts.codes import coded
from apps.registers.layouts.days import day, month
from apps.registers.layouts.phones import is_phone, phone

SOUND = "530113201512260183"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("七年级", "7"), ("初一", "7"), (7.0, "7"), ("7", "7"), ("７", "7"), ("七", "7"), ("小学三年级", "3"), ("3年级", "3"), ("初三", "9"), ("九年级", "9"),
        ("高一", "10"), ("学前班", "0"), ("初中2025级", "7"), ("初2023级", "9"), ("小学2025级", "1"), ("2026级", ""), ("2025级", ""), ("", ""), ("十三年级", ""),
        ("启明", ""),
    ],
)  # fmt: skip
def test_grades(cell: Any, number: str):
    assert grade(cell, 2025) == number


@pytest.mark.parametrize(
    ("cell", "known", "told"),
    [
        ("七年级(1)班", "", ("7", "1")), ("七年级（1）班", "7", ("7", "1")), ("7.1", "", ("7", "1")), (7.1, "7", ("7", "1")), ("初一1班", "", ("7", "1")),
        ("(1)", "", ("", "1")), ("1", "", ("", "1")), (1.0, "", ("", "1")), ("1班", "", ("", "1")), ("一班", "", ("", "1")), ("十二班", "", ("", "12")),
        ("701", "7", ("7", "1")), ("七(12)班", "7", ("7", "12")), ("1(2)班", "1", ("1", "2")), ("启明班", "", ("", "启明")), ("", "", ("", "")),
        (datetime(2025, 7, 1), "7", ("7", "1")), (datetime(2025, 1, 7), "7", ("7", "1")), (date(2025, 3, 2), "7", ("", "")),
        (date(2025, 8, 3), "", ("8", "3")),
    ],
)  # fmt: skip
def test_classes(cell: Any, known: str, told: tuple[str, str]):
    assert class_of(cell, known) == told


@given(st.integers(1, 9), st.integers(1, 30))
def test_every_way_of_writing_a_class_is_the_same_class(of_grade: int, number: int):
    han = "一二三四五六七八九"[of_grade - 1]
    for written in (f"{han}年级({number})班", f"{han}年级{number}班", f"{of_grade}.{number}", f"{of_grade}-{number}", f"{han}（{number}）班"):
        assert class_of(written, str(of_grade)) == (str(of_grade), str(number))


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("20150901", "2015-09-01"), ("2015-09-01", "2015-09-01"), ("2015-9-1", "2015-09-01"), ("2015/9/1", "2015-09-01"), ("2015年9月1日", "2015-09-01"),
        ("2015.9.1", "2015-09-01"), (20150901.0, "2015-09-01"), (42248.0, "2015-09-01"), ("42248", "2015-09-01"),
        (datetime(2015, 9, 1), "2015-09-01"),
        ("2015-09-01 00:00:00", "2015-09-01"), ("２０１５-０９-０１", "2015-09-01"), ("2015-02-30", ""), ("20151301", ""), ("九月", ""), ("", ""),
        ("201509", ""),
    ],
)  # fmt: skip
def test_days(cell: Any, iso: str):
    assert day(cell) == iso


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_days_come_back_from_every_form(one: date):
    forms = (one, one.isoformat(), f"{one:%Y%m%d}", f"{one.year}年{one.month}月{one.day}日", float((one - date(1899, 12, 30)).days))
    assert {day(form) for form in forms} == {one.isoformat()}


@pytest.mark.parametrize(
    ("cell", "text"), [("202309", "202309"), ("2023-09", "202309"), ("2023年9月", "202309"), (202309.0, "202309"), ("20230901", "202309"), ("x", "")]
)
def test_months(cell: Any, text: str):
    assert month(cell) == text


@pytest.mark.parametrize(
    ("cell", "number", "good"),
    [
        ("13800000000", "13800000000", True), ("138 0000 0000", "13800000000", True), ("138-0000-0000", "13800000000", True),
        ("+8613800000000", "13800000000", True),
        ("+86 138 0000 0000", "13800000000", True), ("１３８００００００００", "13800000000", True), (13800000000.0, "13800000000", True),
        ("13800000000、13900000000", "13800000000", True), ("0871-62120000", "0871-62120000", True), ("087162120000", "0871-62120000", True),
        ("62120000", "62120000", True), ("1380000000", "1380000000", False), ("12800000000", "12800000000", False), ("无", "", False),
    ],
)  # fmt: skip
def test_phones(cell: Any, number: str, good: bool):
    assert (phone(cell), is_phone(number)) == (number, good)


@pytest.mark.parametrize(
    ("table", "cell", "value"),
    [
        (codes.SEX, "1", "M"), (codes.SEX, "男", "M"), (codes.SEX, "1-男", "M"), (codes.SEX, "２", "F"), (codes.SEX, "女(2)", "F"),
        (codes.SEX, "未知", None),
        (codes.ETHNICITY, "彝", "彝族"), (codes.ETHNICITY, "07", "彝族"), (codes.ETHNICITY, "07-彝族", "彝族"), (codes.ETHNICITY, "1", "汉族"),
        (codes.ETHNICITY, "56", "基诺族"), (codes.STUDENT_STATE, "01", "studying"), (codes.STUDENT_STATE, "01-在读", "studying"),
        (codes.STUDENT_STATE, "14", "expelled"), (codes.STUDENT_STATE, "其他离校", "other_leave"), (codes.HOUSEHOLD_STATE, "死亡注销", "dead"),
        (codes.HOUSEHOLD_STATE, "迁出", "moved_out"), (codes.HOUSEHOLD_STATE, "查无此人", "not_found"), (codes.MONITORED_KIND, "边缘易致贫户", "marginal"),
        (codes.HOUSEHOLD_KIND, "脱贫户", "lifted_out"), (codes.SITUATION, "省内区外", "outside_province_in"), (codes.SITUATION, "失学", "never_enrolled"),
        (codes.SITUATION, "区外就读（省外）", "outside_province_out"), (codes.BOARDING, "2-住校", "boarding"), (codes.SCHOOL_TYPE, "教学点", "teaching_point"),
    ],
)  # fmt: skip
def test_codes(table: dict[str, str], cell: str, value: str | None):
    assert coded(cell, table) == value


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (SOUND, SOUND),
        ("'" + SOUND, SOUND),
        ("53011320130827000x", "53011320130827000X"),
        (SOUND + "11", SOUND),
        ("530113900101001", "530113199001010017"),
        ("无", ""),
    ],
)
def test_identity_cells(cell: Any, number: str):
    assert cells.identity(cell)[:17] == number[:17]
    assert len(cells.identity(cell)) == len(number)


@given(st.text(max_size=40))
def test_a_line_never_breaks_a_line(text: str):
    found = cells.line(text)
    assert not any(c in found for c in "\n\r\t\0\u202e\u200b")
    assert cells.line(found) == found or found.startswith("=")
