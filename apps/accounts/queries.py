"""Reads over people and posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend

from apps.accounts.models import Post, User
from apps.core import clock
from apps.core.prepared import columns, made, made_if_there, prepared
from apps.schools.models import Region, School, SchoolClass
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


KNOWN = f"SELECT {columns(User, 'u')} FROM accounts_user u WHERE u.id = %(user)s AND u.is_active"


class Known(ModelBackend):
    """Django's own log-in by name and password, with a cheaper look-up of who has logged in: asked with every request."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; None who was deleted or put out of use since."""
        with prepared() as cursor:
            cursor.execute(KNOWN, {"user": user_id})
            row = cursor.fetchone()
        return made(User, iter(row)) if row else None


HELD = f"""SELECT {columns(Post, "p")}, {columns(Region, "r")}, {columns(School, "s")}, {columns(SchoolClass, "k")}
    FROM accounts_post p LEFT JOIN schools_region r ON r.code = p.region_id LEFT JOIN schools_school s ON s.code = p.school_id
    LEFT JOIN schools_schoolclass k ON k.id = p.school_class_id
    WHERE p.user_id = %(user)s AND p.starts_on <= %(day)s AND (p.ends_on IS NULL OR p.ends_on >= %(day)s) ORDER BY p.starts_on DESC, p.id"""


def posts_held(*, user: User, day: date) -> list[Post]:
    """The posts of a person on a day with their places, the latest first: asked with every request."""
    with prepared() as cursor:
        cursor.execute(HELD, {"user": user.pk, "day": day})
        return [_post(user, iter(row)) for row in cursor.fetchall()]


def _post(user: User, values: Iterator[Any]) -> Post:
    post = made(Post, values)
    post.user, post.region, post.school = user, made_if_there(Region, values), made_if_there(School, values)
    post.school_class = made_if_there(SchoolClass, values)
    return post
