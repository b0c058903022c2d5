"""After the return: registered again, placed, taught at home, cared for, watched."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.cases.models.case import Case, CaseEntry
from apps.cases.querysets import OfCaseQuerySet, OfPlanQuerySet
from apps.cases.rules.placing import Cause, Placing
from apps.core.labels import joined
from apps.core.medical import shown
from apps.core.scope import ScopedQuerySet
from apps.schools.models import School, SchoolClass
from apps.students.models import Child


class Return(models.Model):
    """The child is registered at a school again; ``ended_on`` where it stayed away again before it counted as returned."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="returns")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, db_column="school_code", related_name="+", verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, related_name="+", verbose_name="班级")
    registered_on = models.DateField("注册日")
    ended_on = models.DateField("再次离校", null=True)
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "复学注册"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_on=None), name="one_standing_return", violation_error_message="已登记复学注册。"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("registered_on")), name="return_runs_forward", violation_error_message="再次离校不能早于注册日。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.school} {self.registered_on}"


class Placement(models.Model):
    """How the child learns now: cause, kind, school and class, assessment, plan, the panel's advice, review days."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="placements")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    cause = models.CharField("辍学原因", max_length=10, choices=[(c.value, c.label) for c in Cause])
    kind = models.CharField("安置方式", max_length=16, choices=[(p.value, p.label) for p in Placing])
    school = models.ForeignKey(School, models.PROTECT, db_column="school_code", related_name="+", verbose_name="接收学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, related_name="+", verbose_name="班级")
    teacher = models.CharField("责任教师", max_length=60)
    assessment = models.CharField("学识评估", max_length=500, blank=True)
    plan = models.CharField("安置方案", max_length=1000)
    panel_on = models.DateField("专家委员会建议日", null=True, blank=True)
    panel_advice = models.CharField("专家委员会建议", max_length=300, blank=True)
    first_day = models.DateField("开始日")
    review_on = models.DateField("复核日")
    ended_on = models.DateField("结束日", null=True)
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "分类安置"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_on=None), name="one_standing_placement", violation_error_message="已有在办的安置方案。"),
            models.CheckConstraint(
                condition=Q(panel_on=None, panel_advice="") | Q(panel_on__isnull=False) & ~Q(panel_advice=""),
                name="panel_advice_whole", violation_error_message="专家委员会的建议须写明日期和内容。",
            ),
            models.CheckConstraint(
                condition=Q(review_on__gt=F("first_day")), name="placement_is_reviewed", violation_error_message="复核日须在开始日之后。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.case} {self.get_kind_display()}"

    def advice(self, *, medical: bool) -> str:
        """What the disability panel advised, as a post reads it. 〔个人信息保护法 第二十八条〕"""
        return shown(self.panel_advice, may=medical)


class PlacementReview(models.Model):
    """Whether a placement does what it is for, on its review day. Append-only."""

    class Outcome(models.TextChoices):
        FITS = "fits", "合适，继续"
        CHANGE = "change", "须调整"
        DONE = "done", "已完成，转原班"

    placement = models.ForeignKey(Placement, models.PROTECT, related_name="reviews")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    day = models.DateField("复核日")
    outcome = models.CharField("结论", max_length=8, choices=Outcome.choices)
    text = models.CharField("情况", max_length=500)
    next_on = models.DateField("下次复核", null=True)
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "安置复核"

    def __str__(self) -> str:
        return f"{self.day} {self.get_outcome_display()}"


class HomeTeaching(models.Model):
    """送教上门: a child taught at home for a school year, with or without a case: who, how many lessons are planned, the plan."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name="学生")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="home_teaching")
    district_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    village_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, db_column="school_code", related_name="+", verbose_name="送教学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, related_name="+", verbose_name="班级")
    school_year = models.PositiveSmallIntegerField("学年")
    lessons = models.PositiveSmallIntegerField("计划课时")
    teachers = models.CharField("送教教师", max_length=100)
    plan = models.CharField("送教计划", max_length=1000)
    first_day = models.DateField("自")
    last_day = models.DateField("至（含）")
    ended_on = models.DateField("终止", null=True)
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-school_year", "id"]
        verbose_name = verbose_name_plural = "送教上门"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "school_year"], condition=Q(ended_on=None), name="one_plan_a_year", violation_error_message="这名学生本学年已有送教计划。"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="home_teaching_runs_forward", violation_error_message="结束日不能早于起始日。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.child} {self.school_year}"


class Lesson(models.Model):
    """One visit of home teaching: when, who, how many lessons, what; photograph and signature are attachments. Append-only: a wrong line is
    taken back by another one that ``voids`` it; neither of the two counts."""

    plan = models.ForeignKey(HomeTeaching, models.PROTECT, related_name="given")
    day = models.DateField("日期")
    teachers = models.CharField("送教教师", max_length=100)
    lessons = models.PositiveSmallIntegerField("课时")
    content = models.CharField("送教内容", max_length=500)
    guardian = models.CharField("家长签字", max_length=60)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by", verbose_name="作废的记录")
    written_at = models.DateTimeField("登记时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["day", "id"]
        verbose_name = verbose_name_plural = "送教记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(lessons__gte=1, lessons__lte=12), name="lessons_of_a_day", violation_error_message="一次送教为 1—12 课时。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.lessons}课时"


class MonitoringNote(models.Model):
    """How the child is doing, weekly then monthly, with what the roll calls said. Append-only."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    day = models.DateField("日期")
    mood = models.CharField("思想动态", max_length=300, blank=True)
    study = models.CharField("学习情况", max_length=300)
    help_given = models.CharField("帮扶措施", max_length=300, blank=True)
    school_days = models.PositiveSmallIntegerField("应到上课日")
    present_days = models.PositiveSmallIntegerField("实到")
    written_at = models.DateTimeField("登记时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["day", "id"]
        verbose_name = verbose_name_plural = "跟踪记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(present_days__lte=F("school_days")), name="present_within_school_days", violation_error_message="实到不能多于应到。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.case}"

    @property
    def said(self) -> str:
        """What was written down, as one sentence."""
        return joined(f"学习：{self.study}", self.mood and f"思想：{self.mood}", self.help_given and f"帮扶：{self.help_given}")


class CarePlan(models.Model):
    """关心关爱方案 of a returned child: who looks after it, how, until when it is looked at again."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="care_plans")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    teacher = models.CharField("责任教师", max_length=60)
    groups = models.JSONField("特殊群体", default=list)
    text = models.CharField("关爱措施", max_length=1000)
    first_day = models.DateField("自")
    review_on = models.DateField("复核日")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "关爱方案"
        constraints = [
            models.CheckConstraint(
                condition=Q(review_on__gt=F("first_day")), name="care_is_reviewed", violation_error_message="复核日须在开始日之后。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.teacher}"
