"""Seats follow the registers; a child that came back is seated by hand before they say so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from apps.attendance.actions.telling import tell_of_seats
from apps.attendance.models import RollCall, Seat, Seating
from apps.attendance.queries import seats
from apps.attendance.queries.seats import Held
from apps.schools.models import SchoolClass
from apps.schools.queries import current_term
from apps.students.models import Child


@transaction.atomic
def seat_pupils(*, district: str, today: date, now: datetime, held: Held) -> tuple[int, int]:
    """Bring the class lists in line with the registers: (seats ended, seats begun); nothing is done where no register changed since and nothing
    waits.

    〔方案二（三）3〕班主任按班点名：班级名单以学校报送的实际在校名册为准，尚未报送的以国网学籍为准。正在缺勤或有未结个案的，凭一份名册不转到他校，
    也不凭备注“休学”“送教”离开点名：须原校名册去掉该生，或手续经两人签认。
    """
    term = current_term(district=district, day=today)
    state = seats.registers_state(district)
    seating, _ = Seating.objects.select_for_update().get_or_create(district_code=district)
    if term is None or (seating.state == state and not seating.is_waiting):
        return 0, 0
    done = seats.seat_changes(district=district, day=today, first_day=term.first_day, held=held)
    tell_of_seats(district, done, state=state, now=now)
    seating.state, seating.is_waiting = state, bool(done.waiting)
    seating.save(update_fields=["state", "is_waiting"])
    return done.ended, done.begun


@transaction.atomic
def seat_by_hand(*, child: Child, room: SchoolClass, today: date, now: datetime, away: str = "") -> Seat:
    """Put a child on the list of a class (``away``: off its roll calls, with the reason) before the registers say so. The seat holds from today,
    from tomorrow where today's roll was taken without it: nobody counts as present whom no roll call asked for. Nothing changes where the
    child sits there already.

    〔方案二（三）4〕劝返复学的到校天数以点名为准；名册后来报送的为准。
    """
    Seating.objects.select_for_update().get_or_create(district_code=room.school.district_code)  # the registers wait
    held: Seat | None = Seat.objects.filter(child=child, last_day=None).first()
    if held and (held.school_class_id, held.away) == (room.pk, away):
        return held
    rooms = {room.pk, held.school_class_id if held else room.pk}
    begun = today + timedelta(RollCall.objects.filter(school_class__in=rooms, day=today).exists())
    if held and held.first_day >= begun:
        held.delete()  # never lived in
    elif held:
        Seat.objects.filter(pk=held.pk).update(last_day=begun - timedelta(1))
    made: Seat = Seat.objects.create(
        child=child, district_code=room.school.district_code, township_code=child.township_code, village_code=child.village_code,
        school=room.school, school_class=room, first_day=begun, away=away, entered_at=now,
    )  # fmt: skip
    return made


@transaction.atomic
def follow_registers_again(*, district: str, children: Collection[int]) -> int:
    """Give up the seats that children hold by hand: the registers decide again, with the next ``seat_pupils``. Returns how many there were.

    〔方案二（三）3〕班级名单以学校报送的实际在校名册为准。
    """
    Seating.objects.filter(district_code=district).update(state="")
    return Seat.objects.filter(child__in=children, last_day=None, entered_at__isnull=False).update(entered_at=None)
