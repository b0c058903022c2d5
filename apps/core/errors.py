"""Refusals: an expected "no" with a sentence for the person who asked."""

from __future__ import annotations

from typing import NamedTuple


class Refused(Exception):
    """The thing asked for is not allowed or not possible now; ``str()`` is a Chinese sentence to show as it is."""

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class Fault(NamedTuple):
    """One thing that is wrong with what was typed: the field it is about, a code, and the sentence. A form tells all of them, an action refuses
    with the first."""

    field: str
    code: str
    sentence: str

    def refused(self) -> Refused:
        return Refused(self.sentence, code=self.code)


class RefusedFile(Refused):
    """A file that is taken in not at all: wrong container, hostile, broken, or without rows."""
