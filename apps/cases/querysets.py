"""Named filters over cases and what hangs on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.cases.rules.duties import AHEAD
from apps.cases.workflow import ENDED, OUT, State
from apps.core.medical import reader
from apps.core.scope import Actor, Level, Scope, ScopedQuerySet
from apps.students.querysets import looked_for

# 失学、辍学 and not back yet: also on a roll and placed, as long as nobody has seen the child learn.
STILL_OUT = Q(state__in=sorted(OUT)) | Q(state__in=[State.PLACED.value, State.MONITORING.value], is_unseen=True)
PHONE = (7, 12)  # digits of a telephone number
MOST_DOUBLES = 500  # records that were found to be of another child: more than a search is worth


class CaseQuerySet(ScopedQuerySet[Any]):
    """Cases; begin with ``.within(scope)``."""

    def open(self) -> CaseQuerySet:
        """Cases that have not ended."""
        return self.exclude(state__in=sorted(ENDED))

    def overdue(self, today: date) -> CaseQuerySet:
        """Open cases whose next deadline has passed."""
        return self.open().filter(due_on__lt=today)

    def climbed_to(self, level: int) -> CaseQuerySet:
        """Open cases of which this level of the ladder (rules/climbing.LADDER) was told, and nothing was done since."""
        return self.open().filter(climbed__gte=level)

    def charged_to(self, scope: Scope) -> CaseQuerySet:
        """Open cases that stand assigned to the township, or to the village, of a scope."""
        region = scope.village if scope.level == Level.VILLAGE else scope.township
        return self.within(scope).open().filter(assignments__region_code=region, assignments__ended_at=None) if region else self.none()

    def to_accept(self, scope: Scope) -> CaseQuerySet:
        """Of those charged to a township or village the ones whose receipt is not signed yet."""
        region = scope.village if scope.level == Level.VILLAGE else scope.township
        unsigned = {"assignments__region_code": region, "assignments__ended_at": None, "assignments__accepted_at": None}
        return self.within(scope).open().filter(**unsigned) if region else self.none()

    def once_charged_to(self, scope: Scope) -> CaseQuerySet:
        """Cases that stand or stood assigned to the township, or to the village, of a scope."""
        region = scope.village if scope.level == Level.VILLAGE else scope.township
        return self.within(scope).filter(assignments__region_code=region).distinct() if region else self.none()

    def to_assign(self) -> CaseQuerySet:
        """Cases with somebody to bring back of which no township stands charged."""
        charged = self.model.objects.filter(assignments__level="township", assignments__ended_at=None)
        return self.filter(state__in=sorted(OUT)).exclude(pk__in=charged.values("pk"))

    def owned_by(self, role: str, scope: Scope) -> CaseQuerySet:
        """Open cases whose next task is this post's: of its role, at its place."""
        mine = self.within(scope).open().filter(owner_role=role)
        if scope.level == Level.TOWNSHIP and role == "township":
            return mine.filter(owner_region=scope.township)
        return mine.filter(owner_region=scope.village) if scope.level == Level.VILLAGE else mine

    def search(self, text: str, *, whole: bool = False) -> CaseQuerySet:
        """By name, pinyin initials, the end (``whole``: or all) of the ID number, or the guardian's telephone; a case opened under a record that
        was found to be of another child is found by that one as well."""
        if not text.strip():
            return self
        digits = text.strip().replace("-", "").replace(" ", "")
        is_phone = digits.isascii() and digits.isdigit() and PHONE[0] <= len(digits) <= PHONE[1]

        def meant(to: str) -> Q:
            return Q(**{f"{to}guardian_phone__contains": digits}) if is_phone else looked_for(text, whole=whole, to=to)

        children = self.model._meta.get_field("child").related_model._default_manager
        doubles = list(children.filter(meant("merged_into__"), merged_into__isnull=False).values_list("pk", flat=True)[:MOST_DOUBLES])
        return self.filter(meant("child__") | Q(child__in=doubles)) if doubles else self.filter(meant("child__"))


class OfCaseQuerySet(QuerySet[Any]):
    """Rows that hang on a case: a scope reaches them through it."""

    def within(self, scope: Scope) -> OfCaseQuerySet:
        return self.filter(scope.q("case__"))


class VisitQuerySet(OfCaseQuerySet):
    """Visits."""

    def of(self, *cases: Any) -> VisitQuerySet:
        """Of some cases and of those that were merged into them, each with ``owner``, the case that goes on."""
        ids = [getattr(case, "pk", case) for case in cases]
        family = self.model._meta.get_field("case").related_model._default_manager.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
        return self.filter(case__in=family.values("pk")).annotate(owner=Coalesce("case__merged_into", "case"))

    def standing(self) -> VisitQuerySet:
        """Those that no later record corrects or makes void."""
        return self.marked().filter(corrected=False, voided=False)

    def marked(self) -> VisitQuerySet:
        """All, each with ``corrected``: whether a later record stands in its place, and ``voided``: whether it is void (neither counts)."""
        later = self.model.objects.filter(entry__corrects=OuterRef("entry"))
        lines = self.model._meta.get_field("entry").related_model._default_manager
        void = lines.filter(corrects=OuterRef("entry"), data__has_key="takes_back", visit=None)
        return self.annotate(corrected=Exists(later), voided=Exists(void))


class StepQuerySet(OfCaseQuerySet):
    """Legal steps."""

    def standing(self) -> StepQuerySet:
        """Those that were not stopped."""
        return self.filter(stopped_on=None)


class AttachmentQuerySet(QuerySet[Any]):
    """Files of a case, or of a lesson at home."""

    def within(self, scope: Scope) -> AttachmentQuerySet:
        return self.filter(scope.q("case__") | scope.q("lesson__plan__"))

    def open_to(self, actor: Actor) -> AttachmentQuerySet:
        """Those that a post may take: medical papers only where it may see these. 〔个人信息保护法 第二十八条〕"""
        return self if reader(actor.rights).papers else self.filter(is_medical=False)


class OfPlanQuerySet(QuerySet[Any]):
    """Lessons at home: a scope reaches them through their plan."""

    def within(self, scope: Scope) -> OfPlanQuerySet:
        return self.filter(scope.q("plan__"))

    def counted(self) -> OfPlanQuerySet:
        """Lessons that were given: not taken back, and not the line that takes one back."""
        return self.filter(voids=None, voided_by=None)


class GuarantorQuerySet(QuerySet[Any]):
    """People who answer for places: of the own place, of what lies in it, and of what it lies in; for a child: where the child is seen."""

    def within(self, scope: Scope) -> GuarantorQuerySet:
        whole, for_child = Q(district_code=scope.district), Q(case__isnull=False) & scope.q("case__")
        match scope.level:
            case Level.DISTRICT:
                return self.filter(whole)
            case Level.TOWNSHIP:
                here = Q(region_code="") | Q(region_code__startswith=scope.township)
                place = here & (Q(school=None) | Q(school__in=sorted(scope.schools)))
            case Level.VILLAGE:
                place = Q(region_code__in=["", scope.township, scope.village], school=None)
            case Level.SCHOOL | Level.CLASS:
                place = Q(school=None) | Q(school=scope.school)
            case _:
                return self.none()
        return self.filter(whole & (Q(case=None) & place | for_child))

    def managed_by(self, scope: Scope) -> GuarantorQuerySet:
        """Those that a post at a place names and hands over: of the place itself, of what lies in it, and of the children it sees."""
        for_child = Q(case__isnull=False) & scope.q("case__")
        place = {
            Level.DISTRICT: Q(case=None),
            Level.TOWNSHIP: Q(case=None) & (Q(school=None, region_code__startswith=scope.township) | Q(school__in=sorted(scope.schools))),
            Level.SCHOOL: Q(case=None, school=scope.school),
        }.get(scope.level)
        return self.none() if place is None else self.filter(Q(district_code=scope.district) & (place | for_child))

    def unended(self, today: date) -> GuarantorQuerySet:
        """Those without a last day, or with one that nobody can have meant: they can be ended."""
        return self.filter(Q(last_day=None) | Q(last_day__gt=today + AHEAD))

    def in_force(self, day: date) -> GuarantorQuerySet:
        """Those who answer on a day."""
        return self.filter(Q(last_day=None) | Q(last_day__gte=day), first_day__lte=day)


class DutyLetterQuerySet(QuerySet[Any]):
    """包保责任书: of the own place and of what lies in it."""

    def within(self, scope: Scope) -> DutyLetterQuerySet:
        place = {
            Level.DISTRICT: Q(),
            Level.TOWNSHIP: Q(school=None, region_code__startswith=scope.township) | Q(school__in=sorted(scope.schools)),
            Level.VILLAGE: Q(school=None, region_code=scope.village),
            Level.SCHOOL: Q(school=scope.school),
        }.get(scope.level)
        return self.none() if place is None else self.filter(Q(district_code=scope.district) & place)
