"""When the three lines and the first visit are due: one truth table, the rule in plain dates and the calendar of the database together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.reporting.queries.clocks import Clocks
from apps.schools.models import CalendarDay, Closure, OpenDay, PolicyValue, TermSpan
from apps.schools.rules import days_left, due_day
from tests.cast import HOME, NOW, Cast
from tests.factories import lines
from tests.factories.cases_duties import moment
from tests.factories.registers import term

D = date
MON = D(2026, 11, 16)  # Monday; 14/15 and 21/22 are weekends
FRI, SAT, SUN, NEXT_MON, NEXT_TUE = (MON + timedelta(n) for n in (4, 5, 6, 7, 8))
HOLIDAY, MAKE_UP, SNOW, OWN = D(2026, 11, 18), D(2026, 11, 21), D(2026, 11, 17), D(2026, 11, 22)

# name, the clock starts, school days, (calendar, closures, own school days), due
DUE = [
    ("next day", MON, 1, "", D(2026, 11, 17)),
    ("three days", MON, 3, "", D(2026, 11, 19)),
    ("over the weekend", FRI, 1, "", NEXT_MON),
    ("flagged on a Saturday", SAT, 1, "", NEXT_MON),
    ("flagged on a Sunday, two days", SUN, 2, "", NEXT_TUE),
    ("a holiday does not count", D(2026, 11, 17), 1, "holiday", D(2026, 11, 19)),
    ("a make-up Saturday counts", FRI, 1, "make_up", MAKE_UP),
    ("snow closes the school", MON, 1, "snow", HOLIDAY),
    ("the school's own Sunday counts", FRI, 1, "own", OWN),
    ("make-up and own Sunday", FRI, 2, "make_up own", OWN),
    ("holiday after snow", MON, 1, "snow holiday", D(2026, 11, 19)),
    ("ten school days", MON, 10, "", D(2026, 11, 30)),
    ("the last day of term: working days", D(2027, 1, 22), 1, "term ends", D(2027, 1, 25)),
    ("three days into the holidays: working days", D(2027, 1, 21), 3, "term ends", D(2027, 1, 26)),
]
# name, due, today, what the calendar says, left
LEFT = [
    ("due today", FRI, FRI, "", 0),
    ("due tomorrow", FRI, D(2026, 11, 19), "", 1),
    ("Friday before a Monday", NEXT_MON, FRI, "", 1),
    ("Sunday before a Monday", NEXT_MON, SUN, "", 1),
    ("a week before", NEXT_MON, MON, "", 5),
    ("yesterday", FRI, NEXT_MON, "", -1),
    ("over since a Friday, on Saturday", FRI, SAT, "", -1),
    ("two school days over", FRI, NEXT_TUE, "", -2),
    ("a holiday between", D(2026, 11, 17), D(2026, 11, 19), "holiday", -1),
    ("before a day in the holidays", D(2027, 1, 25), D(2027, 1, 24), "term ends", 1),
]  # fmt: skip


def prepare(cast: Cast, said: str) -> None:
    """Write into the calendar what a row says."""
    school = cast.home.schools[0]
    if "holiday" in said:
        CalendarDay.objects.create(district_code=HOME, day=HOLIDAY, is_school_day=False)
    if "make_up" in said:
        CalendarDay.objects.create(district_code=HOME, day=MAKE_UP, is_school_day=True)
    if "snow" in said:
        Closure.objects.create(school=school, first_day=SNOW, last_day=SNOW, reason="大雪封路")
    if "term" in said:
        term(code="2026-2027-2")  # begins on 5 March: the bureau has set it up already
    if "own" in said:
        OpenDay.objects.create(school=school, day=OWN, reason="寄宿制")


def open_days(said: str) -> set[date]:
    """The school days of a row by hand, not by the calendar's code."""
    first, last = D(2026, 9, 1), D(2027, 1, 23)
    days = {first + timedelta(n) for n in range((last - first).days + 1)}
    found = {day for day in days if day.weekday() < 5}
    taken = {"holiday": HOLIDAY, "snow": SNOW}
    given = {"make_up": MAKE_UP, "own": OWN}
    return (found - {day for word, day in taken.items() if word in said}) | {day for word, day in given.items() if word in said}


@pytest.mark.parametrize(("name", "begun", "days", "said", "due"), DUE, ids=[row[0] for row in DUE])
def test_the_rule_says_when_it_is_due(name: str, begun: date, days: int, said: str, due: date) -> None:
    assert due_day(begun, days=days, is_school_day=open_days(said).__contains__) == due


@pytest.mark.parametrize(("name", "due", "today", "said", "left"), LEFT, ids=[row[0] for row in LEFT])
def test_the_rule_says_what_is_left(name: str, due: date, today: date, said: str, left: int) -> None:
    assert days_left(due, today=today, is_school_day=open_days(said).__contains__) == left


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "begun", "days", "said", "due"), DUE, ids=[row[0] for row in DUE])
def test_the_calendar_of_the_school_says_the_same(cast: Cast, name: str, begun: date, days: int, said: str, due: date) -> None:
    prepare(cast, said)
    report = lines.draft(cast.child, on=begun, now=moment(begun))
    report.send_days = days
    assert Clocks([report], today=begun).sending(report).due == due


@pytest.mark.django_db
def test_another_schools_closure_and_another_grades_term_are_not_mine(cast: Cast) -> None:
    report = lines.draft(cast.child, on=MON, now=moment(MON))
    Closure.objects.create(school=cast.home.schools[1], first_day=SNOW, last_day=SNOW, reason="大雪封路")
    CalendarDay.objects.create(district_code="530199", day=SNOW, is_school_day=False)
    TermSpan.objects.filter(term=term(), grade_from=9).update(last_day=MON)
    assert Clocks([report], today=MON).sending(report).due == SNOW


@pytest.mark.django_db
def test_a_district_gives_its_own_number_of_days(cast: Cast) -> None:
    PolicyValue.objects.create(district_code=HOME, key="three_lines_school_days", value=2, effective_from=D(2026, 9, 1), basis="测试")
    report = lines.draft(cast.child, on=MON, now=moment(MON))
    assert Clocks([report], today=MON).sending(report).due == HOLIDAY
    PolicyValue.objects.filter(key="three_lines_school_days").delete()
    report.refresh_from_db()
    assert report.send_days == 2, "a number changed later moves no deadline that was told"


@pytest.mark.django_db
def test_what_was_done_has_stopped_its_clock(cast: Cast) -> None:
    report = lines.draft(cast.child, on=MON, now=moment(MON))
    clocks = Clocks([report], today=NEXT_TUE)
    assert clocks.sending(report).is_over
    in_time, late = clocks.sending(report, sent_on=SNOW), clocks.sending(report, sent_on=HOLIDAY)
    assert (in_time.left, in_time.was_late, in_time.is_over) == (None, False, False)
    assert (late.left, late.was_late) == (None, True)
    visit = clocks.visit(report, handed_on=FRI)
    assert visit.due == D(2026, 11, 25), "three school days after the township was told, over a weekend"


@pytest.mark.django_db
def test_four_reads_for_any_number_of_reports(cast: Cast) -> None:
    reports = [lines.draft(child, on=MON, now=NOW) for child in cast.home.children]
    for some in (reports[:1], reports):
        with CaptureQueriesContext(connection) as asked:
            Clocks(some, today=MON)
        assert len(asked) == 4
