"""Ages, terms and school days: truth tables."""

from __future__ import annotations

from datetime import date

import pytest

from apps.schools import rules
from apps.schools.rules import TermName

D = date


@pytest.mark.parametrize(
    ("birth", "year", "is_due", "grade"),
    [
        (D(2020, 8, 31), 2026, True, 1),  # six on the last day that counts
        (D(2020, 9, 1), 2026, False, 0),  # a day later: next year
        (D(2019, 9, 1), 2026, True, 1),
        (D(2019, 8, 31), 2026, True, 2),
        (D(2011, 9, 1), 2026, True, 9),  # the oldest of the nine cohorts
        (D(2011, 8, 31), 2026, False, 10),
        (D(2016, 2, 29), 2026, True, 5),
        (D(2014, 12, 31), 2026, True, 6),
        (D(2014, 1, 1), 2026, True, 7),
        (D(2014, 1, 1), 2025, True, 6),
        (D(2026, 1, 1), 2026, False, -5),
    ],
)
def test_compulsory_age_counts_on_31_august(birth: date, year: int, is_due: bool, grade: int) -> None:
    assert rules.is_school_age(birth, year) is is_due
    assert rules.expected_grade(birth, year) == grade
    assert (1 <= grade <= 9) is is_due


def test_the_day_ages_count_on_is_the_districts() -> None:
    assert rules.cohort_bounds(2026, cutoff=1231) == (D(2012, 1, 1), D(2020, 12, 31))
    assert rules.is_school_age(D(2020, 10, 1), 2026, cutoff=1231) and not rules.is_school_age(D(2020, 10, 1), 2026)


def test_nine_cohorts() -> None:
    assert rules.cohort_bounds(2026) == (D(2011, 9, 1), D(2020, 8, 31))


@pytest.mark.parametrize(
    ("code", "is_term"),
    [
        ("2026-2027-1", True),
        ("2026-2027-2", True),
        ("2026-2027-3", False),
        ("2026-2028-1", False),
        ("2026-1", False),
        ("", False),
        ("2026-2027-1 ", False),
    ],
)
def test_term_codes(code: str, is_term: bool) -> None:
    if is_term:
        assert TermName.parse(code).code == code
    else:
        with pytest.raises(ValueError, match="学期"):
            TermName.parse(code)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (D(2026, 7, 31), "2025-2026-2"), (D(2026, 8, 1), "2026-2027-1"), (D(2026, 12, 31), "2026-2027-1"), (D(2027, 1, 20), "2026-2027-1"),
        (D(2027, 2, 14), "2026-2027-1"), (D(2027, 2, 15), "2026-2027-2"), (D(2027, 7, 10), "2026-2027-2"),
    ],
)  # fmt: skip
def test_term_of_a_day(day: date, code: str) -> None:
    assert rules.term_of(day).code == code


def test_default_days_differ_for_grade_nine() -> None:
    assert rules.default_spans(TermName(2025, 1)) == [(1, 8, D(2025, 9, 1), D(2026, 1, 23)), (9, 9, D(2025, 9, 1), D(2026, 2, 6))]
    assert rules.default_spans(TermName(2025, 2))[0][2] == D(2026, 3, 5)


CALENDAR = {D(2026, 10, 1): False, D(2026, 10, 2): False, D(2026, 10, 10): True}
CLOSED = {D(2026, 10, 14)}


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (D(2026, 9, 30), True), (D(2026, 10, 1), False), (D(2026, 10, 3), False), (D(2026, 10, 10), True), (D(2026, 10, 11), False),
        (D(2026, 10, 12), True), (D(2026, 10, 14), False), (D(2026, 8, 31), False), (D(2026, 9, 1), True), (D(2027, 1, 22), True),
        (D(2027, 1, 25), False),
    ],
)  # fmt: skip
def test_school_days(day: date, is_open: bool) -> None:
    assert rules.is_school_day(day, calendar=CALENDAR, closures=CLOSED, first=D(2026, 9, 1), last=D(2027, 1, 23)) is is_open


def test_counting_school_days() -> None:
    assert rules.school_days_between(D(2026, 9, 30), D(2026, 10, 14), calendar=CALENDAR, closures=CLOSED) == 9  # 30 Sept, 5–10, 12, 13 Oct
    assert rules.school_days_between(D(2026, 10, 14), D(2026, 9, 30), calendar=CALENDAR, closures=CLOSED) == 0


@pytest.mark.parametrize(("grade", "stage"), [(0, ""), (1, "primary"), (6, "primary"), (7, "junior"), (9, "junior"), (10, ""), (None, "")])
def test_stages(grade: int | None, stage: str) -> None:
    assert rules.stage_of_grade(grade) == stage
