"""What an answer says, and which words and full numbers in it a post must not read."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any
from urllib.parse import unquote

from apps.core.ids import is_valid_resident
from tests.access.table import UPLOADS, WORDS
from tests.access.world import World

LONG = re.compile(r"(?<![0-9A-Za-z])[GLJ]?\d{17}[\dXx](?![0-9A-Za-z])")
DIGITS = re.compile(r"[GLJ\d]\d{16}")  # found ten times sooner, and mostly absent
WORD = re.compile("雀[〇一二三四五六七八九]{3}")  # as canary() makes them


def text_of(answer: Any) -> str:
    """Everything an answer says: page, JSON, CSV, every part of a workbook or letter, and its headers."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"\n".join(parts.read(name) for name in parts.namelist())
    headers = unquote(" ".join(str(value) for value in answer.headers.values()))
    return html.unescape(content.decode("utf-8", "replace")) + headers


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
    return found + [name for name in ("甲测镇", "乙测镇", "测邻区") if name in text]
