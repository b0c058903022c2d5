"""Changes of people and posts."""

from __future__ import annotations

from datetime import date, timedelta

from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import Post, User
from apps.accounts.scope import actor_of
from apps.audit import actions as audit
from apps.core.errors import Refused
from apps.core.rights import Right
from apps.core.scope import Actor


@transaction.atomic
def hand_over(*, post: Post, to_user: User, on_day: date, by: Actor) -> Post:
    """End a post on a day and give the same role at the same place to another person from the next day; return the new post.

    Refused with a sentence where the post is not the district's, has ended, or the person holds it already.
    """
    held = Post.objects.within(by.scope).select_for_update().filter(pk=post.pk).first()
    if not by.may(Right.MANAGE_PEOPLE) or held is None:
        raise Refused("没有这个岗位，或不归您管理。", code="place")
    check_handover(post=held, to_user=to_user, on_day=on_day, by=by)
    old_end = held.ends_on
    held.ends_on = on_day
    held.save(update_fields=["ends_on"])
    new = Post(user=to_user, role=held.role, district_code=held.district_code, region=held.region, school=held.school)
    new.school_class, new.starts_on, new.ends_on = held.school_class, on_day + timedelta(days=1), old_end
    try:
        new.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages)) from fault
    new.save()
    sentence = f"{new}：{held.user.name}任至{on_day}，{to_user.name}自{new.starts_on}接任"
    audit.record("hand_over", sentence, by=by, object_kind="post", object_id=new.pk, ended_post=held.pk)
    return new


def check_handover(*, post: Post, to_user: User, on_day: date, by: Actor) -> None:
    """Raise Refused with a sentence where a post may not be handed over like this."""
    if to_user.district_code != by.scope.district or not to_user.is_active:
        raise Refused("接任人不在本区县人员名单中，或已停用。", code="person")
    if to_user.pk == by.user_id:
        raise Refused("不能给自己安排岗位，请由另一位系统管理员办理。", code="self")
    if to_user.pk == post.user_id:
        raise Refused("接任人与原任是同一人。", code="same")
    if on_day < post.starts_on:
        raise Refused(f"交接日不能早于到任日 {post.starts_on}。", code="day")
    if post.ends_on is not None and post.ends_on < on_day:
        raise Refused(f"该岗位已于 {post.ends_on} 结束。", code="ended")
    taken = Post.objects.filter(
        user=to_user, role=post.role, district_code=post.district_code, region=post.region, school=post.school, school_class=post.school_class
    )
    if taken.held_on(on_day + timedelta(days=1)).exists():
        raise Refused(f"{to_user.name}已在任同一岗位。", code="held")


@transaction.atomic
def set_initial_password(*, user: User, password: str, by: Actor) -> None:
    """Give a person a password to log in with once; it must be changed at the next log-in, open sessions end."""
    if not by.may(Right.MANAGE_PEOPLE) or user.district_code != by.scope.district:
        raise Refused("此人不归您管理。", code="place")
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise Refused("".join(fault.messages), code="weak") from fault
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    audit.record("reset_password", f"重置{user.name}（{user.username}）的密码", by=by, object_kind="user", object_id=user.pk)


@transaction.atomic
def add_administrator(*, username: str, name: str, password: str, district: str, today: date, by: Actor) -> User:
    """Make a system administrator of a district, with a password for one log-in: on a new server nobody else could make the others."""
    user = User(username=username, name=name, district_code=district, must_change_password=True)
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages), code="invalid") from fault
    user.save()
    post = Post.objects.create(user=user, role="administrator", district_code=district, starts_on=today)
    audit.record("add_administrator", f"任命{name}（{username}）为系统管理员", by=by, object_kind="post", object_id=post.pk)
    return user


def unlock(*, user: User, by: Actor) -> int:
    """Lift the lock after failed log-ins; return how many locks there were."""
    if not by.may(Right.MANAGE_PEOPLE) or user.district_code != by.scope.district:
        raise Refused("此人不归您管理。", code="place")
    lifted: int = reset(username=user.username)
    audit.record("unlock", f"解除{user.name}（{user.username}）的登录锁定", by=by, object_kind="user", object_id=user.pk)
    return lifted


def password_changed(*, user: User) -> None:
    """A person chose an own password: the log-in no longer asks for one."""
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])


def switch_post(*, user: User, post_id: int, today: date, by: Actor) -> Actor:
    """Act as another post of one's own that is held today; Refused for any other."""
    post = Post.objects.of(user.pk).held_on(today).select_related("user").filter(pk=post_id).first()
    if post is None:
        raise Refused("您今天不在任这个岗位。", code="post")
    actor = actor_of(post)
    audit.record("switch_post", f"由“{by.title}”切换为“{actor.title}”", by=actor, object_kind="post", object_id=post.pk)
    return actor
