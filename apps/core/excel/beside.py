"""The guard in a fork beside the reader: both take as long, and no row that was read is used before the guard has said yes.

A reader that a hostile file aborts or swells takes only itself with it (its memory and time are bounded); the guard lives on and says why.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import BinaryIO

from apps.core.errors import RefusedFile
from apps.core.excel import forks
from apps.core.excel.container import Container, Wrapped
from apps.core.excel.guard import Facts, guard


def guarded(path: Path, wrapped: Wrapped, refuse: Callable[[RefusedFile], None]) -> Callable[[], Facts]:
    """What asks for the guard's facts, and waits for them. It raises RefusedFile for whatever may not be read.

    ``refuse`` is told the refusal in the guard's own process, for the case that this one is no more. No other thread may run.
    """
    if wrapped.container is not Container.XLSX or not forks.possible():
        facts = guard(path)
        return lambda: facts

    def look(stream: BinaryIO) -> None:
        try:
            pickle.dump(guard(path), stream)
        except RefusedFile as refused:
            refuse(refused)
            pickle.dump((refused.sentence, refused.code), stream)

    fork = forks.start(look)
    return cache(lambda: _answer(fork))


def _answer(fork: forks.Fork) -> Facts:
    content = fork.stream.read()
    forks.bury(fork)
    answer: Facts | tuple[str, str] = pickle.loads(content)  # noqa: S301  written by our own fork
    if isinstance(answer, Facts):
        return answer
    raise RefusedFile(answer[0], code=answer[1])
