"""Handing posts over, initial passwords, locks."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from apps.accounts import actions
from apps.accounts.models import Post
from apps.audit.models import Event
from apps.core.errors import Refused
from tests.cast import TODAY, Cast
from tests.factories import people

pytestmark = pytest.mark.django_db


def test_handing_over_ends_one_and_begins_the_other(cast: Cast) -> None:
    old, to, by = cast.post("principal"), people.user("接任者"), cast.actor("administrator")
    new = actions.hand_over(post=old, to_user=to, on_day=TODAY, by=by)
    old.refresh_from_db()
    assert old.ends_on == TODAY and new.starts_on == TODAY + timedelta(1) and new.ends_on is None
    assert (new.user, new.role, new.school, new.district_code) == (to, "principal", old.school, "530113")
    assert set(Post.objects.of(old.user_id).held_on(TODAY)) == {old} and not Post.objects.of(to.pk).held_on(TODAY)
    assert set(Post.objects.of(to.pk).held_on(TODAY + timedelta(1))) == {new}
    event = Event.objects.get(verb="hand_over")
    assert event.object_id == new.pk and "接任者" in event.sentence and event.data == {"ended_post": old.pk}


def test_a_term_of_office_keeps_its_end(cast: Cast) -> None:
    old = people.post("registrar", school=cast.home.schools[1], ends_on=date(2027, 7, 31))
    assert actions.hand_over(post=old, to_user=people.user(), on_day=TODAY, by=cast.actor("administrator")).ends_on == date(2027, 7, 31)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("neighbour post", "不归您管理"), ("neighbour person", "不在本区县"), ("switched off", "停用"), ("same", "同一人"), ("early", "不能早于"),
        ("ended", "已于"), ("held", "已在任"), ("self", "不能给自己"), ("no right", "不归您管理"), ("last day", "离任日期"),
    ],
)  # fmt: skip
def test_refusals(cast: Cast, fault: str, sentence: str) -> None:
    post, person = cast.post("registrar"), people.user()
    given = {"post": post, "to_user": person, "on_day": TODAY, "by": cast.actor("administrator")} | {
        "neighbour post": {"post": cast.neighbour.posts["registrar"]},
        "neighbour person": {"to_user": cast.neighbour.posts["bureau"].user},
        "switched off": {"to_user": people.user(is_active=False)},
        "same": {"to_user": post.user},
        "early": {"on_day": date(2026, 7, 1)},
        "self": {"to_user": cast.post("administrator").user},
        "no right": {"by": cast.actor("bureau")},
    }.get(fault, {})
    if fault in ("ended", "last day"):
        Post.objects.filter(pk=post.pk).update(ends_on=date(2026, 10, 1) if fault == "ended" else TODAY)
    if fault == "held":
        people.post("registrar", holder=person, school=post.school)
    before = list(Post.objects.values_list("pk", "ends_on"))
    with pytest.raises(Refused, match=sentence):
        actions.hand_over(**given)
    assert sorted(Post.objects.values_list("pk", "ends_on")) == sorted(before)


def test_the_page_of_handing_over(cast: Cast) -> None:
    browser, old, to = cast.client("administrator"), cast.post("registrar"), people.user("新任者")
    stranger = cast.neighbour.posts["bureau"].user
    url = f"/posts/{old.pk}/hand-over/"
    text = browser.get(url).content.decode()
    assert "新任者" in text and stranger.name not in text
    refused = browser.post(url, {"to_user": stranger.pk, "on_day": "2026-11-23", "_key": str(uuid.uuid4())})
    assert refused.status_code == 200 and Post.objects.get(pk=old.pk).ends_on is None
    answer = browser.post(url, {"to_user": to.pk, "on_day": "2026-11-23", "_key": str(uuid.uuid4())})
    assert answer.headers["Location"] == "/admin/accounts/post/" and Post.objects.get(pk=old.pk).ends_on == TODAY
    assert browser.get(f"/posts/{cast.neighbour.posts['registrar'].pk}/hand-over/").status_code == 404
    assert cast.client("bureau").get(url).status_code == 404


def test_initial_passwords(cast: Cast) -> None:
    user, by = people.user(), cast.actor("administrator")
    with pytest.raises(Refused, match="10"):
        actions.set_initial_password(user=user, password="short", by=by)
    actions.set_initial_password(user=user, password="Chu-Shi-Mi-Ma-66", by=by)
    user.refresh_from_db()
    assert user.must_change_password and user.check_password("Chu-Shi-Mi-Ma-66")
    with pytest.raises(Refused, match="不归您管理"):
        actions.set_initial_password(user=cast.neighbour.posts["bureau"].user, password="Chu-Shi-Mi-Ma-66", by=by)
    with pytest.raises(Refused, match="不归您管理"):
        actions.unlock(user=cast.neighbour.posts["bureau"].user, by=by)
