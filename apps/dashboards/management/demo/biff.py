"""A small writer of real .xls files: one sheet of text cells, BIFF8 records in an OLE2 container.

Sources: [MS-XLS] (records, XLUnicodeString), [MS-CFB] (container). Only what readers ask for is written: no formulas,
no styles but a text format, which keeps long numbers whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
SECTOR = 512
FAT_END, FAT_FAT, FAT_FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
MOST_FAT_SECTORS = 109  # what the header can name: about 7 MB of stream
MOST_ROWS = 65_536
GLOBALS, SHEET = 0x0005, 0x0010
TEXT_FORMAT, FIRST_CELL_XF = 49, 15


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0x41, 0x06))


def _xf(style: bool) -> bytes:
    kind = 0xFFF5 if style else 0x0001
    return _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 0 if style else TEXT_FORMAT, kind, 0x20, 0, 0, 0 if style else 0x04, 0, 0, 0x20C0))


def _globals(sheet_name: str) -> bytes:
    """The workbook's own records; the sheet begins right behind them."""
    font = "宋体".encode("utf-16-le")
    name = sheet_name.encode("utf-16-le")
    head = b"".join(
        (
            _bof(GLOBALS),
            _record(0x0042, struct.pack("<H", 1200)),
            _record(0x003D, struct.pack("<9H", 0, 0, 0x3000, 0x2000, 0x38, 0, 0, 1, 600)),
            *[_record(0x0031, struct.pack("<HHHHHBBBBBB", 220, 0, 0x7FFF, 400, 0, 0, 0, 134, 0, len(font) // 2, 1) + font)] * 4,
            *[_xf(True)] * FIRST_CELL_XF,
            _xf(False),
            _record(0x0293, struct.pack("<HBB", 0x8000, 0, 0xFF)),
        )
    )
    end = _record(0x000A, b"")
    size = len(head) + 4 + 8 + len(name) + len(end)
    return head + _record(0x0085, struct.pack("<IHBB", size, 0, len(sheet_name), 1) + name) + end


def _sheet(rows: Sequence[Sequence[str]]) -> Iterable[bytes]:
    width = max((len(row) for row in rows), default=0)
    yield _bof(SHEET)
    yield _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value:
                text = value.encode("utf-16-le")
                yield struct.pack("<HHHHHHB", 0x0204, 9 + len(text), number, column, FIRST_CELL_XF, len(text) // 2, 1) + text
    yield _record(0x023E, struct.pack("<HHHIHHI", 0x06B6, 0, 0, 0x40, 0, 0, 0))
    yield _record(0x000A, b"")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    """One directory entry of the container (128 bytes)."""
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    links = struct.pack("<III", FAT_FREE, FAT_FREE, child)
    return text.ljust(64, b"\0") + struct.pack("<HBB", length, kind, 1) + links + bytes(36) + struct.pack("<IQ", start, size)


def _container(stream: bytes) -> bytes:
    """The stream as 'Workbook' in an OLE2 file: FAT first, then the directory, then the data."""
    stream = stream.ljust(4096, b"\0")  # shorter streams would live in the mini stream
    size = len(stream)
    stream = stream.ljust(-(-size // SECTOR) * SECTOR, b"\0")
    data = len(stream) // SECTOR
    fats = 1
    while fats * 128 < fats + 1 + data:
        fats += 1
    if fats > MOST_FAT_SECTORS:
        raise ValueError("too much for one .xls file: write .xlsx or .csv")
    first = fats + 1
    chain = [FAT_FAT] * fats + [FAT_END] + list(range(first + 1, first + data)) + [FAT_END]
    chain += [FAT_FREE] * (fats * 128 - len(chain))
    header = MAGIC + bytes(16) + struct.pack("<HHHHH6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, fats, 0, 4096, FAT_END, 0, FAT_END, 0)
    names = list(range(fats)) + [FAT_FREE] * (MOST_FAT_SECTORS - fats)
    directory = _entry("Root Entry", 5, 1, FAT_END, 0) + _entry("Workbook", 2, FAT_FREE, first, size) + _entry("", 0, FAT_FREE, 0, 0) * 2
    return header + struct.pack("<109I", *names) + struct.pack(f"<{len(chain)}I", *chain) + directory + stream


def write_xls(path: Path, sheet_name: str, rows: Sequence[Sequence[str]]) -> None:
    """Write ``rows`` of text as a one-sheet .xls; empty texts are empty cells.

    Raises ValueError beyond 65,536 rows or about 7 MB.
    """
    if len(rows) > MOST_ROWS:
        raise ValueError("too many rows for one .xls file")
    path.write_bytes(_container(_globals(sheet_name) + b"".join(_sheet(rows))))
