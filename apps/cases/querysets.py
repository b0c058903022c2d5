"""Named filters over cases and what hangs on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.cases.workflow import ENDED
from apps.core.scope import Level, Scope, ScopedQuerySet
from apps.students.querysets import looked_for

PHONE = (7, 12)  # digits of a telephone number


class CaseQuerySet(ScopedQuerySet[Any]):
    """Cases; begin with ``.within(scope)``."""

    def open(self) -> CaseQuerySet:
        """Cases that have not ended."""
        return self.exclude(state__in=sorted(ENDED))

    def overdue(self, today: date) -> CaseQuerySet:
        """Open cases whose next deadline has passed."""
        return self.open().filter(due_on__lt=today)

    def owned_by(self, role: str, scope: Scope) -> CaseQuerySet:
        """Open cases whose next task is this post's: of its role, at its place."""
        mine = self.within(scope).open().filter(owner_role=role)
        if scope.level == Level.TOWNSHIP and role == "township":
            return mine.filter(owner_region=scope.township)
        return mine.filter(owner_region=scope.village) if scope.level == Level.VILLAGE else mine

    def search(self, text: str, *, whole: bool = False) -> CaseQuerySet:
        """By name, pinyin initials, the end (``whole``: or all) of the ID number, or the guardian's telephone."""
        digits = text.strip().replace("-", "").replace(" ", "")
        if digits.isascii() and digits.isdigit() and PHONE[0] <= len(digits) <= PHONE[1]:
            return self.filter(child__guardian_phone__contains=digits)
        return self.filter(looked_for(text, whole=whole, to="child__"))

    def answered_for_by(self, name: str, *, day: date) -> CaseQuerySet:
        """Cases of children for whom somebody of this name answers on a day: named for the child, or for its class, school, village, township."""
        held = self.model._meta.get_field("guarantors").related_model._default_manager.in_force(day).filter(name=name)
        return self.filter(
            Q(pk__in=held.filter(case__isnull=False).values("case_id"))
            | Q(school_class__in=held.filter(case=None).values("school_class_id"))
            | Q(school__in=held.filter(case=None, school_class=None).values("school_id"))
            | Q(village_code__in=held.filter(case=None, school=None).exclude(region_code="").values("region_code"))
            | Q(township_code__in=held.filter(case=None, school=None).exclude(region_code="").values("region_code"))
        )


class OfCaseQuerySet(QuerySet[Any]):
    """Rows that hang on a case: a scope reaches them through it."""

    def within(self, scope: Scope) -> OfCaseQuerySet:
        return self.filter(scope.q("case__"))


class VisitQuerySet(OfCaseQuerySet):
    """Visits."""

    def standing(self) -> VisitQuerySet:
        """Those that no later record corrects."""
        return self.marked().filter(corrected=False)

    def marked(self) -> VisitQuerySet:
        """All, each with ``corrected``: whether a later record stands in its place."""
        return self.annotate(corrected=Exists(self.model.objects.filter(entry__corrects=OuterRef("entry"))))


class StepQuerySet(OfCaseQuerySet):
    """Legal steps."""

    def standing(self) -> StepQuerySet:
        """Those that were not stopped."""
        return self.filter(stopped_on=None)


class AttachmentQuerySet(QuerySet[Any]):
    """Files of a case, or of a lesson at home."""

    def within(self, scope: Scope) -> AttachmentQuerySet:
        return self.filter(scope.q("case__") | scope.q("lesson__plan__"))


class OfPlanQuerySet(QuerySet[Any]):
    """Lessons at home: a scope reaches them through their plan."""

    def within(self, scope: Scope) -> OfPlanQuerySet:
        return self.filter(scope.q("plan__"))


class GuarantorQuerySet(QuerySet[Any]):
    """People who answer for places and children: of the own place, of what lies in it, and of what it lies in."""

    def within(self, scope: Scope) -> GuarantorQuerySet:
        whole = Q(district_code=scope.district)
        match scope.level:
            case Level.DISTRICT:
                return self.filter(whole)
            case Level.TOWNSHIP:
                here = Q(region_code="") | Q(region_code__startswith=scope.township)
                return self.filter(whole & here & (Q(school=None) | Q(school__in=sorted(scope.schools))))
            case Level.VILLAGE:
                return self.filter(whole & Q(region_code__in=["", scope.township, scope.village], school=None))
            case Level.SCHOOL | Level.CLASS:
                return self.filter(whole & (Q(school=None) | Q(school=scope.school)))
        return self.none()

    def in_force(self, day: date) -> GuarantorQuerySet:
        """Those who answer on a day."""
        return self.filter(Q(last_day=None) | Q(last_day__gte=day), first_day__lte=day)
