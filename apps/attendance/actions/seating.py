"""Seats follow the registers."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from apps.attendance.models import Seating
from apps.attendance.queries import seats
from apps.schools.queries import current_term


@transaction.atomic
def seat_pupils(*, district: str, today: date) -> tuple[int, int]:
    """Bring the class lists in line with the registers: (seats ended, seats begun); nothing is done where no register changed since.

    〔方案二（三）3〕班主任按班点名：班级名单以学校报送的实际在校名册为准，尚未报送的以国网学籍为准。
    """
    term = current_term(district=district, day=today)
    state = seats.registers_state(district)
    seating, _ = Seating.objects.select_for_update().get_or_create(district_code=district)
    if term is None or seating.state == state:
        return 0, 0
    done = seats.seat_changes(district=district, day=today, first_day=term.first_day)
    seating.state = state
    seating.save(update_fields=["state"])
    return done
