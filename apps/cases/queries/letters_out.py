"""A letter to the district of the household that went out before the case was handed over: with the three lines (reporting)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.cases.models import Case, CaseEntry, Handover

SENT, REPLIED = "letter_out", "letter_reply"  # keys of the lines of the ledger that say so


@dataclass(frozen=True, slots=True)
class LetterOut:
    """The letter, and the answer where one has come."""

    number: str
    addressee: str
    letter: dict[str, Any]
    sent_on: date
    reply_by: date
    sent_name: str
    sent_title: str
    reply: str = ""
    replied_on: date | None = None


def letter_out(case: Case) -> LetterOut | None:
    """The newest letter that no handover of the case began from; None where there is none. Two reads."""
    lines = list(case.ledger.filter(data__has_any_keys=[SENT, REPLIED]).order_by("pk"))
    begun = set(Handover.objects.filter(case=case).values_list("number", flat=True))
    sent = next((line for line in reversed(lines) if SENT in line.data and line.data[SENT]["number"] not in begun), None)
    if sent is None:
        return None
    told = sent.data[SENT]
    replies = [line for line in lines if line.data.get(REPLIED, {}).get("number") == told["number"]]
    return LetterOut(
        number=told["number"], addressee=told["addressee"], letter=told["letter"], sent_on=sent.happened_on,
        reply_by=date.fromisoformat(told["reply_by"]), sent_name=sent.by_name, sent_title=sent.by_title, **answer(replies),
    )  # fmt: skip


def answer(replies: list[CaseEntry]) -> dict[str, Any]:
    """The last answer as a handover has it."""
    return {"reply": replies[-1].data[REPLIED]["text"], "replied_on": replies[-1].happened_on} if replies else {}
