"""What is known of a child when somebody goes to its door or writes to its guardian, and the register of legal steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.attendance.models import AbsenceRun
from apps.cases.models import Case, CaseEntry, LegalStep, Service, Visit
from apps.cases.workflow import State
from apps.core.scope import Scope
from apps.core.templatetags.zaixue import cn_date
from apps.students.models import Child


@dataclass(frozen=True, slots=True)
class Background:
    """One case as its papers tell it."""

    child: Child  # the one that stands, where it was merged
    absence: AbsenceRun | None
    visits: list[Visit]
    steps: list[LegalStep]  # standing, of this round, with their services

    @property
    def away(self) -> str:
        """Since when the child stays away, in words."""
        if self.absence is not None:
            return f"自{cn_date(self.absence.first_day)}起无正当理由未到校"
        return "至今未在校接受义务教育"

    @property
    def whereabouts(self) -> str:
        """Where it is, as the last visit that says so."""
        return next((visit.whereabouts for visit in reversed(self.visits) if visit.whereabouts), "")

    @property
    def served(self) -> tuple[tuple[str, str, str], ...]:
        """Title, number and day of service of the papers so far."""
        return tuple((one.title, one.number, cn_date(one.service.served_on)) for one in self.steps if one.service is not None)


def background(case: Case) -> Background:
    """What is known of a case; a fixed number of reads."""
    steps = LegalStep.objects.standing().filter(case=case, round=case.repeats).order_by("step", "pk").prefetch_related("services")
    return Background(
        child=Child.objects.select_related("school", "school_class").standing_for(case.child_id).get(), absence=last_absence(case),
        visits=list(Visit.objects.standing().of(case)), steps=list(steps),
    )  # fmt: skip


def reported_groups(case: Case) -> list[str]:
    """The special groups (caring.Group) that the last report of the three lines puts the child into."""
    told = CaseEntry.objects.filter(case=case, data__has_key="groups").order_by("-pk").values_list("data", flat=True).first()
    return list(told["groups"]) if told else []


def last_absence(case: Case) -> AbsenceRun | None:
    """The last absence of its child that was long enough."""
    return AbsenceRun.objects.suspected().filter(child__in=Child.objects.family(case.child_id)).order_by("first_day").last()


def earliest_day(case: Case) -> date:
    """The first day on which a visit about this case can have been: since the child stayed away, since the term whose comparison found it, or
    since the case was opened."""
    absence = AbsenceRun.objects.suspected().filter(child__in=Child.objects.family(case.child_id), first_day__lte=case.opened_on)
    first = absence.order_by("first_day").values_list("first_day", flat=True).last()
    days: list[date] = [case.opened_on, *([first] if first else []), *([case.run.term.first_day] if case.run else [])]
    return min(days)


def lost_on(case: Case) -> tuple[str, date]:
    """Since when the child is known to be lost in this round of its case, with the word for that day: confirmed, lost again, or the case opened."""
    last = case.ledger.filter(target__in=[State.CONFIRMED.value, State.REOPENED.value]).order_by("pk").last()
    if last is None:
        return "立案日", case.opened_on
    return ("再次辍学之日" if last.target == State.REOPENED else "认定之日"), last.happened_on


def visits_shown(case: Case) -> list[Visit]:
    """The visits of a case and of those merged into it, the latest first, each with its line, whether it was corrected and whether it is void."""
    return list(Visit.objects.marked().of(case).select_related("entry").prefetch_related("entry__attachments").order_by("-day", "-pk"))


def steps_shown(case: Case) -> list[LegalStep]:
    """The papers of a case in order, of all rounds, each with its proof of service."""
    services = Prefetch("services", Service.objects.select_related("entry").prefetch_related("entry__attachments"))
    return list(LegalStep.objects.filter(case=case).order_by("round", "pk").prefetch_related(services))


def register(scope: Scope, *, year: int, township: str = "", step: str = "", state: str = "") -> QuerySet[Any]:
    """The legal steps of a year that a scope may see, in the order in which they were issued. ``state``: '' all, waiting (not served), served,
    stopped."""
    found = LegalStep.objects.within(scope).filter(issued_on__year=year)
    if township:
        found = found.filter(office=township)
    if step:
        found = found.filter(step=int(step))
    narrowed: dict[str, dict[str, Any]] = {
        "waiting": {"stopped_on": None, "services": None, "is_skipped": False}, "served": {"services__isnull": False},
        "stopped": {"stopped_on__isnull": False},
    }  # fmt: skip
    found = found.filter(**narrowed.get(state, {}))
    read_with = found.select_related("case__child", "case__school", "case__school_class").prefetch_related("services")
    return read_with.order_by("issued_on", "pk")
