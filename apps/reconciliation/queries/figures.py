"""Every number of the statistics as a condition on the rows of a run, so that a number and its list of children cannot differ."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from apps.core.scope import Level, Scope
from apps.reconciliation import rules
from apps.reconciliation.models import ChildClass, Run
from apps.schools.models import School

HOME, ENROLLED, ATTENDING = "home", "enrolled", "attending"
# Where a child counts: comparison ① at its household, ② at the school of its 学籍, ② the other way at the school it sits in.
SCHOOL_OF = {
    ENROLLED: Coalesce("school_id", "attending_school_id"),
    ATTENDING: Coalesce("attending_school_id", "school_id"),
}
STAGES = {"": "合计", "primary": "小学", "junior": "初中", "other": "学段未定"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: at which of its places a child counts, and which children do."""

    code: str
    label: str
    at: str
    condition: Q


def all_figures() -> dict[str, Figure]:
    """All numbers of the statistics table of the plan by their codes. 适龄, 在籍 and 在校 are facts of the row, not sums of classes:
    the two sides of an identity stay apart."""
    of_age, local = Q(is_school_age=True), Q(is_local=True)
    found = [
        Figure("household_school_age", "东川户籍适龄", HOME, local & of_age),
        Figure("migrant", "外来随迁适龄", ENROLLED, Q(is_local=False) & of_age & (Q(on_roll=True) | Q(is_present=True))),
        Figure("enrolled", "国网学籍数", ENROLLED, Q(on_roll=True)),
        Figure("attending", "在校生数", ATTENDING, Q(is_present=True)),
        Figure(
            "goal",
            "脱贫户、监测户失学、辍学、疑似（比对结果）",
            HOME,
            Q(third__in=["lifted_out", "unstable", "marginal", "sudden_hardship"]) & ~Q(first="medically_unable"),
        ),
        Figure("monitored", "脱贫户适龄", HOME, of_age & Q(group_kind__in=["lifted_out", "unstable"])),
        Figure("inside", "本地户籍区内就读", HOME, local & of_age & Q(first="inside")),
        Figure("outside", "本地户籍区外就读", HOME, local & of_age & Q(first__startswith="outside_")),
    ]
    for comparison, at in (
        (rules.Comparison.FIRST, HOME),
        (rules.Comparison.SECOND, ENROLLED),
        (rules.Comparison.REVERSE, ATTENDING),
        (rules.Comparison.THIRD, HOME),
    ):
        field = rules.FIELDS[comparison]
        found += [Figure(f"{field}_{k.code}", k.label, at, Q(**{field: k.code})) for k in rules.CLASSES[comparison].values()]
    return {figure.code: figure for figure in found}


FIGURES = all_figures()
NAMED = ("household_school_age", "migrant", "enrolled", "attending", "monitored", "inside", "outside")
FIRST_CODES = tuple(f"first_{code}" for code in rules.FIRST)
SECOND_CODES = tuple(f"second_{code}" for code in rules.SECOND)
REVERSE_CODES = tuple(f"reverse_{code}" for code in rules.REVERSE)
THIRD_CODES = tuple(f"third_{code}" for code in rules.THIRD)


def seen(run: Run, scope: Scope) -> QuerySet[ChildClass]:
    """The rows of a run that a post may see: by the child's place, or because the child sits in a class of its school."""
    rows = ChildClass.objects.filter(run=run)
    guests = {Level.SCHOOL: [scope.school], Level.TOWNSHIP: sorted(scope.schools)}.get(scope.level)
    return rows.filter(scope.q() | Q(district_code=scope.district, attending_school__in=guests)) if guests else rows.within(scope)


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
