"""People are told once, at their place, in one line a kind; what is settled counts no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.scope import SYSTEM, Actor
from apps.notices import actions, queries
from apps.notices.actions import Address, Telling
from apps.notices.models import Notice
from apps.notices.rules import Topic
from tests.cast import HOME, NEIGHBOUR, NOW, TODAY, Cast
from tests.factories import people

FAR = "530113102199"


def addresses(cast: Cast) -> dict[str, Address]:
    """The home posts of the daily chain, as they are addressed."""
    room = cast.home.classes[0]
    return {
        "head_teacher": Address("head_teacher", HOME, school=room.school_id, school_class=room.pk),
        "principal": Address("principal", HOME, school=room.school_id),
        "township": Address("township", HOME, region=cast.home.townships[0].code),
        "village": Address("village", HOME, region=cast.home.villages[0].code),
        "bureau": Address("bureau", HOME),
    }


def say(to: Address, key: str = "roll:1", sentence: str = "七年级1班还没有点名。", **more: Any) -> int:
    told = Telling(to, more.pop("topic", Topic.ROLL_MISSING), key, sentence, **more)
    return actions.tell(tellings=[told], day=TODAY, now=NOW, by=SYSTEM)


@pytest.mark.parametrize("role", ["head_teacher", "principal", "township", "village", "bureau"])
def test_only_the_addressed_post_is_told(cast: Cast, role: str) -> None:
    say(addresses(cast)[role])
    reached = {other for other, post in cast.home.posts.items() if queries.unseen_count(people.actor(post))}
    assert reached == {role}
    assert not any(queries.unseen_count(people.actor(post)) for post in cast.neighbour.posts.values())


def test_the_same_place_in_another_class_hears_nothing(cast: Cast) -> None:
    other = cast.home.classes[1]
    there = people.actor(people.post("head_teacher", school=other.school, school_class=other))
    say(addresses(cast)["head_teacher"])
    assert queries.unseen_count(there) == 0


def test_one_matter_is_told_once(cast: Cast) -> None:
    bureau = addresses(cast)["bureau"]
    assert [say(bureau), say(bureau), say(bureau, key="roll:2")] == [1, 0, 1]
    assert say(Address("bureau", NEIGHBOUR)) == 1, "the other district is another address"
    assert Notice.objects.count() == 3


def test_many_of_a_kind_are_one_line(cast: Cast) -> None:
    for number in range(3):
        say(addresses(cast)["principal"], key=f"roll:{number}")
    say(addresses(cast)["principal"], key="case", topic=Topic.SUSPECTED, sentence="测一 连续三天未到校。")
    lines = {one.line: one.unseen for one in queries.digests(cast.actor("principal"), now=NOW)}
    assert lines == {"3 个班还没有点名": 3, "测一 连续三天未到校。": 1}


def test_settled_matters_count_no_more(cast: Cast) -> None:
    for number in range(3):
        say(addresses(cast)["principal"], key=f"roll:{number}")
    assert actions.settle(district=HOME, keys=["roll:0", "roll:1"], now=NOW) == 2
    assert actions.settle(district=HOME, keys=["roll:0"], now=NOW) == 0
    (line,) = queries.digests(cast.actor("principal"), now=NOW)
    assert (line.line, line.unseen, len(line.notices)) == ("七年级1班还没有点名。", 1, 3)
    assert actions.settle(district=NEIGHBOUR, keys=["roll:2"], now=NOW) == 0, "not the other district's"


def test_seen_is_a_matter_of_the_person(cast: Cast) -> None:
    say(addresses(cast)["bureau"])
    colleague: Actor = people.actor(people.post("bureau"))
    assert actions.mark_seen(by=cast.actor("bureau"), now=NOW) == 1
    assert actions.mark_seen(by=cast.actor("bureau"), now=NOW) == 0
    assert (queries.unseen_count(cast.actor("bureau")), queries.unseen_count(colleague)) == (0, 1)


def test_old_notices_leave_the_list(cast: Cast) -> None:
    say(addresses(cast)["bureau"])
    assert queries.digests(cast.actor("bureau"), now=NOW + timedelta(days=30)) != []
    assert queries.digests(cast.actor("bureau"), now=NOW + timedelta(days=31)) == []


def test_a_sentence_carries_no_whole_number(cast: Cast) -> None:
    say(addresses(cast)["bureau"], sentence="杨测 530113201503072236 未到校。")
    assert "530113201503072236" not in Notice.objects.get().sentence


def test_the_page_and_the_figure(cast: Cast) -> None:
    for number in range(4):
        say(addresses(cast)["principal"], key=f"roll:{number}", link="/roll/")
    client = cast.client("principal")
    assert ">4<" in client.get("/notices/count/").content.decode()
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = client.get("/notices/").content.decode()
    assert "4 个班还没有点名" in page
    for number in range(4, 40):
        say(addresses(cast)["principal"], key=f"roll:{number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/notices/")
    assert len(many) == len(few)
    key = "0b9f2f0e-7f0c-4f5e-9f0e-2d5b1c8a9b10"
    assert client.post("/notices/seen/", {"_key": key}, follow=True).status_code == 200
    assert 'class="count"' not in client.get("/notices/count/").content.decode()


def test_what_is_told_again_after_it_was_settled_stands_again(cast: Cast) -> None:
    """A roll call is corrected, and the correction is corrected back."""
    principal, actor = addresses(cast)["principal"], cast.actor("principal")
    assert [say(addresses(cast)["bureau"]), say(principal)] == [1, 1]
    actions.mark_seen(by=actor, now=NOW)
    actions.settle(district=HOME, keys=["roll:1"], now=NOW)
    assert say(principal, sentence="又没有点名。") == 1
    assert (say(principal), queries.unseen_count(actor)) == (0, 1), "new to those who had seen it before"
    assert list(Notice.objects.standing().values_list("role", "sentence")) == [("principal", "又没有点名。")], "and to no other post"
