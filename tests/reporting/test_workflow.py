"""The table of moves of a line."""

from __future__ import annotations

from apps.reporting.workflow import MOVES, Kind, State, step_to


def test_every_state_of_every_line_is_reached_by_one_step() -> None:
    assert all(step_to(move.kind, move.target) == move for move in MOVES)
    assert step_to(Kind.PLATFORM, State.RECEIVED) is None and step_to(Kind.AWAY, State.RECEIVED) is None
