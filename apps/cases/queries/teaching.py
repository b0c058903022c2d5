"""送教上门 by the figures: lessons given against lessons due, of many plans in a fixed number of reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial

from django.db.models import Count, Max, Q, QuerySet, Sum

from apps.cases.models import Case, HomeTeaching, Lesson
from apps.cases.rules import teaching
from apps.core.scope import Scope
from apps.schools.queries import OpenDays
from apps.schools.rules import default_spans, term_of
from apps.students.models import Child
from apps.students.querysets import looked_for

READ_WITH = ("child", "school", "school_class", "case")


@dataclass(frozen=True, slots=True)
class Standing:
    """One plan on one day: lessons due by the last Sunday, given so far, in how many visits, the last one."""

    due: int
    given: int = 0
    visits: int = 0
    last_on: date | None = None

    @property
    def missing(self) -> int:
        """Lessons in arrears."""
        return teaching.missing_lessons(self.due, self.given)


def children(scope: Scope) -> QuerySet[Child]:
    """Whom a school may plan for: its pupils, and the children of its open cases, of whom no register may know yet (失学)."""
    cases = Case.objects.within(scope).open().values("child")
    found: QuerySet[Child] = Child.objects.filter(Q(pk__in=Child.objects.within(scope).values("pk")) | Q(pk__in=cases), merged_into=None)
    return found


class SchoolDays:
    """School days of the plans' schools and grades, counted once for each span."""

    def __init__(self, plans: Sequence[HomeTeaching], *, last: date) -> None:
        first = min((plan.first_day for plan in plans), default=last)
        last = max([last, *(plan.last_day for plan in plans)])
        districts = {plan.district_code for plan in plans}
        self.open = {code: OpenDays(code, {p.school_id for p in plans if p.district_code == code}, first=first, last=last) for code in districts}
        for days in self.open.values():
            days.spans += ahead(days.spans, first=first, last=last)
        self.counted = lru_cache(maxsize=None)(self._count)

    def between(self, plan: HomeTeaching, first: date, last: date) -> int:
        """School days from first to last, both counted, of the plan's school and grade."""
        return self.counted(plan.district_code, plan.school_id, plan.school_class.grade if plan.school_class else 1, first, last)

    def _count(self, district: str, school: str, grade: int, first: date, last: date) -> int:
        is_open = partial(self.open[district].is_school_day, school, grade)
        return sum(is_open(first + timedelta(n)) for n in range(max((last - first).days + 1, 0)))


def ahead(spans: Iterable[tuple[int, int, date, date]], *, first: date, last: date) -> list[tuple[int, int, date, date]]:
    """The usual spans of the terms in between that nobody has set up yet: a plan for the school year is not due within its first half."""
    known = {term_of(begun) for _, _, begun, _ in spans}
    terms = {term_of(first + timedelta(n)) for n in range((last - first).days + 1)} - known
    return [span for term in sorted(terms, key=str) for span in default_spans(term)]


def standings(plans: Sequence[HomeTeaching], *, today: date, days: SchoolDays | None = None) -> dict[int, Standing]:
    """Plan (read with its class) -> how it stands. Five reads for plans of one district."""
    days = days or SchoolDays(plans, last=today)
    upto = teaching.counted_to(today)
    rows = Lesson.objects.counted().filter(plan__in=plans, day__lte=today).order_by().values("plan")
    given = {row["plan"]: row for row in rows.annotate(sum=Sum("lessons"), visits=Count("pk"), last=Max("day"))}
    told = {}
    for plan in plans:
        end = min(plan.last_day, plan.ended_on or plan.last_day)
        total = days.between(plan, plan.first_day, plan.last_day)
        due = teaching.due_lessons(plan.lessons, passed=days.between(plan, plan.first_day, min(upto, end)), total=total)
        row = given.get(plan.pk)
        told[plan.pk] = Standing(due, row["sum"], row["visits"], row["last"]) if row else Standing(due)
    return told


def watched(plans: Sequence[HomeTeaching], *, since: dict[int, date], today: date) -> dict[int, tuple[int, int]]:
    """Case -> (school days watched since a day, the part of them that the lessons given make of the lessons due), by its standing plan."""
    days = SchoolDays(plans, last=today)
    standing = standings(plans, today=today, days=days)
    told: dict[int, tuple[int, int]] = {}
    for plan in plans:
        if plan.case_id in since:
            seen = days.between(plan, max(plan.first_day, since[plan.case_id]), min(today, plan.last_day))
            told[plan.case_id] = seen, teaching.share_taught(seen, due=standing[plan.pk].due, given=standing[plan.pk].given)
    return told


def last_lessons(cases: Iterable[int]) -> dict[int, date]:
    """Case -> the day of the last lesson given by a plan of it."""
    rows = Lesson.objects.counted().filter(plan__case__in=list(cases)).order_by().values("plan__case")
    return dict(rows.annotate(last=Max("day")).values_list("plan__case", "last"))


def listed(scope: Scope, *, year: int, text: str = "", whole: bool = False) -> QuerySet[HomeTeaching]:
    """Plans of a school year, those that ended too."""
    found = HomeTeaching.objects.within(scope).filter(looked_for(text, whole=whole, to="child__"), school_year=year)
    return found.select_related(*READ_WITH).order_by("school", "school_class", "child__pinyin", "pk")


def running(*, today: date, districts: Iterable[str] | None = None) -> list[HomeTeaching]:
    """The plans that run on a day."""
    found = HomeTeaching.objects.filter(ended_on=None, first_day__lte=today, last_day__gte=today, school_year=term_of(today).year)
    found = found if districts is None else found.filter(district_code__in=set(districts))
    return list(found.select_related(*READ_WITH).order_by("pk"))


def plan_of_case(case: int) -> HomeTeaching | None:
    """The standing plan of a case, the newest one."""
    found = HomeTeaching.objects.filter(case=case, ended_on=None).select_related(*READ_WITH)
    return found.order_by("-first_day", "-pk").first()
