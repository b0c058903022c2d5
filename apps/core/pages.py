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

from apps.core.rights import Right
from apps.core.scope import Actor

View: TypeAlias = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """What a view declares about itself.

    ``right`` None: no right is needed; with ``login`` the page is for every logged-in person (password), without it for
    everybody (log-in, health). ``keyed``: its POSTs carry a ``_key`` and take effect once (accounts.middleware.OneSubmission).
    """

    right: Right | None
    methods: tuple[str, ...]
    login: bool = True
    keyed: bool = True


class ActingRequest(HttpRequest):
    """A request behind ``@page(right)``: somebody acts as a post."""

    actor: Actor


def page(right: Right, *, methods: tuple[str, ...] = ("GET",), keyed: bool = True) -> Callable[[View], View]:
    """Let a view in only for a logged-in holder of a post with ``right``; to everybody else the address does not exist (404)."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.path)  # without the query: it may hold a number somebody searched for
            if request.user.must_change_password:
                return redirect("password_change")
            if request.actor is None:
                return render(request, "accounts/no_post.html", status=403)
            if not request.actor.may(right):
                raise Http404
            if not takes(methods, request):
                return HttpResponseNotAllowed(methods)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")  # children's data stays out of shared caches
            return response

        guarded.page = Page(right, methods, keyed=keyed)  # type: ignore[attr-defined]
        return guarded

    return declare


def own_page(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A page about the logged-in person alone, whatever the post: password, log-out."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.path)
            return view(request, *args, **kwargs) if takes(methods, request) else HttpResponseNotAllowed(methods)

        guarded.page = Page(None, methods, keyed=False)  # type: ignore[attr-defined]
        return guarded

    return declare


def public_page(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A view anybody may open; it shows nothing about a child."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if takes(methods, request) else HttpResponseNotAllowed(methods)

        guarded.page = Page(None, methods, login=False, keyed=False)  # type: ignore[attr-defined]
        return guarded

    return declare


def takes(methods: tuple[str, ...], request: HttpRequest) -> bool:
    """Whether a page answers this method; HEAD goes wherever GET goes."""
    return request.method in methods or (request.method == "HEAD" and "GET" in methods)


def download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file to keep: never sniffed, never shown inside the page; ``name`` may be Chinese."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = attachment(name)
    return response


def attachment(name: str) -> str:
    """A Content-Disposition header that carries a Chinese file name (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name)}"
