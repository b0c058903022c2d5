"""What an answer says, and which words and full numbers in it a post must not read."""

from __future__ import annotations

import html
import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import unquote

import pytest

from apps.core import papers, papers_docx
from apps.core.ids import is_valid_resident
from tests.access.table import UPLOADS, WORDS
from tests.access.world import World

LONG = re.compile(r"(?<![0-9A-Za-z])[GLJ]?\d{17}[\dXx](?![0-9A-Za-z])")
DIGITS = re.compile(r"[GLJ\d]\d{16}")  # found ten times sooner, and mostly absent
WORD = re.compile("雀[〇一二三四五六七八九]{3}")  # as canary() makes them

FAR = ("甲测镇", "乙测镇", "测邻区")
FORM = re.compile("styles|theme|ettings|ontTable|numbering|Content_Types")  # parts that hold no text of anybody's
silent: set[tuple[int, int]] = set()


def text_of(answer: Any) -> str:
    """Everything an answer says: page, JSON, CSV, every part of a workbook or letter, and its headers."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = unquote(" ".join(str(value) for value in answer.headers.values()))
    return ("\n".join(parts_of(content)) if content.startswith(b"PK") else plain(content)) + headers


def plain(content: bytes) -> str:
    return html.unescape(content.decode("utf-8", "replace"))


def parts_of(content: bytes) -> Iterator[str]:
    """The parts of a workbook or letter; not those (styles, colours) that were read in an earlier one and say nothing."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if (info.CRC, info.file_size) not in silent:
                yield (text := plain(archive.read(info)))
                if FORM.search(info.filename) and not (WORD.search(text) or DIGITS.search(text) or any(name in text for name in FAR)):
                    silent.add((info.CRC, info.file_size))


def foreign(world: World, role: str, text: str, *, full_numbers: bool = False, own_number: str = "") -> list[str]:
    """Words and full numbers in a text that this post must not read."""
    may = {f"child {target}" for target in WORDS.get(role, "").split()} | {f"upload {target}" for target in UPLOADS.get(role, "").split()}
    if role != "nobody":
        may |= {"run home", "run older"}
    if role in ("bureau", "inspector"):
        may.add("signature far")
    said = set(WORD.findall(text))
    found = [of for of, word in world.words.items() if of not in may and word in said]
    if not full_numbers:
        numbers = {
            number
            for number in (LONG.findall(text) if DIGITS.search(text) else ())
            if number.lstrip("GLJ") and (is_valid_resident(number.lstrip("GLJ").upper()) or number in world.numbers)
        }
        found += [f"number of {world.numbers.get(number, number)}" for number in numbers if number != own_number]
    return found + [name for name in FAR if name in text]


def once_a_paper(patch: pytest.MonkeyPatch) -> None:
    """The same paper makes the same file, whoever asks for it: its text is put together for each of them, and set only once."""
    for write in (papers.pdf, papers_docx.docx_bytes):
        for module in [module for module in sys.modules.values() if getattr(module, write.__name__, None) is write]:
            patch.setattr(module, write.__name__, kept(write))


def kept(write: Callable[[papers.Paper], bytes]) -> Callable[[papers.Paper], bytes]:
    files: dict[str, bytes] = {}

    @wraps(write)
    def written(paper: papers.Paper) -> bytes:
        told = repr(papers.described(paper))
        if told not in files:
            files[told] = write(paper)
        return files[told]

    return written
