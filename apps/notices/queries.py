"""Reads over notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from apps.core.scope import Actor
from apps.notices.models import Notice
from apps.notices.rules import Topic, one_line

DAYS = 30  # how long a notice stays in the list
MOST = 500  # notices a list reads


@dataclass(frozen=True, slots=True)
class Digest:
    """All notices of one kind and day to a post as one line; ``unseen`` of them are new to the person."""

    topic: Topic
    day: date
    line: str
    notices: list[Notice]
    unseen: int

    @property
    def link(self) -> str:
        """Where the line leads, where all its notices lead to one place; '' otherwise."""
        links = {one.link for one in self.notices}
        return links.pop() if len(links) == 1 else ""


def unseen_count(actor: Actor) -> int:
    """How many standing notices the acting person has not marked as seen."""
    return int(Notice.objects.to(actor).standing().unseen_by(actor.user_id).count())


def digests(actor: Actor, *, now: datetime) -> list[Digest]:
    """The notices of the last 30 days to the acting post, one line a kind and day, the newest day first; two queries."""
    mine = Notice.objects.to(actor)
    notices = list(mine.since(now - timedelta(days=DAYS)).order_by("-day", "topic", "settled_at", "-pk")[:MOST])
    new = set(mine.standing().unseen_by(actor.user_id).filter(pk__in=[one.pk for one in notices]).values_list("pk", flat=True))
    told = []
    for (day, topic), group in groupby(notices, key=lambda one: (one.day, one.about)):
        these = list(group)
        standing = [one for one in these if one.settled_at is None] or these
        told.append(Digest(topic, day, one_line(topic, [one.sentence for one in standing]), these, sum(one.pk in new for one in these)))
    return told
