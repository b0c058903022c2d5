"""Open cases in which a day that somebody named has passed."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from apps.cases.models import CarePlan, Case, Visit


def cases_with_days_passed(district: str, *, today: date) -> list[Case]:
    """The open cases of a district of which a visit that stands (theirs, or of a case merged into them) names a day of return, or of the next
    visit, before today."""
    named = Visit.objects.standing().filter(Q(promised_on__lt=today) | Q(next_on__lt=today))
    held = Q(pk__in=named.values("case")) | Q(pk__in=named.filter(case__merged_into__isnull=False).values("case__merged_into"))
    found = Case.objects.open().filter(held, district_code=district)
    return list(found.select_related("child", "school", "school_class").order_by("pk"))


def care_to_review(*, today: date) -> list[CarePlan]:
    """The last plan of care of each open case whose review day has come."""
    last = CarePlan.objects.filter(case__in=Case.objects.open()).order_by("case_id", "-pk").distinct("case_id")
    return list(CarePlan.objects.filter(pk__in=last.values("pk"), review_on__lte=today).select_related("case__child").order_by("pk"))
