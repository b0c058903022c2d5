"""Roll calls that arrive at the same moment, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.attendance.actions.rolls import Conflict, Given, take_roll
from apps.attendance.models import Mark, RollCall, RollCallChange, Seat
from apps.schools.models import SchoolClass
from tests.cast import NOW, TODAY, Cast
from tests.factories import school_day
from tests.factories.registers import term

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(cast: Cast) -> SchoolClass:
    term()
    home: SchoolClass = cast.home.classes[0]
    school_day.pupils(home, 4, village=cast.home.villages[0].code)
    return home


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Do all at the same moment, each on a connection of its own; what came of each, in the order of the words."""
    start, told = threading.Barrier(len(calls)), list[str]()

    def run(call: Callable[[], Any]) -> None:
        try:
            start.wait()
            call()
            told.append("stored")
        except Conflict:
            told.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def taking(cast: Cast, room: SchoolClass, role: str, position: int, reason: str, seen: int = 0) -> Callable[[], RollCall]:
    """A post sends one pupil as absent."""
    child = Seat.objects.filter(school_class=room).order_by("pk")[position].child_id
    by = cast.actor(role)
    return lambda: take_roll(room=room, day=TODAY, marks=[Given(child, "absent", reason)], seen=seen, by=by, now=NOW)


def test_two_teachers_at_once_one_is_stored_and_the_other_told(cast: Cast, room: SchoolClass) -> None:
    told = at_once(taking(cast, room, "head_teacher", 0, "unexcused"), taking(cast, room, "subject_teacher", 1, "unexcused"))
    assert told == ["conflict", "stored"]
    assert (RollCall.objects.count(), Mark.objects.count(), RollCallChange.objects.count()) == (1, 1, 0)


def test_one_phone_eight_times_at_once_is_one_class_day(cast: Cast, room: SchoolClass) -> None:
    told = at_once(*[taking(cast, room, "head_teacher", 0, "unexcused")] * 8)
    assert told == ["stored"] * 8
    assert (RollCall.objects.count(), Mark.objects.count(), RollCallChange.objects.count()) == (1, 1, 0)


def test_two_corrections_at_once_one_holds(cast: Cast, room: SchoolClass) -> None:
    taking(cast, room, "head_teacher", 0, "unexcused")()
    told = at_once(taking(cast, room, "registrar", 1, "unexcused", seen=1), taking(cast, room, "principal", 2, "unexcused", seen=1))
    assert told == ["conflict", "stored"]
    assert (Mark.objects.count(), RollCallChange.objects.count(), RollCall.objects.get().revision) == (1, 1, 2)
