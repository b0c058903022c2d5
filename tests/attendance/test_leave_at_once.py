"""Leave slips that are entered at the same moment, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.attendance.actions.leaves import ask_leave, decide_leave
from apps.attendance.models import Leave, Seat
from apps.core.errors import Refused
from apps.schools.models import SchoolClass
from tests.attendance.test_leaves import FRI, MON, WED, Slip, seat
from tests.attendance.test_rolls import room as room
from tests.cast import NOW, Cast
from tests.factories import school_day

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Do all at the same moment, each on a connection of its own: what came of each, in the order of the words."""
    start, told = threading.Barrier(len(calls)), list[str]()

    def run(call: Callable[[], Any]) -> None:
        try:
            start.wait()
            call()
            told.append("stored")
        except Refused as refused:
            told.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def asking(cast: Cast, room: SchoolClass, n: int) -> Callable[[], Leave]:
    by, place = cast.actor("head_teacher"), seat(room, n)
    return lambda: ask_leave(seat=place, slip=Slip("sick", MON, FRI, "住院"), by=by, now=NOW)


def test_slips_of_one_school_at_once_have_numbers_of_their_own(cast: Cast, room: SchoolClass) -> None:
    assert at_once(*(asking(cast, room, n) for n in range(5))) == ["stored"] * 5
    assert sorted(Leave.objects.values_list("number", flat=True)) == [f"假〔2026〕{n}号" for n in range(1, 6)]


def test_one_pupil_twice_at_once_has_one_slip(cast: Cast, room: SchoolClass) -> None:
    assert at_once(*[asking(cast, room, 0)] * 4) == ["overlap"] * 3 + ["stored"]
    assert Leave.objects.count() == 1


def test_one_pupil_from_two_classes_at_once_has_one_slip(cast: Cast, room: SchoolClass) -> None:
    """As after a move: the roll of an old day writes a slip in the old seat, the new class in the new one."""
    old = seat(room)
    Seat.objects.filter(pk=old.pk).update(last_day=MON - timedelta(1))
    new = school_day.seat(old.child, school_class=cast.home.classes[1], first_day=MON)
    by = cast.actor("principal")
    told = at_once(*(lambda place=place: ask_leave(seat=place, slip=Slip("sick", MON, FRI, "住院"), by=by, now=NOW) for place in (old, new) * 2))
    assert told == ["overlap"] * 3 + ["stored"]


def test_two_decide_at_once_and_one_holds(cast: Cast, room: SchoolClass) -> None:
    leave = ask_leave(seat=seat(room), slip=Slip("sick", MON, WED, "住院"), by=cast.actor("head_teacher"), now=NOW)
    by = [cast.actor(role) for role in ("registrar", "principal")]
    told = at_once(
        *(
            lambda one=one, yes=yes: decide_leave(leave=leave, is_approved=yes, words="意见", by=one, now=NOW)
            for one, yes in zip(by, (True, False), strict=True)
        )
    )
    assert told == ["state", "stored"]
