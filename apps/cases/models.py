"""一生一案: one child, one case, and its ledger that only grows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.cases.workflow import ENDED, State
from apps.reconciliation.models import Finding, Run
from apps.reconciliation.querysets import ChildRowQuerySet
from apps.schools.models import School, SchoolClass
from apps.students.models import Child


class CaseQuerySet(ChildRowQuerySet):
    """Cases; begin with ``.within(scope)``."""

    def open(self) -> CaseQuerySet:
        """Cases that have not ended."""
        return self.exclude(state__in=sorted(ENDED))


class Case(models.Model):
    """A child that was lost and how it is brought back."""

    class Origin(models.TextChoices):
        COMPARISON = "comparison", "四查三比对"
        ABSENCE = "absence", "连续未到校"
        VILLAGE = "village", "村级报告"

    child = models.ForeignKey(Child, models.PROTECT, related_name="cases", verbose_name="儿童")
    district_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    village_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, verbose_name="班级")
    stage = models.CharField("学段", max_length=8, blank=True)
    state = models.CharField("状态", max_length=12, choices=[(s.value, s.label) for s in State])
    origin = models.CharField("来源", max_length=12, choices=Origin.choices)
    reason = models.CharField("立案理由", max_length=300)
    is_never_enrolled = models.BooleanField("失学", default=False)
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="cases", verbose_name="比对")
    finding = models.ForeignKey(Finding, models.SET_NULL, null=True, related_name="cases", verbose_name="比对问题")
    opened_on = models.DateField("立案日")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-id"]
        verbose_name = verbose_name_plural = "个案"
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=~Q(state__in=["cleared", "closed"]),
                name="one_open_case",
                violation_error_message="该儿童已有未结的个案。",
            )
        ]
        indexes = [
            models.Index(fields=["district_code", "state", "-opened_on"], name="case_by_state"),
            models.Index(fields=["township_code"], name="case_of_township"),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.get_state_display()}"

    @property
    def standing(self) -> State:
        """The state with its words and tone."""
        return State(self.state)


class CaseEntry(models.Model):
    """One line of a case's ledger. Append-only: a trigger refuses UPDATE and DELETE; corrections are new lines."""

    class Kind(models.TextChoices):
        OPENED = "opened", "立案"
        MOVED = "moved", "状态变更"
        NOTE = "note", "记录"
        CORRECTION = "correction", "更正"

    case = models.ForeignKey(Case, models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.CharField("内容", max_length=1000)
    happened_on = models.DateField("发生日")
    written_at = models.DateTimeField("登记时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case"], condition=Q(data__has_key="absence"), name="entry_of_absence")]

    def __str__(self) -> str:
        return self.text
