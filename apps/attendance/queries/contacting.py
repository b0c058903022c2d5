"""Whom to call today, and what was said before."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import CharField, F, Func, OuterRef, QuerySet, Subquery
from django.db.models.lookups import Exact

from apps.attendance.models import AbsenceRun, Contact, Seat
from apps.core.scope import Scope

# What came of asking the guardian of a child, about a day or since one: 'reached', 'unreached' where nobody answered, '' where nobody asked.
ASKED = """(SELECT CASE WHEN bool_or(t.result = 'reached') THEN 'reached' ELSE coalesce(max(t.result), '') END
    FROM attendance_contact t WHERE t.child_id = {about})"""


def asked(day: str, *, since: bool = False) -> Func:
    """``ASKED`` about a day (the name of a column) of an outer row with ``child_id``, or since that day."""
    joined = " AND t.day >= " if since else " AND t.day = "
    return Func(F("child_id"), F(day), template=ASKED.format(about="%(expressions)s"), arg_joiner=joined, output_field=CharField())


def with_contacts(runs: QuerySet[Any]) -> QuerySet[Any]:
    """Runs of absence with ``reached`` (a guardian was, about the last day or later), and when and how it was tried last."""
    about = Contact.objects.filter(child=OuterRef("child_id"), day__gte=OuterRef("first_day")).order_by("-at", "-pk")
    told: QuerySet[Any] = runs.annotate(
        reached=Exact(asked("last_day", since=True), Contact.Result.REACHED.value),
        tried_at=Subquery(about.values("at")[:1]), tried_result=Subquery(about.values("result")[:1]),
        said_reason=Subquery(about.values("reason")[:1]), said_where=Subquery(about.values("whereabouts")[:1]),
    )  # fmt: skip
    return told


def to_call(scope: Scope, *, room: str = "") -> QuerySet[Any]:
    """Pupils who are absent without leave and whose guardian nobody has reached about it: an unanswered call comes back with every day.

    〔方案二（三）2〕当日与家长联系，问明原因和去向。"""
    runs = with_contacts(AbsenceRun.objects.within(scope).open()).filter(reached=False)
    return placed(runs.filter(school_class_id=room) if room else runs)


def reached(scope: Scope, *, since: date) -> QuerySet[Any]:
    """Pupils still absent whose guardian was reached about their last day of absence, not long ago."""
    return placed(with_contacts(AbsenceRun.objects.within(scope).open().filter(last_day__gte=since)).filter(reached=True))


def placed(runs: QuerySet[Any]) -> QuerySet[Any]:
    """With pupil and class, the longest absent first."""
    return runs.select_related("child", "school", "school_class").order_by(
        "-school_days", "school_class__grade", "school_class_id", "child__pinyin", "pk"
    )


def seat_of(scope: Scope, child_id: int) -> QuerySet[Seat]:
    """The seat a pupil has now, or had last."""
    return Seat.objects.within(scope).filter(child=child_id).select_related("child", "school", "school_class__school").order_by("-first_day", "-pk")
