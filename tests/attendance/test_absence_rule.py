"""The three-day rule: one truth table, in plain Python and in SQL; and what must hold whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.attendance import rules
from apps.attendance.actions.scanning import scan, scan_day
from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, Seat
from apps.attendance.queries import runs
from apps.attendance.rules import Code, Day
from apps.schools.actions import ensure_term, load_regions, seed_calendar
from apps.schools.models import CalendarDay, Closure, OpenDay, PolicyValue, Region, School, SchoolClass
from apps.schools.rules import default_spans, is_school_day, term_of
from apps.students.models import Child
from tests.attendance.absence_cases import CASES, Case
from tests.factories.children import child as make_child

DISTRICT = "530113"
NOON = datetime(2026, 9, 7, 12, tzinfo=timezone(timedelta(hours=8)))
SYMBOLS = {"A": Code.ABSENT, "L": Code.LEAVE, "H": Code.HALF, "T": Code.LATE, "E": Code.EARLY, "x": Code.ABSENT, "o": Code.ABSENT}
NO_SCHOOL = "_xc"
TAKEN = ".ALHTExop"
REGIONS = Path(__file__).parents[2] / "fixtures" / "regions.json"


def day_of(case: Case, number: int) -> date:
    return case.start + timedelta(number)


def outcome(case: Case, runs: list[tuple[date, date, int, date | None, date | None, str]]) -> tuple[tuple[object, ...], ...]:
    """Runs with their days as numbers."""
    number = lambda day: None if day is None else (day - case.start).days  # noqa: E731
    return tuple((number(a), number(b), n, number(s), number(e), how) for a, b, n, s, e, how in sorted(runs))


def seat_on(case: Case, number: int) -> rules.Seat:
    for _, first, last, away in case.seats:
        if first <= number and (last is None or number <= last):
            return rules.Seat(is_here=not away, is_away=bool(away))
    return rules.Seat(is_here=False, is_gone=all(number > (last if last is not None else number) for _, _, last, _ in case.seats))


def plainly(case: Case, calendar: dict[date, bool]) -> tuple[tuple[object, ...], ...]:
    """The case by the rule in plain Python."""
    spans = [span for half in ((case.start), case.start + timedelta(60)) for span in default_spans(term_of(half))]
    said: list[tuple[date, Day]] = []
    for number, symbol in enumerate(case.days):
        day = day_of(case, number)
        closed = {day} if symbol == "c" else set()
        opened = {day} if symbol in "op" else set()
        is_open = any(
            is_school_day(day, calendar=calendar, closures=closed, first=first, last=last, open_days=opened)
            for low, high, first, last in spans
            if low <= case.grade <= high
        )
        assert is_open == (symbol not in NO_SCHOOL), f"{day} is written {symbol!r}"
        on_leave = any(
            state == "approved" and first <= number <= last and (back is None or number < back) for first, last, back, state in case.leaves
        )
        said.append(
            (
                day,
                rules.what_day_says(
                    is_school_day=is_open, seat=seat_on(case, number), is_taken=symbol in TAKEN, mark=SYMBOLS.get(symbol), on_leave=on_leave
                ),
            )
        )
    return outcome(
        case,
        [(r.first_day, r.last_day, r.school_days, r.suspected_on, r.ended_on, r.end or "") for r in rules.absence_runs(said, limit=limit_of(case))],
    )


def limit_of(case: Case) -> Callable[[date], int]:
    """The number of school days in force on a day."""
    return lambda day: case.then[1] if case.then and day >= day_of(case, case.then[0]) else case.limit


def set_limits(case: Case) -> None:
    """The numbers of a case as the district's policy."""
    for first, days in ((date(2026, 8, 1), case.limit), *([(day_of(case, case.then[0]), case.then[1])] if case.then else [])):
        PolicyValue.objects.create(district_code=DISTRICT, key="suspected_school_days", value=days, effective_from=first, basis="测试")


@pytest.fixture
def district(db: None) -> str:
    """Dongchuan with its calendar and two terms."""
    load_regions(path=REGIONS)
    for year in (2026, 2027):
        seed_calendar(district=DISTRICT, year=year)
    for code in ("2026-2027-1", "2026-2027-2"):
        ensure_term(district=DISTRICT, code=code)
    return DISTRICT


def classes(grade: int, tag: str) -> list[SchoolClass]:
    """Two classes of one school and one of another."""
    township = Region.objects.get(code="530113102")
    made = []
    for n in (1, 2):
        school = School.objects.create(code=f"31530{tag}{n}", name=f"测试学校{tag}{n}", kind="nine_year", district_code=DISTRICT, township=township)
        made += [SchoolClass.objects.create(school=school, school_year=2026, grade=grade, name=str(m)) for m in (1, 2)]
    return made[:3]


def place(pupil: Child, room: SchoolClass) -> dict[str, object]:
    return {"child": pupil, "district_code": DISTRICT, "township_code": pupil.township_code, "school": room.school, "school_class": room}


def store(case: Case, tag: str, order: Random | None = None) -> Child:
    """The rows of a case, in the order of the days or shuffled."""
    rooms = classes(case.grade, tag)
    pupil = make_child(school_class=rooms[case.seats[-1][0]], village="530113102201")
    for room, first, last, away in case.seats:
        Seat.objects.create(
            **place(pupil, rooms[room]), first_day=day_of(case, first), last_day=None if last is None else day_of(case, last), away=away
        )
    for first, last, back, state in case.leaves:
        Leave.objects.create(
            **place(pupil, rooms[0]), kind="sick", first_day=day_of(case, first), last_day=day_of(case, last), school_days=1, facts="发热", state=state,
            approver="principal", asked_at=NOON, asked_name="甲", asked_title="班主任", decided_at=None if state == "asked" else NOON,
            returned_on=None if back is None else day_of(case, back),
        )  # fmt: skip
    numbers = list(range(len(case.days)))
    if order:
        order.shuffle(numbers)
    for number in numbers:
        write_day(case, number, rooms, pupil)
    return pupil


def write_day(case: Case, number: int, rooms: list[SchoolClass], pupil: Child) -> None:
    symbol, day = case.days[number], day_of(case, number)
    if symbol == "c":
        for room in rooms[::2]:
            Closure.objects.create(school=room.school, first_day=day, last_day=day, reason="大雪")
    if symbol in "op":
        for room in rooms[::2]:
            OpenDay.objects.create(school=room.school, day=day, reason="寄宿制")
    mine = next((room for room, first, last, away in case.seats if first <= number and (last is None or number <= last) and not away), None)
    for index, room in enumerate(rooms):  # the other classes are taken on every school day
        if symbol not in TAKEN if index == mine else symbol in NO_SCHOOL:
            continue
        taken = RollCall.objects.create(
            school_class=room, school=room.school, district_code=DISTRICT, day=day, expected=40, taken_at=NOON, taken_title="班主任"
        )
        if index == mine and symbol in SYMBOLS:
            Mark.objects.create(**place(pupil, room), roll_call=taken, day=day, code=SYMBOLS[symbol])


def stored(case: Case, pupil: Child) -> tuple[tuple[object, ...], ...]:
    fields = ("first_day", "last_day", "school_days", "suspected_on", "ended_on", "end")
    return outcome(case, list(AbsenceRun.objects.filter(child=pupil).values_list(*fields)))


def last_day(case: Case) -> date:
    return day_of(case, len(case.days) - 1)


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_rule_in_plain_python_and_in_sql(case: Case, district: str) -> None:
    """〔方案二（三）2〕."""
    calendar = dict(CalendarDay.objects.values_list("day", "is_school_day"))
    assert plainly(case, calendar) == case.runs
    set_limits(case)
    pupil = store(case, "001")
    done = scan(district=district, today=last_day(case))
    assert stored(case, pupil) == case.runs
    assert done.runs == len(case.runs)
    assert scan(district=district, today=last_day(case)).written == 0  # computing again changes nothing


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_day_after_day_gives_what_the_whole_gives(case: Case, district: str) -> None:
    """The day's increment looks at today's marks and open runs alone."""
    set_limits(case)
    pupil = store(case, "001")
    for number in range(len(case.days)):
        scan_day(district=district, today=day_of(case, number))
    assert stored(case, pupil) == case.runs
    assert scan(district=district, today=last_day(case)).written == 0


SCHOOL_DAYS = st.text(alphabet=".ALHTE?A", min_size=5, max_size=5)
WEEKENDS = st.sampled_from(["__", "__", "__", "o_", "p_"])


@st.composite
def any_case(draw: st.DrawFn) -> Case:
    """Three ordinary weeks of a pupil who may move, go on leave, be suspended or leave the roll."""
    days = "".join(draw(SCHOOL_DAYS) + draw(WEEKENDS) for _ in range(3))
    cuts = sorted(draw(st.sets(st.integers(1, 19), max_size=3)))
    seats: list[tuple[int, int, int | None, str]] = []
    first = -30
    for cut in [*cuts, None]:
        room, away = draw(st.integers(0, 2)), draw(st.sampled_from(["", "", "", "suspension"]))
        seats.append((room, first, None if cut is None else cut - 1, away))
        first = cut or first
    if draw(st.booleans()) and len(seats) > 1:
        seats.pop()
    told = "".join("?" if seat_on(Case("", days, seats=tuple(seats)), n) != rules.Seat() and s not in "_op" else s for n, s in enumerate(days))
    told = "".join("_" if seat_on(Case("", days, seats=tuple(seats)), n) != rules.Seat() and s in "op" else s for n, s in enumerate(told))
    leaves = draw(st.lists(st.tuples(st.integers(0, 18), st.integers(0, 5), st.sampled_from(["approved", "approved", "refused"])), max_size=2))
    return Case("any", told, leaves=tuple((a, a + n, None, state) for a, n, state in leaves), seats=tuple(seats), start=date(2026, 10, 12))


@given(case=any_case(), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_rules_agree_on_anything_in_any_order_of_entry(district: str, case: Case, seed: int) -> None:
    """The same runs from days entered in any order, from a district's scan and from a pupil's own; a second scan writes nothing."""
    calendar = dict(CalendarDay.objects.values_list("day", "is_school_day"))
    expected = plainly(case, calendar)
    with transaction.atomic():
        pupil = store(case, "007", Random(seed))
        if seed % 2:
            scan(district=district, today=last_day(case), children=[pupil.pk])
        else:
            for number in range(len(case.days)):
                scan_day(district=district, today=day_of(case, number), children=[pupil.pk] if seed % 4 else None)
            assert stored(case, pupil) == expected
        scan(district=district, today=last_day(case))
        assert stored(case, pupil) == expected
        assert scan(district=district, today=last_day(case), children=[pupil.pk]).written == 0
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_runs_of_a_pupil_are_found_by_the_pupil() -> None:
    """Whatever the planner believes of how few runs are open: that was true in the morning, and each class that reports an absence adds one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + runs.OLDEST.format(of=runs.OF_SOME), {"children": [1, 2]})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "one_run_a_day" in plan
    assert "run_open" not in plan
