"""The statements of one roll call, sent by bare psycopg: ``python -m benchmarks.replay DSN FILE FIRST CLASSES CONNECTIONS SECONDS``.

FILE holds the statements as the product sent them for one class: those it keeps planned stay planned here too. The tag in their values is
replaced by that of the class whose turn it is, and the roll call's number by the one the database gave. Prints one line of JSON.
"""

from __future__ import annotations

import json
import pickle
import sys
import threading
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off"  # as settings.PREPARING


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as it was sent."""

    text: str
    values: Any
    is_planned: bool
    is_inside: bool  # the transaction


@dataclass(frozen=True, slots=True)
class Told:
    """The statements of the roll call of one class."""

    tag: str
    roll_call: str
    statements: list[Sent]


def main(dsn: str, file: str, first: str, classes: str, connections: str, seconds: str) -> None:
    told: Told = pickle.loads(Path(file).read_bytes())  # noqa: S301  written by submissions.py a moment ago
    turn, done = count(), []
    begun = time.perf_counter()
    until = begun + float(seconds)

    def work() -> None:
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=0, options=OPTIONS) as line:
            while (mine := next(turn)) < int(classes) and time.perf_counter() < until:
                send(line, told, str(int(first) + mine))
                done.append(mine)

    threads = [threading.Thread(target=work) for _ in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"requests": len(done), "elapsed": time.perf_counter() - begun}))  # noqa: T201


def send(line: psycopg.Connection[Any], told: Told, tag: str) -> None:
    """All statements of one roll call, for the class with this tag."""
    plain, planned = psycopg.ClientCursor(line), psycopg.Cursor(line)
    swaps = {told.tag: tag}
    with line.transaction():
        for sent in (one for one in told.statements if one.is_inside):
            cursor = planned if sent.is_planned else plain
            cursor.execute(sent.text, put(sent.values, swaps))
            if "INSERT INTO attendance_rollcall" in sent.text:
                swaps[told.roll_call] = str((cursor.fetchone() or (0,))[0])
    for sent in (one for one in told.statements if not one.is_inside):
        (planned if sent.is_planned else plain).execute(sent.text, put(sent.values, swaps))


def put(value: Any, swaps: dict[str, str]) -> Any:
    """A value of a statement with the numbers of another class in it."""
    if isinstance(value, dict):
        return {name: put(one, swaps) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [put(one, swaps) for one in value]
    if not isinstance(value, int | str | UUID) or isinstance(value, bool):
        return value
    text = str(value)
    for old, new in swaps.items():
        text = text.replace(old, new)
    return type(value)(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
