"""Pupils in their seats."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.attendance.models import Seat
from apps.schools.models import SchoolClass
from apps.students.models import Child
from tests.factories.children import child as make_child
from tests.factories.children import document, id_number


def seat(child: Child, *, first_day: date = date(2026, 9, 1), **fields: Any) -> Seat:
    """The seat of a child in its own class (or in another: ``school_class``)."""
    room = fields.pop("school_class", child.school_class)
    made: Seat = Seat.objects.create(
        child=child, district_code=child.district_code, township_code=child.township_code, village_code=child.village_code, school=room.school,
        school_class=room, first_day=first_day, **fields,
    )  # fmt: skip
    return made


def pupils(room: SchoolClass, number: int, *, village: str, name: str = "李测") -> list[Child]:
    """Seated pupils of a class: 李测01, 李测02 …"""
    made = []
    for n in range(1, number + 1):
        paper = document(id_number(n, birth=date(2013, room.grade, 1 + room.pk % 27)))
        made.append(make_child(school_class=room, village=village, name=f"{name}{n:02d}", document=paper))
        seat(made[-1])
    return made
