"""Refusals: an expected "no" with a sentence for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """The thing asked for is not allowed or not possible now; ``str()`` is a Chinese sentence to show as it is."""

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class RefusedFile(Refused):
    """A file that is taken in not at all: wrong container, hostile, broken, or without rows."""
