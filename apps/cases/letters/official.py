"""Official letters: who writes how, and the paper of what was stored (layout after GB/T 9704-2012, core/papers.py)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from apps.core.papers import Block, Paper, Signed, Text


@dataclass(frozen=True, slots=True)
class Letter:
    """An official letter as it was issued. ``court``: to whom an application is handed in (此致……), which has no red head."""

    title: str
    issuer: str
    number: str
    addressee: str
    paragraphs: tuple[str, ...]
    date: str
    court: str = ""

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def government(township: str) -> str:
    """Who governs a township: 汤丹镇人民政府, 铜都街道办事处."""
    return f"{township}办事处" if township.endswith("街道") else f"{township}人民政府"


def unit(township: str) -> str:
    """How a letter addresses a township: 镇, 乡, 街道."""
    return "街道" if township.endswith("街道") else township[-1:]


def bureau(district: str) -> str:
    """The education authority of a district."""
    return f"{district}教育体育局"


def paper(told: dict[str, Any]) -> Paper:
    """The paper of a letter that was stored."""
    body: list[Block] = [Text(words) for words in told["paragraphs"]]
    court = told.get("court", "")
    if court:
        body.append(Text(f"此致\n{court}"))  # one paragraph, so that no page begins with the court alone
    body.append(Signed(told["issuer"], told["date"]))
    head = {"issuer": "" if court else told["issuer"], "addressee": told["addressee"]}
    return Paper(title=told["title"], body=body, number=told["number"], **head)
