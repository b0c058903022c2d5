"""The one place that says whether an approved leave covers a day: in SQL for the large statements, as a filter for the others.

A child that was merged into another keeps its leaves (docs/decisions/0012); they are read as the other's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from apps.attendance.models import Leave
from apps.students.models import Child

# ``v`` excuses: approved, and the pupil was not back yet; a leave ends the day before the return.
EXCUSES = """v.state = 'approved' AND {day} BETWEEN v.first_day AND v.last_day AND (v.returned_on IS NULL OR {day} < v.returned_on)"""

# The same for many days of many pupils: all days that the leaves ``v`` of a group excuse, as one multirange.
EXCUSES_SOME_DAY = "v.state = 'approved' AND (v.returned_on IS NULL OR v.returned_on > v.first_day)"
EXCUSED_DAYS = "range_agg(daterange(v.first_day, least(v.last_day, v.returned_on - 1), '[]'))"


def excuses(day: str) -> str:
    """SQL: the leave ``v`` excuses on a day (a column or a parameter)."""
    return EXCUSES.format(day=day)


def covered(mark: str, *, of: str = "") -> str:
    """SQL: a leave excuses a mark (its alias). ``of``: an array of the children whose leaves count, if not the mark's own and those merged in."""
    return f"EXISTS (SELECT 1 FROM attendance_leave v WHERE v.child_id = ANY({of or family_sql(f'{mark}.child_id')}) AND {excuses(f'{mark}.day')})"


def family_sql(child: str) -> str:
    """SQL: an array of a child and those merged into it."""
    return f"ARRAY(SELECT {child} UNION ALL SELECT w.id FROM students_child w WHERE w.merged_into_id = {child})"


def family(child: str = "child_id") -> QuerySet[Child, Any]:
    """A child named by a column of the outer query, with those merged into it."""
    return Child.objects.filter(Q(pk=OuterRef(OuterRef(child))) | Q(merged_into=OuterRef(OuterRef(child)))).values("pk")


def numbers_of(children: Collection[int]) -> dict[int, list[int]]:
    """Each of some children -> all numbers it has or had: its own, those merged into it, those merged into the same one. One read."""
    into = Child.objects.filter(pk__in=children).values("merged_into_id")
    found = Child.objects.filter(Q(pk__in=children) | Q(merged_into__in=children) | Q(pk__in=into) | Q(merged_into__in=into))
    person = {number: merged or number for number, merged in found.values_list("pk", "merged_into_id")}
    numbers: dict[int, list[int]] = defaultdict(list)
    for number, one in person.items():
        numbers[one].append(number)
    return {child: numbers[person[child]] for child in children}


def excusing(day: date | OuterRef) -> QuerySet[Leave]:
    """The leaves that excuse the child of an outer query (column ``child_id``) on a day."""
    found: QuerySet[Leave] = Leave.objects.filter(child__in=family(), state=Leave.State.APPROVED, first_day__lte=day, last_day__gte=day)
    return found.filter(Q(returned_on=None) | Q(returned_on__gt=day))
