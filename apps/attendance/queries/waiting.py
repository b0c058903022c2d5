"""What of the school day waits for a post: the figures of its workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from apps.attendance.models import AbsenceRun
from apps.attendance.queries import contacting, leaving
from apps.attendance.queries.board import ClassDay, class_days
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.schools.policy import Policy


@dataclass(frozen=True, slots=True)
class Due:
    """How many of each wait; 0 where they are none of the post's business."""

    calls: int = 0
    second_day: int = 0
    to_decide: int = 0
    overdue: int = 0
    long_sick: int = 0


def due(actor: Actor, *, today: date, numbers: Policy) -> Due:
    """What a school's post has to do today about absences and leaves; four small reads."""
    if not actor.may(Right.LOG_CONTACT):
        return Due()
    scope = actor.scope
    second = Q(school_days=max(numbers["suspected_school_days"] - 1, 1), suspected_on=None)
    runs = contacting.with_contacts(AbsenceRun.objects.within(scope).open())
    counted = runs.aggregate(calls=Count("pk", filter=Q(reached=False)), second_day=Count("pk", filter=second))
    return Due(
        **counted,
        to_decide=leaving.waiting_for(actor).count(),
        overdue=len(leaving.overdue(scope, today=today)),
        long_sick=len(leaving.long_sick(scope, today=today, limit=numbers["suspension_sick_days"])),
    )


def untaken(actor: Actor, *, today: date) -> list[ClassDay]:
    """The classes of a class, a school or a township that have school today and were not taken yet; none for a district, which has the board."""
    scope = actor.scope
    if not actor.may(Right.VIEW_ATTENDANCE) or scope.level not in (Level.CLASS, Level.SCHOOL, Level.TOWNSHIP):
        return []
    rows = class_days(scope=scope, day=today)
    return [row for row in rows if row.taken_at is None and scope.school_class in (0, row.class_id)]
