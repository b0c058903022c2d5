"""Papers to print and to keep: one description, two files of it, PDF (typst, papers.typ) and .docx (papers_docx.py).

Layout after GB/T 9704-2012 《党政机关公文格式》: A4, margins 37/35/28/26 mm, red head, 〔year〕 number, title 二号, body 三号, date right.
The PDF carries free fonts only (decision 0015); the .docx names 仿宋 and 宋体 and leaves them to the office that opens it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import noto_cjk_sans_otc
import typst

PDF_TYPE = "application/pdf"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = Path(__file__).with_suffix(".typ")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside the body: 一、……"""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; its first line stands in by two characters."""

    kind: ClassVar[str] = "text"
    text: str
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Title:
    """The title of one slip among several on a page, with small words left and right of it."""

    kind: ClassVar[str] = "title"
    text: str
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Boxes: each row label, value, label, value, …; the last value of a shorter row fills the row. A line feed makes room to write."""

    kind: ClassVar[str] = "form"
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A list: headings repeated on every page, and the widths of the columns in proportion."""

    kind: ClassVar[str] = "table"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who issues the paper and when, to the right below the text."""

    kind: ClassVar[str] = "signed"
    text: str
    date: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Room left free, in millimetres."""

    kind: ClassVar[str] = "gap"
    height: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The line along which two copies are cut apart."""

    kind: ClassVar[str] = "cut"
    text: str = "裁切线"


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page of a file that is bound: a large title, a line below it."""

    kind: ClassVar[str] = "cover"
    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """The list of all headings with their pages."""

    kind: ClassVar[str] = "contents"
    text: str = "目　录"


@dataclass(frozen=True, slots=True)
class Break:
    """What follows begins on a new page."""

    kind: ClassVar[str] = "break"


Block: TypeAlias = Heading | Text | Title | Form | Table | Signed | Gap | Cut | Cover | Contents | Break


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. ``letter``: an official letter, with a red head where ``issuer`` is given; ``form`` and ``wide``: boxes on A4, upright
    or lying. ``pages`` numbers the pages of a form; a letter's always are."""

    title: str
    body: Sequence[Block]
    layout: Literal["letter", "form", "wide"] = "letter"
    issuer: str = ""
    number: str = ""
    addressee: str = ""
    pages: bool = False


def described(paper: Paper) -> dict[str, Any]:
    """The paper as plain values, every block with its kind, without characters no paper can carry."""
    told: dict[str, Any] = printable(asdict(paper))
    for block, row in zip(paper.body, told["body"], strict=True):
        row["kind"] = block.kind
    return told


def printable(value: Any) -> Any:
    """The value with control characters taken out of every text (a register may hold any; XML and typst refuse them), and U+FFFE, U+FFFF."""
    if isinstance(value, str):
        return "".join(c for c in value if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") and c not in "\ufffe\uffff")
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, list | tuple) else value


@cache
def fonts() -> typst.Fonts:
    """The machine's fonts and the free one that comes with us."""
    return typst.Fonts(include_embedded_fonts=False, font_paths=[str(Path(noto_cjk_sans_otc.__file__).parent)])


def pdf(paper: Paper) -> bytes:
    """The paper as PDF, its fonts embedded; the same paper always gives the same bytes."""
    made = typst.compile(TEMPLATE, font_paths=fonts(), sys_inputs={"paper": json.dumps(described(paper), ensure_ascii=False)})
    assert isinstance(made, bytes)  # noqa: S101 a PDF is one file; only pictures come as a list of pages
    return made
