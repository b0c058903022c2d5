"""Reads over people and posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import Post
from apps.core import clock
from apps.schools.policy import Policy
from apps.schools.queries import policy


def login_policy(username: str) -> Policy:
    """The numbers of the district a log-in name works in; the defaults where the name has no post today."""
    today = clock.today()
    post = Post.objects.filter(user__username=username).held_on(today).first()
    return policy(district=post.district_code, day=today) if post else Policy({})


def failure_limit(request: object, credentials: dict[str, Any] | None) -> int:
    """After how many failed log-ins a name is locked: the number of the person's district (django-axes asks; settings.AXES_FAILURE_LIMIT)."""
    return login_policy((credentials or {}).get("username", ""))["lockout_failures"]


def lock_time(request: Any) -> timedelta:
    """How long a name stays locked (settings.AXES_COOLOFF_TIME); django-axes also asks without a log-in at hand."""
    username = request.POST.get("username", "") if request is not None else ""
    return timedelta(minutes=login_policy(username)["lockout_minutes"])
