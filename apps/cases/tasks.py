"""Celery: what the comparison and the roll calls found becomes cases; their clocks run on, and what happens to cases by itself."""

from __future__ import annotations

from celery import shared_task

from apps.attendance.actions.seating import seat_pupils as seat
from apps.cases.actions import climbing, clocks
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.advancing import advance, begin_persuading
from apps.cases.actions.comparison import open_cases_of_run
from apps.cases.actions.exempting import expire, warn
from apps.cases.actions.handover import chase_handovers as chase
from apps.cases.actions.joining import follow_children as follow
from apps.cases.actions.reminding import remind_of_care, remind_of_promises
from apps.cases.actions.teaching import remind_of_reviews, warn_of_missing
from apps.cases.actions.village import open_cases_of_reports
from apps.cases.queries import absences
from apps.cases.queries.comparison import runs_without_cases
from apps.cases.queries.following import districts_with_open_cases, held
from apps.cases.queries.village import districts_with_reports
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.schools.queries import districts_in_term


@shared_task
def open_cases() -> None:
    """Open the cases the newest finished runs ask for."""
    for run in runs_without_cases():
        open_cases_of_run(run=run, by=SYSTEM, today=clock.today(), now=clock.now())


@shared_task
def open_reported() -> None:
    """Open the cases of children that villages and townships reported as out of school."""
    for district in districts_with_reports():
        open_cases_of_reports(district=district, by=SYSTEM, today=clock.today(), now=clock.now())


@shared_task
def flag_absences() -> None:
    """Open the cases of pupils absent long enough without reason, and note what the roll calls say of the open ones."""
    for district in absences.districts():
        open_cases_of_absences(district=district, by=SYSTEM, today=clock.today(), now=clock.now())


@shared_task
def refresh_clocks() -> None:
    """Bring the next task, post and deadline of every open case up to date: the rules may be others since the last start."""
    clocks.refresh_all(today=clock.today())


@shared_task
def run_clocks() -> None:
    """Bring the next task, post and deadline of every open case up to date, then tell the next level of those without progress."""
    clocks.refresh_all(today=clock.today())
    for district in districts_with_open_cases():
        climbing.climb(district=district, by=SYSTEM, today=clock.today(), now=clock.now())


@shared_task
def expire_exemptions() -> None:
    """Bring the cases back whose exemption ended yesterday."""
    expire(today=clock.today(), now=clock.now())


@shared_task
def begin_watching() -> None:
    """Begin the watching of children whose placement begins today, and the persuasion of those whose people have all been named."""
    advance(today=clock.today(), now=clock.now())
    begin_persuading(today=clock.today(), now=clock.now())


@shared_task
def remind_schools() -> None:
    """Tell of exemptions that end soon, of plans to be reviewed, of lessons at home that are missing, of days named that have passed."""
    warn(today=clock.today(), now=clock.now())
    remind_of_reviews(today=clock.today(), now=clock.now())
    remind_of_care(today=clock.today(), now=clock.now())
    warn_of_missing(today=clock.today(), now=clock.now())
    for district in districts_with_open_cases():
        remind_of_promises(district=district, today=clock.today(), now=clock.now())


@shared_task
def seat_pupils() -> None:
    """Bring the class lists in line with the registers; nothing is done where no register changed."""
    for district in districts_in_term(day=clock.today()):
        seat(district=district, today=clock.today(), now=clock.now(), held=held(district, today=clock.today()))


@shared_task
def follow_children() -> None:
    """Let open cases go with children that moved to another school or township."""
    for district in districts_with_open_cases():
        follow(district=district, by=SYSTEM, now=clock.now())


@shared_task
def chase_handovers() -> None:
    """Bring letters to other districts whose answer is overdue back to the bureau."""
    chase(by=SYSTEM, today=clock.today(), now=clock.now())
