"""What was corrected and what was said with a guardian: the database refuses to have it rewritten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.attendance.actions.contacts import Word, log_contact
from apps.attendance.models import Contact, RollCallChange
from apps.schools.models import SchoolClass
from tests.attendance.test_leaves import seat
from tests.attendance.test_rolls import absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast


def refused(rows: QuerySet, change: Callable[[QuerySet], object]) -> None:  # type: ignore[type-arg]
    """The change is refused and every row stands as it was."""
    before = list(rows.values())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change(rows)
    assert before and list(rows.values()) == before


def test_a_correction_is_never_rewritten(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    take(cast, room, seen=1)
    refused(RollCallChange.objects.all(), lambda rows: rows.update(reason="另写"))
    refused(RollCallChange.objects.all(), lambda rows: rows.delete())


def test_a_contact_is_never_rewritten(cast: Cast, room: SchoolClass) -> None:
    log_contact(seat=seat(room), day=TODAY, word=Word(NOW, "phone", "unreached"), by=cast.actor("head_teacher"), now=NOW)
    refused(Contact.objects.all(), lambda rows: rows.update(result="reached"))
    refused(Contact.objects.all(), lambda rows: rows.update(child=someone(room, 1)))
    refused(Contact.objects.all(), lambda rows: rows.delete())
