"""四步法 by truth table: the order of the papers, what hinders the next one, its term, its proof of service, what may be skipped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cases.rules import stepping
from apps.cases.rules.facts import Facts, StepDone
from apps.schools.policy import Policy

DAY = date(2026, 11, 23)
NUMBERS = Policy({})


def facts(*steps: StepDone, today: date = DAY, **fields: object) -> Facts:
    told = {"opened_on": DAY - timedelta(40), "state_since": DAY - timedelta(20), "progress_on": DAY - timedelta(5)}
    return Facts(today=today, steps=steps, **(told | fields))


def done(step: int, paper: str, *, served: int | None = None, ends: int | None = None, skipped: bool = False) -> StepDone:
    """A step of which ``served`` and ``ends`` are days from DAY."""
    at = [None if n is None else DAY + timedelta(n) for n in (served, ends)]
    return StepDone(step, DAY - timedelta(20), at[0], at[1], skipped, paper)


@pytest.mark.parametrize(
    ("steps", "number", "papers"),
    [
        ((), 1, "persuade"),
        ((done(1, "persuade"),), 2, "order"),
        ((done(1, "", skipped=True),), 2, "order"),
        ((done(1, "persuade"), done(2, "order")), 3, "penalty_notice"),
        ((done(2, "order"), done(3, "penalty_notice")), 3, "penalty"),
        ((done(2, "order"), done(3, "", skipped=True)), 4, "enforce sue"),
        ((done(2, "order"), done(3, "penalty")), 4, "enforce sue"),
        ((done(3, "penalty"), done(4, "sue")), 5, ""),
        ((done(3, "penalty"), done(4, "enforce")), 5, ""),
    ],
)
def test_which_paper_is_next(steps: tuple[StepDone, ...], number: int, papers: str) -> None:
    assert stepping.next_step(facts(*steps)) == number
    assert [paper.code for paper in stepping.next_papers(facts(*steps))] == papers.split()


@pytest.mark.parametrize(
    ("steps", "hindered", "earliest"),
    [
        ((), "", 0),
        ((done(1, "persuade"),), "《劝学通知书》还没有送达", None),
        ((done(1, "persuade", served=-14, ends=0),), "11月23日 届满", 1),
        ((done(1, "persuade", served=-14, ends=1),), "11月24日 届满", 2),
        ((done(1, "persuade", served=-15, ends=-1),), "", 0),
        ((done(1, "", skipped=True),), "", 0),
        ((done(1, "persuade"), done(2, "", skipped=True)), "", 0),
        ((done(3, "penalty_notice"),), "《行政处罚告知书》还没有送达", None),
        ((done(3, "penalty_notice", served=-3, ends=2),), "《行政处罚告知书》的期限", 3),
        ((done(3, "penalty", served=-16, ends=-1),), "", 0),
        ((done(4, "sue", served=-1),), "四步均已办理", 0),
    ],
)
def test_what_hinders_the_next_paper(steps: tuple[StepDone, ...], hindered: str, earliest: int | None) -> None:
    told = stepping.hindrance(facts(*steps))
    assert bool(told) == bool(hindered) and hindered in told
    assert stepping.earliest(facts(*steps)) == (None if earliest is None else DAY + timedelta(earliest))


@pytest.mark.parametrize(
    ("paper", "limits"),
    [
        ("persuade", (14, 14)), ("order", (7, 15)), ("penalty_notice", (5, 5)), ("penalty", (15, 15)), ("enforce", None), ("sue", None),
    ],
)  # fmt: skip
def test_how_long_a_term_may_be(paper: str, limits: tuple[int, int] | None) -> None:
    assert stepping.term_limits(paper, numbers=NUMBERS) == limits
    ends = stepping.term_end(paper, served_on=DAY, numbers=NUMBERS)
    assert ends == (DAY + timedelta(limits[0]) if limits else None)


@pytest.mark.parametrize(
    ("paper", "days", "fault"),
    [
        ("order", 6, "7—15"), ("order", 7, ""), ("order", 15, ""), ("order", 16, "7—15"), ("order", None, ""), ("persuade", 13, "应为 14 日"),
        ("persuade", 14, ""), ("sue", 99, ""),
    ],
)  # fmt: skip
def test_a_term_outside_its_limits(paper: str, days: int | None, fault: str) -> None:
    told = stepping.term_fault(paper, days=days, numbers=NUMBERS)
    assert bool(told) == bool(fault) and fault in told


def test_a_districts_own_numbers_move_the_limits() -> None:
    numbers = Policy({"step_order_days": 10, "step_order_longest_days": 8})
    assert stepping.term_limits("order", numbers=numbers) == (10, 10), "the longest is never below the shortest"
    assert stepping.term_end("order", served_on=DAY, numbers=numbers, days=12) == DAY + timedelta(12)


WHOLE = {
    "way": "direct", "issued_on": DAY - timedelta(3), "served_on": DAY, "today": DAY, "addressee": "杨父", "received_by": "杨父", "relation": "",
    "witness": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, ""),
        ({"served_on": DAY + timedelta(1)}, "还没有到"),
        ({"served_on": DAY - timedelta(4)}, "早于发出日"),
        ({"served_on": DAY - timedelta(3)}, ""),
        ({"way": "left"}, "见证人"),
        ({"way": "left", "witness": "王测"}, ""),
        ({"received_by": "杨母"}, "关系"),
        ({"received_by": "杨母", "relation": "母亲"}, ""),
        ({"way": "post", "received_by": "杨母"}, "关系"),
        ({"way": "proxy", "received_by": "杨母"}, "关系"),
        ({"way": "left", "witness": "王测", "received_by": "杨母"}, ""),
        ({"way": "public"}, "满 30 日"),
        ({"way": "public", "issued_on": DAY - timedelta(29)}, "满 30 日"),
        ({"way": "public", "issued_on": DAY - timedelta(30)}, ""),
    ],
)
def test_what_a_proof_of_service_needs(changed: dict[str, object], fault: str) -> None:
    told = stepping.service_fault(**(WHOLE | changed))
    assert bool(told) == bool(fault) and fault in told


@pytest.mark.parametrize(
    ("steps", "number"),
    [
        ((), 1), ((done(1, "persuade"),), 1), ((done(1, "persuade", served=-2, ends=12),), 2), ((done(1, "", skipped=True),), 2),
        ((done(3, "penalty_notice"),), 3), ((done(3, "penalty_notice", served=-1, ends=4),), 3), ((done(3, "penalty", served=-1, ends=14),), None),
        ((done(4, "sue"),), None),
    ],
)  # fmt: skip
def test_which_step_may_be_skipped(steps: tuple[StepDone, ...], number: int | None) -> None:
    assert stepping.skippable(facts(*steps)) == number


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ((), -20 + 7), ((done(1, "persuade"),), -20 + 7), ((done(1, "persuade", served=-14, ends=0),), 7), ((done(1, "", skipped=True),), -20 + 7),
        ((done(4, "sue"),), -20 + 7), ((done(4, "sue", served=-10),), -5 + 7),
    ],
)  # fmt: skip
def test_by_when_the_next_thing_is_due(steps: tuple[StepDone, ...], due: int) -> None:
    assert stepping.due(facts(*steps), numbers=NUMBERS) == DAY + timedelta(due)


paths = st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(7, 15)), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(paths)
def test_however_it_goes_the_order_holds(path: list[tuple[bool, int, int]]) -> None:
    """Issue, serve, wait; or skip: no step comes before the one before it, none while a term runs, and there are never more than four."""
    day, kept, numbers = DAY, {}, []
    for skips, waits, days in path:
        now = facts(*(kept[n] for n in sorted(kept)), today=day)
        number = stepping.next_step(now)
        if skips and stepping.skippable(now):
            skipped = stepping.skippable(now)
            kept[skipped] = StepDone(skipped, day, skipped=True)
            numbers.append(skipped)
        elif not stepping.hindrance(now):
            (paper, *_) = stepping.next_papers(now)
            last = now.step
            assert last is None or last.skipped or (last.served_on and (last.term_ends_on is None or last.term_ends_on < day))
            served = day + timedelta(1)
            kept[number] = StepDone(number, day, served, stepping.term_end(paper.code, served_on=served, numbers=NUMBERS), paper=paper.code)
            numbers.append(number)
        day += timedelta(waits + days)
    assert numbers == sorted(numbers) and set(numbers) <= {1, 2, 3, 4}
    assert sorted(kept) == list(range(1, len(kept) + 1))
