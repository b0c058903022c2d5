"""Named filters over the three lines."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.attendance.models import AbsenceRun
from apps.cases.models import Handover
from apps.cases.workflow import ENDED
from apps.core.scope import Actor, Level, Scope, ScopedQuerySet
from apps.reporting.workflow import OPEN, THREE, Kind, State


class ReportQuerySet(ScopedQuerySet[Any]):
    """Reports of three lines; begin with ``.within(scope)``."""

    def within(self, scope: Scope) -> ReportQuerySet:
        """Those of a post's own place, and those of the cases that went there: whoever works on a case reads what was reported."""
        return self.filter(scope.q() | scope.q("case__"))

    def elsewhere(self) -> ReportQuerySet:
        """A line of theirs is not out, and their open case is with another school."""
        waits = Q(lines__kind__in=THREE, lines__state__in=OPEN)
        open_ones = self.model.objects.filter(waits, pk=OuterRef("pk"))
        return self.live().filter(Exists(open_ones), case__school__isnull=False).exclude(school=F("case__school"))

    def live(self) -> ReportQuerySet:
        """Those of a case that is not over: only they have a clock."""
        return self.exclude(case__state__in=sorted(ENDED))

    def needed(self) -> ReportQuerySet:
        """Issued already, or still to be: the absence behind the draft stands. A corrected roll call may have made a draft needless."""
        days = Q(first_day__lte=OuterRef("last_day"), last_day__gte=OuterRef("first_day"))
        person = Q(child=OuterRef("child")) | Q(child=OuterRef("child__merged_into"))
        elsewhere = self.model.objects.speaking_instead(case=OuterRef(OuterRef("case")), of=OuterRef(OuterRef("pk")))
        absence = AbsenceRun.objects.suspected().filter(~Exists(elsewhere), days, person)
        return self.live().filter(Q(verified_at__isnull=False) | Exists(absence))

    def speaking_instead(self, *, case: Any, of: Any) -> ReportQuerySet:
        """Inside a query of absences: the reports of a case that speak of the same absence instead of the draft ``of``, issued or drafted
        earlier. A corrected roll call may have made one absence of two."""
        days = Q(first_day__lte=OuterRef("last_day"), last_day__gte=OuterRef("first_day"))
        return self.filter(days, Q(verified_at__isnull=False) | Q(pk__lt=of), case=case).exclude(pk=of)

    def to_verify(self) -> ReportQuerySet:
        """Waiting for the principal."""
        return self.needed().filter(verified_at=None)

    def having(self, kind: Kind, *states: State) -> ReportQuerySet:
        """Those whose line of a kind stands in one of these states (a report has one line of a kind)."""
        return self.filter(lines__kind=kind, lines__state__in=states)

    def incomplete(self) -> ReportQuerySet:
        """At least one of the three lines is not out."""
        return self.needed().filter(lines__kind__in=THREE, lines__state__in=OPEN).distinct()

    def assigned_to(self, scope: Scope) -> ReportQuerySet:
        """Handed to the township of a scope to bring the child back; to a village, those of its own children."""
        told = (State.SENT, State.RECEIVED, State.REPLIED)
        found = self.filter(district_code=scope.district, lines__kind=Kind.TOWNSHIP, lines__office=scope.township, lines__state__in=told)
        return found.filter(village_code=scope.village) if scope.level == Level.VILLAGE else found


class LineQuerySet(QuerySet[Any]):
    """Single lines."""

    def within(self, scope: Scope) -> LineQuerySet:
        """Those of the reports a post may see."""
        return self.filter(scope.q("report__") | scope.q("report__case__"))

    def live(self) -> LineQuerySet:
        """Those of a case that is not over."""
        return self.exclude(report__case__state__in=sorted(ENDED))

    def not_handed_over(self) -> LineQuerySet:
        """Without letters of a case that is handed over to the other district (cases.Handover): its answer is waited for there."""
        handed = Handover.objects.filter(Q(number=OuterRef("number")) | Q(ended_on=None), case=OuterRef("report__case"))
        return self.exclude(Q(kind=Kind.AWAY) & Exists(handed))

    def received_by(self, scope: Scope) -> LineQuerySet:
        """Those addressed to the office of a scope: its township, or the bureau of its district."""
        return self.filter(received_by(scope))


class BatchQuerySet(QuerySet[Any]):
    """Zips of files."""

    def within(self, scope: Scope) -> BatchQuerySet:
        """Those of a district; whose they are, ``of`` says."""
        return self.filter(district_code=scope.district)

    def of(self, actor: Actor) -> BatchQuerySet:
        """Those the acting post asked for: their content was cut to its scope."""
        return self.within(actor.scope).filter(post_id=actor.post_id)


def received_by(scope: Scope) -> Q:
    """Which lines are addressed to the office of a scope."""
    match scope.level:
        case Level.TOWNSHIP:
            return Q(kind=Kind.TOWNSHIP, office=scope.township)
        case Level.DISTRICT:
            return Q(kind=Kind.BUREAU, office=scope.district)
    return Q(pk__in=[])
