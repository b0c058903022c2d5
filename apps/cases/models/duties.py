"""双线十二人制: the posts of the two lines, who holds them where and for whom, and the letters by which they answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.cases.models.case import Case
from apps.cases.querysets import DutyLetterQuerySet, GuarantorQuerySet
from apps.schools.models import School, SchoolClass
from apps.schools.querysets import DistrictQuerySet


class Duty(models.Model):
    """One post of a line in a district: six and six by default, editable."""

    class Line(models.TextChoices):
        GOVERNMENT = "government", "政府线"
        EDUCATION = "education", "教育线"

    class Level(models.TextChoices):
        DISTRICT = "district", "区"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"
        GROUP = "group", "村民小组"
        SCHOOL = "school", "学校"
        CLASS = "class", "班级"
        CHILD = "child", "学生"

    district_code = models.CharField(max_length=6)
    code = models.CharField(max_length=24)
    line = models.CharField("线", max_length=10, choices=Line.choices)
    level = models.CharField("层级", max_length=8, choices=Level.choices)
    label = models.CharField("岗位", max_length=40)
    order = models.PositiveSmallIntegerField("次序", default=0)
    is_active = models.BooleanField("在用", default=True)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["-line", "order", "id"]  # government before education
        verbose_name = verbose_name_plural = "双线岗位"
        constraints = [
            models.UniqueConstraint(fields=["district_code", "code"], name="one_duty_of_a_code", violation_error_message="本区已有这个岗位。"),
        ]

    def __str__(self) -> str:
        return self.label


class Guarantor(models.Model):
    """A person holds a post of a line for a place, or for one child, from one day to another; who takes over has a row of their own."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="holders", verbose_name="岗位")
    district_code = models.CharField(max_length=6)
    region_code = models.CharField(max_length=12, blank=True)  # township or village; '' the district
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", related_name="+", verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, related_name="+", verbose_name="班级")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="guarantors")  # for this child alone
    group = models.CharField("村民小组", max_length=30, blank=True)
    name = models.CharField("姓名", max_length=60)
    job = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    first_day = models.DateField("自")
    last_day = models.DateField("至（含）", null=True)
    named_at = models.DateTimeField("落实时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = GuarantorQuerySet.as_manager()

    class Meta:
        ordering = ["duty__order", "id"]
        verbose_name = verbose_name_plural = "包保责任人"
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "district_code", "region_code", "school", "school_class", "case", "group"], condition=Q(last_day=None),
                nulls_distinct=False, name="one_holder_of_a_duty", violation_error_message="这个岗位在这里已有责任人，请用交接更换。",
            ),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")), name="guarantor_runs_forward", violation_error_message="结束日不能早于起始日。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.duty} {self.name}"


class DutyLetter(models.Model):
    """包保责任书, from one level to the one below: numbered, printed, and its signed scan kept."""

    district_code = models.CharField(max_length=6)
    region_code = models.CharField(max_length=12, blank=True)  # of the lower side
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", related_name="+", verbose_name="学校")
    year = models.PositiveSmallIntegerField("年度")
    number = models.CharField("编号", max_length=100)
    upper = models.CharField("甲方", max_length=100)
    upper_name = models.CharField("甲方责任人", max_length=60)
    lower = models.CharField("乙方", max_length=100)
    lower_name = models.CharField("乙方责任人", max_length=60)
    letter = models.JSONField("正文", default=dict)
    made_at = models.DateTimeField("制作时间")
    signed_on = models.DateField("签订日", null=True)
    file_name = models.CharField("签字扫描件", max_length=255, blank=True)
    stored_name = models.CharField(max_length=60, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    size = models.PositiveIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = DutyLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "id"]
        verbose_name = verbose_name_plural = "包保责任书"
        constraints = [
            models.UniqueConstraint(fields=["district_code", "number"], name="one_duty_letter_number", violation_error_message="这个编号已经用过。"),
            models.CheckConstraint(
                condition=Q(signed_on=None) | ~Q(stored_name=""), name="signed_letter_has_its_scan", violation_error_message="登记签订须上传签字扫描件。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.upper} → {self.lower}"
