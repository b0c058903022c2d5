"""The school day's timetable: seats, runs of absence, roll calls that are missing."""

from __future__ import annotations

from celery import shared_task

from apps.attendance import rules
from apps.attendance.actions import chasing, scanning, seating, telling
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.schools.queries import districts_in_term, policy


@shared_task(ignore_result=True)
def seat_pupils() -> None:
    """Bring the class lists in line with the registers; nothing is done where no register changed."""
    for district in districts_in_term(day=clock.today()):
        seating.seat_pupils(district=district, today=clock.today())


@shared_task(ignore_result=True)
def scan_absences() -> None:
    """Compute the runs of absence anew, after the class lists."""
    for district in districts_in_term(day=clock.today()):
        seating.seat_pupils(district=district, today=clock.today())
        scanning.scan(district=district, today=clock.today())


@shared_task(ignore_result=True)
def carry_absences() -> None:
    """Carry the runs of absence on by today's roll calls, five minutes after the district's own cutoff; looks every five minutes."""
    today, hour = clock.today(), clock.moment().time()
    for district in districts_in_term(day=today):
        cutoff = policy(district=district, day=today)["roll_call_cutoff"]
        if rules.has_just_come(hour, clock=cutoff, minutes=5, every=5):
            scanning.scan_day(district=district, today=today)


@shared_task(ignore_result=True)
def chase_roll_calls() -> None:
    """Tell of the roll calls that are missing at this hour."""
    hour = clock.moment()
    for district in districts_in_term(day=clock.today()):
        chasing.chase(district=district, day=clock.today(), now=clock.now(), at=hour.hour * 100 + hour.minute)


@shared_task(ignore_result=True)
def warn_schools() -> None:
    """Tell the schools of second days and of habits."""
    for district in districts_in_term(day=clock.today()):
        telling.warn_schools(district=district, by=SYSTEM, today=clock.today(), now=clock.now())
