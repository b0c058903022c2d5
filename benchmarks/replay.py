"""The statements of one roll call, sent by bare psycopg: ``python -m benchmarks.replay DSN FILE FIRST CLASSES CONNECTIONS SECONDS``.

FILE holds the statements as the product sent them for one class; the tag in them is replaced by that of the class whose turn it is, and the
roll call's number by the one the database gave. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from itertools import count
from pathlib import Path

import psycopg


def main(dsn: str, file: str, first: str, classes: str, connections: str, seconds: str) -> None:
    told = json.loads(Path(file).read_text())
    turn, done = count(), []
    begun = time.perf_counter()
    until = begun + float(seconds)

    def work() -> None:
        with psycopg.connect(dsn, autocommit=True) as line:
            cursor = psycopg.ClientCursor(line)
            while (mine := next(turn)) < int(classes) and time.perf_counter() < until:
                send(cursor, told, str(int(first) + mine))
                done.append(mine)

    threads = [threading.Thread(target=work) for _ in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"requests": len(done), "elapsed": time.perf_counter() - begun}))  # noqa: T201


def send(cursor: psycopg.ClientCursor, told: dict[str, object], tag: str) -> None:
    """All statements of one roll call, for the class with this tag."""
    roll_call = ""
    for statement in told["statements"]:  # type: ignore[attr-defined]
        text = statement.replace(told["tag"], tag)
        if roll_call:
            text = text.replace(told["roll_call"], roll_call)
        cursor.execute(text)
        if statement.startswith('INSERT INTO "attendance_rollcall"'):
            (number,) = cursor.fetchone() or (0,)
            roll_call = str(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
