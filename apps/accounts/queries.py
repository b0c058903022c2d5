"""Reads over people and posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import Post
from apps.core import clock
from apps.schools.policy import Policy
from apps.schools.queries import highest_value, policy


def login_policy(username: str) -> Policy:
    """The numbers of the district a log-in name works in; the defaults where the name has no post today."""
    today = clock.today()
    post = Post.objects.filter(user__username=username).held_on(today).first()
    return policy(district=post.district_code, day=today) if post else Policy({})


def failure_limit(request: object, credentials: dict[str, Any] | None) -> int:
    """After how many failed log-ins a name is locked: the number of the person's district (django-axes asks; settings.AXES_FAILURE_LIMIT)."""
    return login_policy((credentials or {}).get("username", ""))["lockout_failures"]


def lock_time(request: object) -> timedelta:
    """How long a name stays locked (settings.AXES_COOLOFF_TIME): the longest number of any district.

    django-axes forgets everybody's failures that are older, at every failed log-in: a time after the name just typed would let
    anybody lift the locks of a district with a longer one.
    """
    return timedelta(minutes=highest_value("lockout_minutes", day=clock.today()))
