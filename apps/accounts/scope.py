"""What each kind of post sees: the one place that turns a post into a scope (DOMAIN.md §1)."""

from __future__ import annotations

from apps.accounts.models import Post
from apps.accounts.roles import BY_CODE
from apps.core.scope import Actor, Level, Scope
from apps.schools import queries as places


def scope_of(post: Post) -> Scope:
    """The children a post may see: class, school, village, township (by household or school) or the district."""
    role = BY_CODE[post.role]
    match role.level:
        case Level.CLASS:
            return Scope(Level.CLASS, post.district_code, school=post.school_id or "", school_class=post.school_class_id or 0)
        case Level.SCHOOL:
            return Scope(Level.SCHOOL, post.district_code, school=post.school_id or "")
        case Level.VILLAGE:
            village = post.region_id or ""
            return Scope(Level.VILLAGE, post.district_code, township=village[:9], village=village)
        case Level.TOWNSHIP:
            township = post.region_id or ""
            return Scope(Level.TOWNSHIP, post.district_code, township=township, schools=places.schools_of_township(township))
        case Level.DISTRICT:
            return Scope(Level.DISTRICT, post.district_code)
    return Scope()


def actor_of(post: Post) -> Actor:
    """The acting person for a post that is in force."""
    role = BY_CODE[post.role]
    return Actor(
        user_id=post.user_id,
        name=post.user.name,
        post_id=post.pk,
        role=role.code,
        title=f"{role.label} · {post.place}",
        rights=role.rights,
        scope=scope_of(post),
        uploads=role.uploads,
    )
