"""Every page declares its right and its methods in one decorator; a page without it fails the build (tests/test_access_matrix.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from apps.core.rights import Right
from apps.core.scope import Actor

View: TypeAlias = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """What a view declares about itself.

    ``right`` None: no right is needed; with ``login`` the page is for every logged-in person (password), without it for
    everybody (log-in, health). ``keyed``: its POSTs carry a ``_key`` and take effect once (accounts.middleware.OneSubmission).
    ``back``: where a GET of an address leads that takes none.
    """

    right: Right | None
    methods: tuple[str, ...]
    login: bool = True
    keyed: bool = True
    back: str = ""


class ActingRequest(HttpRequest):
    """A request behind ``@page(right)``: somebody acts as a post."""

    actor: Actor


def page(right: Right, *, methods: tuple[str, ...] = ("GET",), keyed: bool = True, back: str = "") -> Callable[[View], View]:
    """Let a view in only for a logged-in holder of a post with ``right``; to everybody else the address does not exist (404). ``back``: the page
    of the same thing, for who opens the address of a form."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return log_in_first(request)
            if request.user.must_change_password:
                return redirect("password_change")
            if request.actor is None:
                return render(request, "accounts/no_post.html", status=403)
            if not request.actor.may(right):
                raise Http404
            if not takes(methods, request):
                return redirect(back, **kwargs) if back and request.method in ("GET", "HEAD") else not_allowed(request, methods)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")  # children's data stays out of shared caches
            return response

        guarded.page = Page(right, methods, keyed=keyed, back=back)  # type: ignore[attr-defined]
        return guarded

    return declare


def own_page(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A page about the logged-in person alone, whatever the post: password, log-out."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return log_in_first(request)
            return view(request, *args, **kwargs) if takes(methods, request) else not_allowed(request, methods)

        guarded.page = Page(None, methods, keyed=False)  # type: ignore[attr-defined]
        return guarded

    return declare


def public_page(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A view anybody may open; it shows nothing about a child."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if takes(methods, request) else not_allowed(request, methods)

        guarded.page = Page(None, methods, login=False, keyed=False)  # type: ignore[attr-defined]
        return guarded

    return declare


def log_in_first(request: HttpRequest) -> HttpResponse:
    """To the log-in and back: to the same page, without the query (it may hold a number somebody searched for); to the first page where
    a form was being sent (its address may take no GET)."""
    return redirect_to_login(request.path if request.method in ("GET", "HEAD") else "/")


def not_allowed(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """405 as a page: somebody opened the address of a form."""
    sentence = "这个地址只用来提交表单，不能直接打开。请从工作台进入要办的事项。"
    return HttpResponseNotAllowed(methods, render_to_string("400.html", {"sentence": sentence}, request))


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is of another log-in (settings.CSRF_FAILURE_VIEW): most often a page left open in a second window."""
    sentence = "页面已过期：可能在别的窗口重新登录过。请返回上一页刷新后再提交。"
    return render(request, "403.html", {"sentence": sentence}, status=403)


def takes(methods: tuple[str, ...], request: HttpRequest) -> bool:
    """Whether a page answers this method; HEAD goes wherever GET goes."""
    return request.method in methods or (request.method == "HEAD" and "GET" in methods)


def row_key(text: str) -> int | None:
    """The key of a row as an address or a form names it; None for what can be none (``²`` is a digit, but no number)."""
    return int(text) if text.isdecimal() and len(text) < LONGEST_KEY else None


LONGEST_KEY = 19  # digits of the highest bigint: every shorter number is one


def download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file to keep: never sniffed, never shown inside the page; ``name`` may be Chinese."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = attachment(name)
    return response


def attachment(name: str) -> str:
    """A Content-Disposition header that carries a Chinese file name (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name)}"
