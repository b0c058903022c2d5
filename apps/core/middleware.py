"""What no page can work with is refused before any page sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

NUL = "\x00"  # PostgreSQL keeps no such character in a text (manual, §8.3)
SENTENCE = "地址或填写的内容里有看不见的空字符（NUL），系统无法处理。请返回上一页，删去后手工重新填写。"


class NoNulCharacters:
    """Answers 400 where the address, a cookie or a form's field holds a NUL character, which no text of the database can."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return refused(request) if has_nul([request.path, *texts(request.GET), *request.COOKIES.values()]) else self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Forms are looked at after the check of their token, which may refuse to read them at all."""
        return refused(request) if request.method == "POST" and has_nul(texts(request.POST)) else None


def texts(fields: QueryDict) -> list[str]:
    """The names and values of an address or a form."""
    return [text for name, values in fields.lists() for text in (name, *map(str, values))]


def has_nul(words: Iterable[str]) -> bool:
    return any(NUL in word for word in words)


def refused(request: HttpRequest) -> HttpResponse:
    return render(request, "400.html", {"sentence": SENTENCE}, status=400)
