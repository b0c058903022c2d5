"""The keys of forms already taken: one key, one effect. Taken with every form, so the statements stay planned."""

from __future__ import annotations

import uuid

from apps.audit.models import Submission
from apps.core import clock
from apps.core.ids import hide_numbers
from apps.core.prepared import prepared

TAKE = """INSERT INTO audit_submission (key, user_id, path, content, location, at)
    VALUES (%(key)s, %(user)s, %(path)s, %(content)s, '', %(at)s) ON CONFLICT (key) DO NOTHING"""
LED_TO = "UPDATE audit_submission SET location = %(location)s WHERE key = %(key)s"


def take(*, key: uuid.UUID, user_id: int, path: str, content: str) -> bool:
    """Write the key in the caller's transaction; False where it is taken. Whoever comes second waits until the first has ended.

    ``content`` is a digest of what the form says (32 characters)."""
    with prepared() as cursor:
        cursor.execute(TAKE, {"key": key, "user": user_id, "path": path[:300], "content": content, "at": clock.machine()})
        return cursor.rowcount == 1


def led_to(*, key: uuid.UUID, location: str) -> None:
    """Keep where the form led, without the number somebody searched for: a list one searched leads back to the search."""
    with prepared() as cursor:
        cursor.execute(LED_TO, {"key": key, "location": hide_numbers(location)[:500]})


def give_back(*, key: uuid.UUID) -> None:
    """The form was shown again with errors: its key may be sent once more."""
    Submission.objects.filter(key=key).delete()


def taken(*, key: uuid.UUID, user_id: int, path: str) -> tuple[str, str] | None:
    """Where this person's form of this address led, and the digest of what it said; None where the key was taken by something else."""
    return Submission.objects.filter(key=key, user_id=user_id, path=path[:300]).values_list("location", "content").first()
