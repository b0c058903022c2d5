"""The blocks of one file made and cleaned by two processes: this one takes every other block, its fork the ones between.

Both walk all rows, since walking costs little beside making and cleaning the blocks; what they made is joined here in the order of the
file. A fork that dies takes the reading with it: no block is ever left out.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from apps.core.excel import forks
from apps.registers.checks.staging import copy_lines
from apps.registers.layouts.block import Block
from apps.registers.layouts.cleaning import Cleaning

COUNTED = ("rows", "accepted", "cleaned", "rejected")
HEAD = struct.Struct(f"<{len(COUNTED) + 1}Q")  # the counts, then how many bytes of lines follow


class Piece(NamedTuple):
    """The COPY lines of one block and how its rows fared."""

    lines: bytes
    counts: Counter[str]


def piece_of(block: Block, cleaning: Cleaning) -> Piece:
    """Clean and check one block."""
    counts: Counter[str] = Counter()
    cleaning.clean(block)
    return Piece(copy_lines(block, counts).encode(), counts)


def pieces(blocks: Iterator[Callable[[], Block]], cleaning: Cleaning, hush: Callable[[], None]) -> Iterator[Piece]:
    """One piece a block, in order. The blocks must come from memory: two processes share the place in an open file.

    ``hush`` keeps the fork from telling anybody what this process tells. No other thread may run.
    """

    def between(stream: BinaryIO) -> None:
        hush()
        for number, made in enumerate(blocks):
            if number % 2:
                piece = piece_of(made(), cleaning)
                stream.write(HEAD.pack(*(piece.counts[name] for name in COUNTED), len(piece.lines)))
                stream.write(piece.lines)
                stream.flush()

    fork = forks.start(between)
    try:
        for number, made in enumerate(blocks):
            yield _received(fork) if number % 2 else piece_of(made(), cleaning)
    finally:
        forks.stop(fork)


def _received(fork: forks.Fork) -> Piece:
    """The next piece from the fork. Where it died, this process ends in the same way."""
    head = fork.stream.read(HEAD.size)
    if len(head) == HEAD.size:
        *counts, length = HEAD.unpack(head)
        lines = fork.stream.read(length)
        if len(lines) == length:
            return Piece(lines, Counter(dict(zip(COUNTED, counts, strict=True))))
    forks.bury(fork)
    raise RuntimeError("the fork that cleans every other block left one out")
