"""Two processes clean the blocks of one file: what comes out is what one process makes, in the same order, or nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from apps.core.excel.forks import possible
from apps.registers.checks.twofold import Piece, piece_of, pieces
from apps.registers.layouts.block import Block, Options
from apps.registers.layouts.cleaning import Cleaning

pytestmark = pytest.mark.skipif(not possible(), reason="one processor or no fork")
ROWS = 7


def blocks(count: int) -> Iterator[Block]:
    """Blocks of invented children; every third name is missing, which is an error."""
    for number in range(count):
        first = number * ROWS + 1
        rows = range(first, first + ROWS)
        cells = {"name": [f"赵{'一二三四五六七八九'[row % 9]}" if row % 3 else "" for row in rows], "grade": ["3"] * ROWS, "sex": ["男"] * ROWS}
        yield Block("attending", Options(school_code="2153011301"), "一", first, list(rows), cells)


def unmade(count: int) -> Iterator[Callable[[], Block]]:
    """The same blocks as the reader gives them."""
    return (partial(lambda block: block, block) for block in blocks(count))


def cleaning() -> Cleaning:
    return Cleaning("attending", Options())


def never() -> None:
    """Only the fork is hushed."""


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_two_make_what_one_makes(count: int) -> None:
    plain = cleaning()
    alone = [piece_of(block, plain) for block in blocks(count)]
    assert list(pieces(unmade(count), cleaning(), never)) == alone
    assert sum(piece.counts["rows"] for piece in alone) == count * ROWS
    assert sum(piece.counts["rejected"] for piece in alone) > 0


def dying(how: str) -> list[Piece]:
    """What arrives where the fork dies at its second block."""
    here = os.getpid()

    def walk() -> Iterator[Callable[[], Block]]:
        for number, made in enumerate(unmade(8)):
            if number == 3 and os.getpid() != here:
                if how == "killed":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise MemoryError if how == "memory" else ValueError
            yield made

    return list(pieces(walk(), cleaning(), never))


def test_a_fork_without_memory_ends_the_reading_the_same_way() -> None:
    with pytest.raises(MemoryError):
        dying("memory")


def test_a_fork_that_fails_ends_the_reading() -> None:
    with pytest.raises(RuntimeError):
        dying("fault")


def test_a_killed_fork_takes_this_process_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    here, real = os.getpid(), os.kill
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number) if pid == here else real(pid, number))
    with pytest.raises(RuntimeError):
        dying("killed")
    assert sent == [signal.SIGKILL]


def test_leaving_early_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[int] = []
    real = os.fork

    def fork() -> int:
        forked.append(real())
        return forked[-1]

    monkeypatch.setattr(os, "fork", fork)
    walk = pieces(unmade(50), cleaning(), never)
    next(walk)
    walk.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(forked[0], 0)
