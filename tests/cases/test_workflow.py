"""The table of moves: nothing but the table is possible, every open case has one task, one post and one deadline, whatever the facts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.roles import BY_CODE
from apps.cases.actions.moving import move
from apps.cases.rules import proposing
from apps.cases.rules.facts import Agreed, Facts, StepDone
from apps.cases.rules.placing import Cause, Placing
from apps.cases.rules.visiting import Outcome
from apps.cases.workflow import ASKED_IN, BASIS_IN, ENDED, FOLLOWS, MOVES, OPEN, TASKS, State, due_on, grounds, task_of, ways
from apps.core.errors import Refused
from apps.schools.policy import BY_KEY, Policy
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs

NUMBERS = Policy({})
DAYS = st.dates(TODAY - timedelta(200), TODAY)
MAYBE = st.none() | DAYS


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Any facts a case may have today."""
    opened = draw(DAYS)
    later = st.dates(opened, TODAY)
    steps = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        served = draw(st.none() | later)
        steps.append(StepDone(number, draw(later), served, served and served + timedelta(14), draw(st.booleans())))
    kinds = draw(st.sets(st.sampled_from(list(proposing.Kind))))
    return Facts(
        today=TODAY, opened_on=opened, state_since=draw(later), progress_on=draw(later), needs_lines=draw(st.booleans()), lines_on=draw(MAYBE),
        first_visit_on=draw(st.none() | later), outcomes=frozenset(draw(st.sets(st.sampled_from([o.value for o in Outcome])))), asked=frozenset(kinds),
        asked_by={kind: draw(st.sampled_from(proposing.askers(kind))) for kind in kinds},
        agreed={k: Agreed(proposing.BY_KIND[k].bases[0].code, opened, opened, draw(st.none() | st.dates(opened, TODAY + timedelta(300)))) for k in kinds},
        missing_duties=draw(st.sampled_from([(), ("校长",)])), assigned_to=draw(st.sampled_from(["", "530113102"])), accept_by=draw(MAYBE),
        is_accepted=draw(st.booleans()), steps=tuple(steps), registered_on=draw(st.none() | later), days_present=draw(st.integers(0, 100)), placed_on=draw(MAYBE),
        placing=draw(st.sampled_from(["", *Placing])), cause=draw(st.sampled_from(["", *Cause])), monitored_days=draw(st.integers(0, 100)),
        reply_by=draw(MAYBE), notes=tuple(draw(st.lists(later, max_size=3))), term_ends_on=draw(st.none() | st.just(date(2027, 1, 23))),
    )  # fmt: skip


@settings(deadline=None)
@given(facts(), st.sampled_from(sorted(OPEN)))
def test_every_open_case_has_one_task_one_post_and_one_deadline(known: Facts, state: State) -> None:
    task = task_of(state, known, NUMBERS)
    assert task in TASKS[state]
    assert task.role in BY_CODE
    assert not task.is_signature or task.role != known.asked_by[task.code.removeprefix("decide_")], "nobody signs what the own post asked for"
    due = due_on(task, known, NUMBERS, is_school_day=lambda day: day.weekday() < 5, is_working_day=lambda day: day.weekday() < 5)
    assert known.opened_on <= due or task.unit == ""


def test_the_table_is_whole() -> None:
    assert set(TASKS) == OPEN
    assert all(task.number in BY_KEY for tasks in TASKS.values() for task in tasks if task.number)
    assert all(set(move.roles) <= {*BY_CODE, "system"} for move in MOVES)
    assert {move.target for move in MOVES} == set(State)  # every state can be reached
    assert all(any(move.source == state for move in MOVES) for state in OPEN)  # and every open one can be left
    for kind, target in FOLLOWS.items():
        assert all(ways(state, target) for state in ASKED_IN[kind])
    assert set(BASIS_IN) <= {basis.code for basis in proposing.BY_KIND["close"].bases}
    assert [basis.code for basis in grounds(State.MONITORING, "close")] == ["watched", "past_age", "graduated", "certified", "died"]
    assert [basis.code for basis in grounds(State.SUSPECTED, "close")] == ["past_age", "graduated", "certified", "died"]


@pytest.mark.django_db
def test_no_step_but_those_of_the_table(cast: Cast) -> None:
    by = cast.actor("bureau")
    open_ones = iter(child for child in [*cast.home.children, *cast.neighbour.children])
    other = runs.case(next(open_ones))
    cases = {s: runs.case(next(open_ones), state=s.value, **({"merged_into": other} if s == State.MERGED else {})) for s in State}
    for source, target in product(State, State):
        if ways(source, target):
            continue
        case = cases[source]
        with pytest.raises(Refused) as refused:
            move(case=case, target=target, by=by, now=NOW)
        assert refused.value.code == "step"
        case.refresh_from_db()
        assert case.state == source


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), [(m.source, m.target) for m in MOVES if m.source and m.target != State.MERGED])
def test_a_step_is_refused_to_others_and_says_what_it_lacks(cast: Cast, source: State, target: State) -> None:
    case = runs.case(cast.child, state=source.value)
    if source == State.PLACED:
        make.returned(case, on=TODAY)
    written, rows = case.ledger.count(), ways(source, target)
    others = sorted(set(BY_CODE) - {role for row in rows for role in row.roles})
    with pytest.raises(Refused) as refused:
        move(case=case, target=target, by=cast.actor(others[0]), now=NOW)
    assert refused.value.code == "right"
    mine = next((role for row in rows for role in row.roles if role != "system" and row.needs), None)
    if mine:
        with pytest.raises(Refused, match="还不能办理，缺：") as lacking:
            move(case=case, target=target, by=cast.actor(mine), now=NOW)
        assert lacking.value.code == "missing"
    assert case.ledger.count() == written


def test_ended_states_ask_for_nothing() -> None:
    assert not [state for state in ENDED if any(state in ASKED_IN[kind] for kind in ASKED_IN)]
