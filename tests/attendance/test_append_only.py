"""What was corrected and what was said with a guardian: the database refuses to have it rewritten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.attendance.actions.contacts import Word, log_contact
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import Contact, RollCallChange
from apps.schools.models import SchoolClass
from apps.students.models import Child
from tests.attendance.test_leaves import seat
from tests.attendance.test_rolls import absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, TODAY, Cast
from tests.factories.registers import entry, upload


def refused(rows: QuerySet, change: Callable[[QuerySet], object]) -> None:  # type: ignore[type-arg]
    """The change is refused and every row stands as it was."""
    before = list(rows.values())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change(rows)
    assert before and list(rows.values()) == before


def called(cast: Cast, room: SchoolClass, n: int = 0) -> Contact:
    return log_contact(seat=seat(room, n), day=TODAY, word=Word(NOW, "phone", "unreached"), by=cast.actor("head_teacher"), now=NOW)


def test_a_correction_is_never_rewritten(cast: Cast, room: SchoolClass) -> None:
    take(cast, room, absent(room))
    take(cast, room, seen=1)
    refused(RollCallChange.objects.all(), lambda rows: rows.update(reason="另写"))
    refused(RollCallChange.objects.all(), lambda rows: rows.delete())


def test_a_contact_is_never_rewritten(cast: Cast, room: SchoolClass) -> None:
    called(cast, room)
    refused(Contact.objects.all(), lambda rows: rows.update(result="reached"))
    refused(Contact.objects.all(), lambda rows: rows.update(child=someone(room, 1)))
    refused(Contact.objects.all(), lambda rows: rows.delete())


def test_a_contact_follows_a_child_that_turned_out_to_be_another(cast: Cast, room: SchoolClass) -> None:
    double, child = someone(room), someone(room, 1)
    entry(child), entry(double)
    made = called(cast, room)
    Child.objects.filter(pk=double.pk).update(merged_into=child)
    refused(Contact.objects.all(), lambda rows: rows.update(child=child, text="另写"))
    upload("survey")
    seat_pupils(district="530113", today=TODAY)
    told = Contact.objects.get()
    assert (told.pk, told.child_id) == (made.pk, child.pk)
