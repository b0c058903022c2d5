"""Who is acting, and one effect for one form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from apps.accounts.queries import posts_held
from apps.accounts.scope import actor_of
from apps.audit import submissions
from apps.core import clock
from apps.core.templatetags.zaixue import place_of

Handler = Callable[[Any], HttpResponse]
KEYS = ("_key", "csrfmiddlewaretoken")


class ActingPost:
    """Puts ``request.actor`` and ``request.posts`` on every request of a logged-in person (None, [] for others)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor, request.posts = None, []
        if request.user.is_authenticated:
            request.posts = posts_held(user=request.user, day=clock.today())
            chosen = request.session.get("post")
            post = next((p for p in request.posts if p.pk == chosen), None) or next(iter(request.posts), None)
            request.actor = actor_of(post) if post else None
        return self.get_response(request)


class OneSubmission:
    """One key, one effect: a form that comes twice (double tap, back button, a lost answer) is answered with where the first one led.

    The key is written in the view's own transaction: the second of two at once waits for the first. Only a redirect counts as
    taken; a form shown again with errors gives its key back.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HttpResponse | None:
        declared = getattr(view, "page", None)
        if request.method != "POST" or declared is None or not declared.keyed:
            return None
        refused = request.actor is None or not request.actor.may(declared.right) or "POST" not in declared.methods
        if refused or request.user.must_change_password:
            return None  # the page itself refuses: a stranger learns nothing from a missing key
        try:
            key = uuid.UUID(request.POST.get("_key", ""))
        except ValueError:
            return expired(request)
        return self.once(request, key, lambda: view(request, *args, **kwargs))

    def once(self, request: Any, key: uuid.UUID, call: Callable[[], HttpResponse]) -> HttpResponse:
        """Run the view unless this key was taken already."""
        said = digest(request)
        with transaction.atomic():
            if submissions.take(key=key, user_id=request.user.pk, path=request.path, content=said):
                response = call()
                if isinstance(response, HttpResponseRedirect):
                    submissions.led_to(key=key, location=response.url)
                else:
                    submissions.give_back(key=key)
                return response
        taken = submissions.taken(key=key, user_id=request.user.pk, path=request.path)
        if taken is None:
            return expired(request)
        location, before = taken
        if said != before:
            return changed(request, location)
        messages.info(request, "这份表单已经提交过，没有重复办理。")
        return HttpResponseRedirect(location or "/")


def digest(request: HttpRequest) -> str:
    """What a form says, in 32 characters: all fields but the keys, and the names and sizes of its files."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in KEYS)
    files = sorted((name, [(one.name, one.size) for one in many]) for name, many in request.FILES.lists())
    return blake2b(repr((fields, files)).encode(), digest_size=16).hexdigest()


def changed(request: HttpRequest, location: str) -> HttpResponse:
    """A form that was sent, changed on the page that the back button kept, and sent again: nothing typed is lost, nothing happens twice unasked."""
    fields = [(name, value) for name, values in request.POST.lists() if name not in KEYS for value in values]
    told = {"fields": fields, "location": location or "/", "has_files": bool(request.FILES), "place": place_of(request.path)}
    return render(request, "sent_again.html", told, status=409)


def expired(request: HttpRequest) -> HttpResponse:
    """A form without a key, or with the key of another form."""
    return render(request, "400.html", {"sentence": "页面已过期，请返回上一页刷新后再提交；已填写的内容不会丢失。"}, status=400)
