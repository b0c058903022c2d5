"""People and posts, one row a call."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from apps.accounts.models import Post, User
from apps.accounts.scope import actor_of
from apps.core.scope import Actor

PASSWORD = "Yiqie-Wei-Hai-zi-7"
BACKEND = "apps.accounts.queries.Known"
numbers = count(1)


@lru_cache(maxsize=1)
def hashed() -> str:
    """The one password of all made people; hashing is slow on purpose."""
    return make_password(PASSWORD)


def user(name: str = "", *, district: str = "530113", username: str = "", **fields: Any) -> User:
    """A person with PASSWORD and no post."""
    n = next(numbers)
    made: User = User.objects.create(
        username=username or f"u{n:05d}", name=name or f"测试人员{n}", district_code=district, password=hashed(), **fields
    )
    return made


def post(role: str, *, holder: User | None = None, district: str = "530113", starts_on: date = date(2026, 8, 1), **place: Any) -> Post:
    """A post of ``holder`` (or of a new person); ``place``: region, school, school_class, ends_on."""
    made = Post(user=holder or user(district=district), role=role, district_code=district, starts_on=starts_on, **place)
    made.full_clean()
    made.save()
    return made


def actor(held: Post) -> Actor:
    """The actor of a post."""
    return actor_of(held)


def client(held: Post) -> Client:
    """A browser logged in as the holder, acting as this post."""
    browser = Client()
    browser.force_login(held.user, backend=BACKEND)
    session = browser.session
    session["post"] = held.pk
    session.save()
    return browser
