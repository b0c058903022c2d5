"""Reads over people and posts."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import Post
from apps.core import clock
from apps.schools.policy import BY_KEY
from apps.schools.queries import policy


def failure_limit(request: object, credentials: dict[str, Any] | None) -> int:
    """After how many failed log-ins a name is locked: the number of the person's district (django-axes asks; settings.AXES_FAILURE_LIMIT)."""
    today, username = clock.today(), (credentials or {}).get("username", "")
    post = Post.objects.filter(user__username=username).held_on(today).first()
    return policy(district=post.district_code, day=today)["lockout_failures"] if post else BY_KEY["lockout_failures"].default
