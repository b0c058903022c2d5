"""The school day's timetable."""

from __future__ import annotations

from celery import shared_task

from apps.attendance.actions import telling
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.schools.queries import districts_in_term


@shared_task(ignore_result=True)
def warn_schools() -> None:
    """Tell the schools of second days and of habits."""
    for district in districts_in_term(day=clock.today()):
        telling.warn_schools(district=district, by=SYSTEM, today=clock.today(), now=clock.now())
