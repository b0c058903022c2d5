"""The blocks of one file cleaned by two processes: this one takes every other block, its fork the ones between.

Both walk all blocks, since walking costs little beside cleaning; what they made is joined here in the order of the file. A fork that dies
takes the reading with it: no block is ever left out.
"""

from __future__ import annotations

import os
import signal
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from apps.registers.checks.staging import copy_lines
from apps.registers.layouts.block import Block
from apps.registers.layouts.cleaning import Cleaning

COUNTED = ("rows", "accepted", "cleaned", "rejected")
HEAD = struct.Struct(f"<{len(COUNTED) + 1}Q")  # the counts, then how many bytes of lines follow
NO_MEMORY = 3


class Piece(NamedTuple):
    """The COPY lines of one block and how its rows fared."""

    lines: bytes
    counts: Counter[str]


def piece_of(block: Block, cleaning: Cleaning) -> Piece:
    """Clean and check one block."""
    counts: Counter[str] = Counter()
    cleaning.clean(block)
    return Piece(copy_lines(block, counts).encode(), counts)


def possible() -> bool:
    """Whether this machine can fork and has a second processor to do it for."""
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1


def pieces(blocks: Iterator[Block], cleaning: Cleaning, hush: Callable[[], None]) -> Iterator[Piece]:
    """One piece a block, in order. The blocks must come from memory: two processes share the place in an open file.

    ``hush`` keeps the fork from telling anybody what this process tells. No other thread may run.
    """
    reading, writing = os.pipe()
    fork = os.fork()
    if not fork:
        os.close(reading)
        hush()
        _between(blocks, cleaning, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        try:
            for number, block in enumerate(blocks):
                yield _received(stream, fork) if number % 2 else piece_of(block, cleaning)
        finally:
            with suppress(ChildProcessError):  # buried already, where it died
                if os.waitpid(fork, os.WNOHANG) == (0, 0):
                    os.kill(fork, signal.SIGKILL)
                    os.waitpid(fork, 0)


def _between(blocks: Iterator[Block], cleaning: Cleaning, writing: int) -> None:
    """The fork's whole life; leaves without unwinding, since all above it belongs to the process it came from."""
    code = 1
    try:
        os.close(1)  # whoever reads this output waits for the last one who holds it
        with os.fdopen(writing, "wb", buffering=0) as stream:
            for number, block in enumerate(blocks):
                if number % 2:
                    piece = piece_of(block, cleaning)
                    _write(stream, HEAD.pack(*(piece.counts[name] for name in COUNTED), len(piece.lines)) + piece.lines)
        code = 0
    except MemoryError:
        code = NO_MEMORY
    finally:
        os._exit(code)


def _write(stream: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]


def _received(stream: BinaryIO, fork: int) -> Piece:
    """The next piece from the fork. Where it died, this process ends in the same way."""
    head = stream.read(HEAD.size)
    if len(head) == HEAD.size:
        *counts, length = HEAD.unpack(head)
        lines = stream.read(length)
        if len(lines) == length:
            return Piece(lines, Counter(dict(zip(COUNTED, counts, strict=True))))
    _, status = os.waitpid(fork, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if os.waitstatus_to_exitcode(status) == NO_MEMORY:
        raise MemoryError
    raise RuntimeError("the fork that cleans every other block died")
