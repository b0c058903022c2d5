"""The bounded child: ``python -m apps.registers.checks KIND PATH --options JSON``.

Reads, cleans and checks one file; COPY lines go to standard output, one JSON object a line (progress, headings, refusal, end) to
standard error, or the file descriptor given as ``--events``. Django is not imported: starting takes 0.1 s.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import chain, islice
from pathlib import Path
from typing import Any

from apps.core.errors import RefusedFile
from apps.core.excel import forks
from apps.core.excel.beside import guarded
from apps.core.excel.container import Container, decide
from apps.core.excel.guard import DEFAULT_LIMITS
from apps.core.excel.read import BLOCK_ROWS
from apps.core.ids import hide_numbers
from apps.registers.checks.reading import Reader, Unmade, layout_of
from apps.registers.checks.twofold import Piece, piece_of, pieces
from apps.registers.layouts.block import Options
from apps.registers.layouts.cleaning import Cleaning

MEGABYTE = 1 << 20
DEFAULT_MEMORY = 1024  # MB of address space
DEFAULT_SECONDS = 120  # of processor time
STDERR = 2
Tell = Callable[[dict[str, Any]], None]


def main(arguments: list[str] | None = None) -> int:
    """0 done, 1 refused (the sentence was sent), 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="apps.registers.checks")
    parser.add_argument("kind")
    parser.add_argument("path", type=Path)
    parser.add_argument("--options", default="{}")
    parser.add_argument("--events", type=int, default=STDERR, help="file descriptor for progress, one JSON object a line")
    given = parser.parse_args(arguments)
    told = json.loads(given.options)
    bound(int(told.get("memory_mb", DEFAULT_MEMORY)), int(told.get("seconds", DEFAULT_SECONDS)))
    gc.disable()  # rows make no cycles; half a million cells would be walked again and again
    tell = _teller(given.events)
    try:
        run(given.kind, given.path, options_of(told), tell)
    except RefusedFile as refused:
        tell(refusal(refused))
        return 1
    except MemoryError:
        tell({"refused": "文件太大，读取时内存不够。请按学校或乡镇拆成几份，或改存为 CSV 再上传。", "code": "memory"})
        return 1
    except BaseException as error:
        # python-calamine panics as a BaseException of its own; a rotten file must end in a sentence.
        if type(error).__name__ != "PanicException":
            raise
        tell({"refused": "文件内容已损坏，读到一半读不下去。请在 Excel 或 WPS 里打开后另存，再上传。", "code": "rotten"})
        return 1
    return 0


def bound(memory_mb: int, seconds: int) -> None:
    """Limit this process's address space and processor time, so that no file can take the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def options_of(told: dict[str, Any]) -> Options:
    """Options from the JSON given; unknown keys are left out."""
    return Options(**{field.name: told[field.name] for field in fields(Options) if field.name in told})


def run(kind: str, path: Path, options: Options, tell: Tell) -> None:
    """The whole work on one file. Raises RefusedFile."""
    layout = layout_of(kind)
    tell({"phase": "guarding", "rows": 0})
    wrapped = decide(path, longest=DEFAULT_LIMITS.text_bytes)
    facts = guarded(path, wrapped, lambda refused: tell(refusal(refused) | {"guard": True}))
    tell({"phase": "reading", "rows": 0})
    reader = Reader(path, wrapped, facts, layout, options, tell)
    blocks = reader.blocks()
    try:
        first = list(islice(blocks, 1))
    except BaseException:
        facts()  # what the guard has to say of a file comes before what the reader stumbled over
        raise
    cleaning = Cleaning(kind, options)
    counts: Counter[str] = Counter()
    out = sys.stdout.buffer
    for piece in _pieces(chain(first, blocks), reader, cleaning, twice=wrapped.container is not Container.TEXT):
        out.write(piece.lines)
        counts.update(piece.counts)
        tell({"phase": "checking", "rows": counts["rows"]})
    out.flush()
    done: dict[str, Any] = {key: counts[key] for key in ("rows", "accepted", "cleaned", "rejected")}
    done |= {
        "notes": [hide_numbers(note) for note in (*facts().notes, *reader.notes)],
        "headings": reader.headings,
        "container": wrapped.container.value,
        "encoding": wrapped.encoding,
    }
    tell({"done": done})


def refusal(refused: RefusedFile) -> dict[str, Any]:
    """The event that says so."""
    return {"refused": hide_numbers(refused.sentence), "code": refused.code}


def _pieces(blocks: Iterator[Unmade], reader: Reader, cleaning: Cleaning, *, twice: bool) -> Iterator[Piece]:
    """What the blocks become; a long sheet that lies in memory (``twice``) is worth a second process."""
    if twice and reader.reached >= BLOCK_ROWS and forks.possible():
        return pieces(blocks, cleaning, lambda: setattr(reader, "on_event", lambda event: None))
    return (piece_of(made(), cleaning) for made in blocks)


def _teller(descriptor: int) -> Tell:
    stream = sys.stderr if descriptor == STDERR else os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def tell(event: dict[str, Any]) -> None:
        stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        stream.flush()

    return tell


if __name__ == "__main__":
    sys.exit(main())
