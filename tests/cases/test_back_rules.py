"""The rules of the way back, one table each; the watching dates for any dates at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cases.rules import caring, expiring, placing, repeating, teaching, watching
from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import Cause, Placing
from apps.schools.policy import Policy

NUMBERS = Policy({})
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may have much else to do
D = date(2026, 11, 23)
# cause -> the kinds that fit it 〔方案二（五）〕
FITS = {
    "work": "individual separate_class",
    "weary": "interest as_before",
    "ill": "inclusive home_teaching as_before",
    "disabled": "inclusive home_teaching special_school",
    "at_home": "matching_grade",
    "temple": "matching_grade",
    "married": "separate_class individual inclusive",
    "hardship": "as_before studied",
    "other": "studied as_before",
    "unknown": "",
}


@pytest.mark.parametrize("cause", list(Cause))
def test_what_fits_a_cause(cause: Cause) -> None:
    assert {kind.value for kind in Placing if placing.fits(cause, kind)} == set(FITS[cause].split())
    assert {kind.value for kind in Placing if not placing.why_not(cause, kind, is_back=True)} == set(FITS[cause].split())
    apart = {"individual", "home_teaching", "special_school"}
    assert {kind.value for kind in Placing if not placing.why_not(cause, kind, is_back=False)} == set(FITS[cause].split()) & apart


@pytest.mark.parametrize(
    ("cause", "kind", "is_back", "why"),
    [
        ("work", "individual", False, ""),
        ("work", "separate_class", False, "到校满规定的上课日、登记复学后才能安置"),
        ("work", "separate_class", True, ""),
        ("work", "home_teaching", True, "方案对“外出务工、务农”没有列这种方式"),
        ("unknown", "as_before", True, "辍学原因尚未查明"),
        ("", "as_before", True, "辍学原因尚未查明"),
    ],
)
def test_why_a_kind_is_not_offered(cause: str, kind: str, is_back: bool, why: str) -> None:
    assert placing.why_not(cause, kind, is_back=is_back) == why


@pytest.mark.parametrize(
    ("cause", "kind", "panel", "assessed", "lessons"),
    [
        ("disabled", "inclusive", True, False, False),
        ("disabled", "home_teaching", True, False, True),
        ("ill", "special_school", True, False, False),
        ("ill", "home_teaching", False, False, True),
        ("work", "individual", False, False, True),
        ("temple", "matching_grade", False, True, False),
        ("at_home", "matching_grade", False, True, False),
        ("weary", "interest", False, False, False),
    ],
)
def test_what_a_placement_takes(cause: str, kind: str, panel: bool, assessed: bool, lessons: bool) -> None:
    assert (placing.needs_panel(cause, kind), placing.needs_assessment(cause), placing.by_lessons(kind)) == (panel, assessed, lessons)


@pytest.mark.parametrize(
    ("yearly", "days", "least"), [(30, 300, 30), (30, 313, 30), (30, 150, 15), (30, 1, 1), (30, 31, 4), (216, 100, 72), (0, 300, 0)]
)
def test_the_quota_of_a_part_of_a_year(yearly: int, days: int, least: int) -> None:
    assert teaching.quota(yearly, first=D, last=D + timedelta(days - 1)) == least


@pytest.mark.parametrize(
    ("planned", "passed", "total", "given", "due", "missing"),
    [
        (60, 0, 180, 0, 0, 0),
        (60, 2, 180, 0, 0, 0),
        (60, 3, 180, 0, 1, 1),
        (60, 90, 180, 30, 30, 0),
        (60, 90, 180, 29, 30, 1),
        (60, 90, 180, 40, 30, 0),
        (60, 180, 180, 59, 60, 1),
        (60, 200, 180, 0, 60, 60),
        (60, 5, 0, 0, 0, 0),
    ],
)
def test_lessons_in_arrears(planned: int, passed: int, total: int, given: int, due: int, missing: int) -> None:
    assert teaching.due_lessons(planned, passed=passed, total=total) == due
    assert teaching.missing_lessons(due, given) == missing


@pytest.mark.parametrize(
    ("watched", "due", "given", "came"), [(60, 20, 20, 60), (60, 20, 10, 30), (60, 20, 30, 60), (60, 0, 0, 60), (0, 5, 5, 0), (60, 20, 19, 57)]
)
def test_lessons_as_attendance(watched: int, due: int, given: int, came: int) -> None:
    assert teaching.share_taught(watched, due=due, given=given) == came


def test_arrears_are_counted_to_the_last_sunday() -> None:
    assert [teaching.counted_to(D + timedelta(n)) for n in (-1, 0, 5, 6, 7)] == [
        D - timedelta(1),
        D - timedelta(1),
        D - timedelta(1),
        D + timedelta(6),
        D + timedelta(6),
    ]


WINDOWS = [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2026, 11, 23), 12, date(2027, 11, 23)),
    (date(2026, 12, 31), 2, date(2027, 2, 28)),
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2026, 8, 31), 1, date(2026, 9, 30)),
    (date(2026, 5, 15), 36, date(2029, 5, 15)),
]


@pytest.mark.parametrize(("since", "months", "end"), WINDOWS)
def test_the_window_of_a_repeat(since: date, months: int, end: date) -> None:
    assert repeating.window_end(since, months=months) == end
    assert [repeating.is_repeat(since, again_on=end + timedelta(n), months=months) for n in (-1, 0, 1)] == [True, True, False]


@pytest.mark.django_db
@pytest.mark.parametrize(("since", "months", "end"), WINDOWS)
def test_the_database_counts_months_alike(since: date, months: int, end: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::date + %s * interval '1 month')::date", [since, months])
        assert cursor.fetchone() == (end,)


@pytest.mark.parametrize(
    ("left", "over", "warned"), [(40, False, False), (31, False, False), (30, False, True), (1, False, True), (0, False, True), (-1, True, False)]
)
def test_the_end_of_an_exemption(left: int, over: bool, warned: bool) -> None:
    until = D + timedelta(left)
    assert (expiring.is_over(until, today=D), expiring.warns(until, today=D, days=30)) == (over, warned)


def test_groups_in_words() -> None:
    assert caring.said(["left_behind", "disabled"]) == "留守、残疾"


@ANY
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.lists(st.integers(0, 400), max_size=30), st.integers(1, 20), st.integers(1, 6))
def test_the_next_note_is_always_due_within_its_rhythm(since: date, after: list[int], weeks: int, months: int) -> None:
    """However notes were written: the next one is due a week or the months after the last, never later, never before it."""
    numbers = Policy({"monitoring_weekly": weeks, "monitoring_months": months})
    notes = tuple(sorted(since + timedelta(n) for n in after))
    due = watching.next_note(since, notes=notes, numbers=numbers)
    last = max(notes, default=since)
    assert (due - last).days == (7 if (last - since).days < 7 * weeks else 30 * months)


@ANY
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_who_writes_in_time_writes_weekly_four_times_then_monthly(since: date) -> None:
    notes: list[date] = []
    for _ in range(7):
        notes.append(watching.next_note(since, notes=tuple(notes), numbers=NUMBERS))
    assert [(day - since).days for day in notes] == [7, 14, 21, 28, 58, 88, 118]


@ANY
@given(st.integers(0, 200), st.integers(0, 200))
def test_watched_long_and_often_enough(days: int, came: int) -> None:
    came = min(came, days)
    facts = Facts(D, D, D, D, monitored_days=days, attended_days=came)
    assert watching.watched_long_enough(facts, numbers=NUMBERS) == (days >= 60)
    assert watching.came_often_enough(facts, numbers=NUMBERS) == (days > 0 and 100 * came >= 95 * days)


FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("due", "after", "closed", "expected"),
    [
        (FRIDAY, FRIDAY - timedelta(7), (), FRIDAY),
        (FRIDAY + timedelta(1), FRIDAY - timedelta(6), (), FRIDAY),  # a Saturday
        (FRIDAY + timedelta(2), FRIDAY - timedelta(5), (), FRIDAY),  # a Sunday
        (FRIDAY + timedelta(2), FRIDAY - timedelta(5), (FRIDAY,), FRIDAY - timedelta(1)),  # after a holiday
        (FRIDAY + timedelta(2), FRIDAY, (), MONDAY),  # the note of Friday is not the next one
        (FRIDAY, FRIDAY - timedelta(7), tuple(FRIDAY + timedelta(n) for n in range(-6, 40)), FRIDAY + timedelta(40)),  # holidays: when school begins
        (FRIDAY, FRIDAY - timedelta(7), tuple(FRIDAY + timedelta(n) for n in range(-6, 90)), FRIDAY),  # no calendar: the day itself
        (FRIDAY - timedelta(9), FRIDAY, (), FRIDAY - timedelta(8)),  # over since long
    ],
)
def test_a_note_is_due_on_a_school_day(due: date, after: date, closed: tuple[date, ...], expected: date) -> None:
    assert watching.on_school_day(due, after=after, is_school_day=lambda day: day.weekday() < 5 and day not in closed) == expected
