"""The school day's timetable: runs of absence, roll calls that are missing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.attendance import rules
from apps.attendance.actions import chasing, scanning, telling
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.schools.queries import districts_in_term, policy


@shared_task(ignore_result=True)
def scan_absences() -> None:
    """Compute the runs of absence anew."""
    for district in districts_in_term(day=clock.today()):
        scanning.scan(district=district, today=clock.today())


@shared_task(ignore_result=True)
def carry_absences() -> None:
    """Carry the runs of absence on by today's roll calls, five minutes after the district's own cutoff; looks every five minutes."""
    today, hour = clock.today(), timezone.localtime(clock.now()).time()
    for district in districts_in_term(day=today):
        cutoff = policy(district=district, day=today)["roll_call_cutoff"]
        if rules.is_just_over(hour, cutoff=cutoff, minutes=5, every=5):
            scanning.scan_day(district=district, today=today)


@shared_task(ignore_result=True)
def chase_roll_calls() -> None:
    """Tell of the roll calls that are missing at this hour."""
    now = clock.now()
    hour = timezone.localtime(now)
    for district in districts_in_term(day=hour.date()):
        chasing.chase(district=district, day=hour.date(), now=now, at=hour.hour * 100 + hour.minute)


@shared_task(ignore_result=True)
def warn_schools() -> None:
    """Tell the schools of second days and of habits."""
    for district in districts_in_term(day=clock.today()):
        telling.warn_schools(district=district, by=SYSTEM, today=clock.today(), now=clock.now())
