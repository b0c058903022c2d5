"""Every number of the statistics as a condition on the rows of a run, so that a number and its list of children cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.core.scope import Level, Scope
from apps.reconciliation import rules
from apps.reconciliation.comparisons.facts import LEFT_THE_ROLL
from apps.reconciliation.models import ChildClass, Run
from apps.schools import queries as places
from apps.schools.models import School
from apps.schools.rules import cohort_bounds

HOME, ENROLLED, ATTENDING = "home", "enrolled", "attending"
# Where a child counts: comparison ① at its household, ② at the school of its 学籍, ② the other way at the school it sits in.
SCHOOL_OF = {
    ENROLLED: Coalesce("enrollment__school_id", "school_id"),
    ATTENDING: Coalesce("attending__school_id", "school_id"),
}
STAGES = {"": "合计", "primary": "小学", "junior": "初中", "other": "学段未定"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. Each part says where its children count and which they are."""

    code: str
    label: str
    parts: tuple[tuple[str, Q], ...]
    tone: str = ""


def sitting() -> tuple[tuple[str, Q], ...]:
    """在校生数 counted from the class lists themselves, not from the classes of ②: the two sides of the identity stay apart.

    A row a person settled counts as the person said.
    """
    by_hand, back = Q(second_reason__startswith=rules.BY_HAND), Q(reverse_reason__startswith=rules.BY_HAND)
    own_school = ~Q(second="") & Q(attending__isnull=False, attending__school_id=F("enrollment__school_id"))
    guest = Q(attending__isnull=False) & (Q(second="") | ~Q(attending__school_id=F("enrollment__school_id")))
    remark = ~Q(attending__remark="")  # a line with a remark sits in class only if ② read the remark so
    return (
        (ENROLLED, (by_hand & Q(second="attending")) | (~by_hand & own_school & (Q(second="attending") | ~remark))),
        (ATTENDING, (back & ~Q(reverse="")) | (~back & guest & ~(Q(reverse="") & remark))),
    )


def figures(bounds: tuple[date, date]) -> dict[str, Figure]:
    """All numbers of the statistics table of the plan by their codes; ``bounds``: birth dates of compulsory age."""
    of_age = Q(child__birth_date__range=bounds)
    on_roll = Q(enrollment__isnull=False) & ~Q(enrollment__state__in=sorted(LEFT_THE_ROLL))
    forgotten = Q(household__isnull=False, first="") & of_age  # must be none: a household line of school age without a class
    found = [
        Figure("household_school_age", "东川户籍适龄", ((HOME, ~Q(first__in=["", "no_residence"]) | forgotten),)),
        Figure("migrant", "外来随迁适龄", ((ENROLLED, Q(is_local=False) & of_age),)),
        Figure("enrolled", "国网学籍数", ((ENROLLED, ~Q(second="") | (on_roll & Q(second=""))),)),
        Figure("attending", "在校生数", sitting()),
        Figure("monitored", "脱贫户适龄", ((HOME, Q(monitored__isnull=False) & of_age),)),
        Figure("inside", "本地户籍区内就读", ((HOME, Q(first="inside")),)),
        Figure("outside", "本地户籍区外就读", ((HOME, Q(first__startswith="outside_")),)),
    ]
    for comparison, at in ((rules.Comparison.FIRST, HOME), (rules.Comparison.SECOND, ENROLLED), (rules.Comparison.REVERSE, ATTENDING), (rules.Comparison.THIRD, HOME)):
        field = rules.FIELDS[comparison]
        found += [Figure(f"{field}_{k.code}", k.label, ((at, Q(**{field: k.code})),), k.tone) for k in rules.CLASSES[comparison].values()]
    return {figure.code: figure for figure in found}


NAMED = ("household_school_age", "migrant", "enrolled", "attending", "monitored", "inside", "outside")
FIRST_CODES = tuple(f"first_{code}" for code in rules.FIRST)
SECOND_CODES = tuple(f"second_{code}" for code in rules.SECOND)
REVERSE_CODES = tuple(f"reverse_{code}" for code in rules.REVERSE)
THIRD_CODES = tuple(f"third_{code}" for code in rules.THIRD)


def bounds_of(run: Run) -> tuple[date, date]:
    """First and last birth date of compulsory age in the run's school year, by the district's policy."""
    numbers = places.policy(district=run.district_code, day=run.as_of)
    return cohort_bounds(run.term.school_year, entry_age=numbers["entry_age"], leaving_age=numbers["leaving_age"])


def seen(run: Run, scope: Scope) -> QuerySet[ChildClass]:
    """The rows of a run that a post may see: by the child's place, or because a line of its own registers stands in the row."""
    rows = ChildClass.objects.filter(run=run)
    if scope.level in (Level.DISTRICT, Level.NOBODY, Level.VILLAGE):
        return rows.within(scope)
    return rows.filter(scope.q() | scope.q("enrollment__") | scope.q("attending__"))


def counted_at(rows: QuerySet[ChildClass], at: str, *, scope: Scope, township: str = "", village: str = "", school: str = "") -> QuerySet[ChildClass]:
    """The rows that count at a place; the same narrowing for the number and for its list."""
    if at == HOME:
        wanted = scope.township if scope.level == Level.TOWNSHIP else township
        rows = rows.filter(township_code=wanted) if wanted else rows
        return rows.filter(Q(village_code=village) | Q(village_code="", village_name=village)) if village else rows
    rows = rows.annotate(counted_school=SCHOOL_OF[at])
    if scope.level in (Level.SCHOOL, Level.CLASS):
        return rows.filter(counted_school=scope.school)
    if scope.level == Level.TOWNSHIP:
        rows = rows.filter(counted_school__in=sorted(scope.schools))
    if school:
        return rows.filter(counted_school=school)
    return rows.filter(counted_school__in=School.objects.filter(township_id=township).values("pk")) if township else rows
