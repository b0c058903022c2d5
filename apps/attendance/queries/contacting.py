"""Whom to call today, and what was said before."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from apps.attendance.models import AbsenceRun, Contact, Seat
from apps.attendance.queries.excuses import family, family_sql
from apps.core.scope import Scope


def asked_sql(mark: str) -> str:
    """SQL: what came of asking the guardian about a mark (its alias): 'reached', 'unreached' where nobody answered, '' where nobody asked."""
    about = f"t.child_id = ANY({family_sql(f'{mark}.child_id')}) AND t.day = {mark}.day"
    return f"(SELECT coalesce(min(t.result), '') FROM attendance_contact t WHERE {about})"  # 'reached' comes before 'unreached'


def asked(day: str, *, since: bool = False) -> Coalesce:
    """The same about a day (the name of a column) of an outer row with ``child_id``, or since that day."""
    about = Contact.objects.filter(child__in=family(), **{"day__gte" if since else "day": OuterRef(day)}).order_by("result")
    return Coalesce(Subquery(about.values("result")[:1]), Value(""))


def with_contacts(runs: QuerySet[Any]) -> QuerySet[Any]:
    """Runs of absence with ``reached`` (a guardian was, about the last day or later), and when and how it was tried last."""
    about = Contact.objects.filter(child__in=family(), day__gte=OuterRef("first_day")).order_by("-at", "-pk")
    told: QuerySet[Any] = runs.annotate(
        reached=Exact(asked("last_day", since=True), Contact.Result.REACHED.value), tried_at=Subquery(about.values("at")[:1]), tried_result=Subquery(about.values("result")[:1]),
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


def seat_of(scope: Scope, child_id: int, *, today: date) -> QuerySet[Seat]:
    """The seat a pupil has on a day, or had last, where that very seat is within the scope: whoever has moved is the new class's alone."""
    begun = Seat.objects.filter(child=child_id, first_day__lte=today).order_by("-first_day", "-pk")
    found: QuerySet[Seat] = Seat.objects.within(scope).filter(pk=Subquery(begun.values("pk")[:1]))
    return found.select_related("child", "school", "school_class__school")
