"""Who is acting, and one effect for one form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from apps.accounts.models import Post
from apps.accounts.scope import actor_of
from apps.audit.models import Submission
from apps.core import clock
from apps.core.ids import hide_numbers

Handler = Callable[[Any], HttpResponse]


class ActingPost:
    """Puts ``request.actor`` and ``request.posts`` on every request of a logged-in person (None, [] for others)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor, request.posts = None, []
        if request.user.is_authenticated:
            request.posts = list(Post.objects.of(request.user.pk).held_on(clock.today()).select_related("user"))
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
            return render(request, "400.html", {"sentence": "页面已过期，请返回上一页刷新后再提交；已填写的内容不会丢失。"}, status=400)
        return self.once(request, key, lambda: view(request, *args, **kwargs))

    def once(self, request: Any, key: uuid.UUID, call: Callable[[], HttpResponse]) -> HttpResponse:
        """Run the view unless this key was taken already."""
        try:
            with transaction.atomic():
                taken = Submission.objects.create(key=key, user_id=request.user.pk, path=request.path[:300])
                response = call()
                if isinstance(response, HttpResponseRedirect):
                    taken.location = hide_numbers(response.url)[:500]  # a list one searched leads back to the search
                    taken.save(update_fields=["location"])
                else:
                    taken.delete()
                return response
        except IntegrityError:
            first = Submission.objects.filter(key=key, user_id=request.user.pk, path=request.path[:300]).first()
            if first is None:
                raise
            messages.info(request, "这份表单已经提交过，没有重复办理。")
            return HttpResponseRedirect(first.location or "/")
