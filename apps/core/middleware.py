"""What no page can work with is refused before any page sees it; a page that takes too long is given up with a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from psycopg.errors import QueryCanceled

logger = logging.getLogger(__name__)
NUL = "\x00"  # PostgreSQL keeps no such character in a text (manual, §8.3)
TOO_MUCH = "提交的内容太大，没有收下。名册请按学校或乡镇拆成几份，照片、录音请压缩或分次上传；还没有登录的，请先登录。"
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


class NotTooMuch:
    """Answers 413 to more than a form may hold, before a byte of it is read; the check of a form's token, which comes next, reads all. Nobody who is
    not logged in has a file to send. A request that names no length has no body for Django."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Views are looked at when it is known who asks, which costs a small form nothing."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length <= settings.STRANGER_MAX_BYTES or (length <= settings.SENT_MAX_BYTES and request.user.is_authenticated):
            return None
        return render(request, "400.html", {"sentence": TOO_MUCH}, status=413)


class TooLong:
    """Answers 503 with a sentence where a statement ran into the limit of the web's connections (config/settings.py)."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """None for every other error: that one is an error of the system."""
        if not isinstance(error, OperationalError) or not isinstance(error.__cause__, QueryCanceled):
            return None
        logger.warning("A statement of %s took too long and was given up.", request.path)
        return render(request, "503.html", status=503)


class WhereToGo:
    """A form that app.js sends is told where its answer leads (X-Go-To), and the browser goes there itself: a redirect that a script follows would
    spend the messages of the page it leads to, and a form sent the plain way leaves an entry of history that cannot be shown again."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("X-Sent-By") == "script" and response.status_code in (301, 302, 303):
            response.status_code, response.headers["X-Go-To"] = 204, response.headers["Location"]
            del response.headers["Location"]
        return response


def texts(fields: QueryDict) -> list[str]:
    """The names and values of an address or a form."""
    return [text for name, values in fields.lists() for text in (name, *map(str, values))]


def has_nul(words: Iterable[str]) -> bool:
    return any(NUL in word for word in words)


def refused(request: HttpRequest) -> HttpResponse:
    return render(request, "400.html", {"sentence": SENTENCE}, status=400)
