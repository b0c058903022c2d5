"""Writing down what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.audit.models import Event, Submission
from apps.core import clock
from apps.core.ids import hide_numbers
from apps.core.scope import Actor


def record(
    verb: str,
    sentence: str,
    *,
    by: Actor,
    object_kind: str = "",
    object_id: int | None = None,
    child_id: int | None = None,
    **data: Any,
) -> None:
    """Add one event in the caller's transaction; full ID numbers in its words and its data are masked."""
    event(verb, sentence, by=by, object_kind=object_kind, object_id=object_id, child_id=child_id, **data).save(force_insert=True)


def record_all(events: Iterable[Event]) -> None:
    """Add many events, made by ``event``, in one statement."""
    Event.objects.bulk_create(events)


def event(
    verb: str,
    sentence: str,
    *,
    by: Actor,
    object_kind: str = "",
    object_id: int | None = None,
    child_id: int | None = None,
    **data: Any,
) -> Event:
    """An event as ``record`` writes it, not written yet."""
    return Event(
        at=clock.now(),
        user_id=by.user_id,
        user_name=by.name,
        post_id=by.post_id,
        post_title=by.title,
        verb=verb,
        sentence=hide_numbers(sentence)[:500],
        object_kind=object_kind,
        object_id=object_id,
        child_id=child_id,
        district_code=by.scope.district,
        data=_hidden(data),
    )


def forget_submissions(*, now: datetime) -> int:
    """Delete the form keys older than ``SUBMISSION_DAYS``: no page stays open that long, its session ended within a day. Returns how many."""
    deleted, _ = Submission.objects.filter(at__lt=now - timedelta(days=settings.SUBMISSION_DAYS)).delete()
    return deleted


def _hidden(told: Any) -> Any:
    """The same data with every text in it masked."""
    if isinstance(told, str):
        return hide_numbers(told)
    if isinstance(told, dict):
        return {_hidden(name): _hidden(value) for name, value in told.items()}
    return [_hidden(value) for value in told] if isinstance(told, list | tuple) else told
