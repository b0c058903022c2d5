"""Places and times: regions, schools, classes, terms, calendar, and the district's own policy numbers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from apps.schools import policy
from apps.schools.querysets import DistrictQuerySet, OfSchoolQuerySet, RegionQuerySet, SchoolQuerySet, TermQuerySet
from apps.schools.rules import MARKETS


class Region(models.Model):
    """A place of the administrative tree by its official code (GB/T 2260, GB/T 10114)."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        PREFECTURE = "prefecture", "州市"
        DISTRICT = "district", "县区"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"

    code = models.CharField("代码", max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{2,12}$", "行政区划代码只能是数字。")])
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级")
    order = models.PositiveSmallIntegerField("次序", default=0)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "行政区划"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A code begins with its parent's and has the length of its level (GB/T 2260, GB/T 10114)."""
        length = {"province": 2, "prefecture": 4, "district": 6, "township": 9, "village": 12}.get(self.level)
        faults: dict[str, list[str]] = {"code": [], "parent": []}
        if length and len(self.code) != length:
            faults["code"].append(f"{self.get_level_display()}的代码应为 {length} 位数字。")
        if self.parent_id and not self.code.startswith(self.parent_id):
            faults["code"].append(f"代码应以上级代码 {self.parent_id} 开头。")
        if self.level == self.Level.VILLAGE and self.parent and self.parent.level != self.Level.TOWNSHIP:
            faults["parent"].append("村（社区）应在乡镇（街道）之下。")
        if told := {name: sentences for name, sentences in faults.items() if sentences}:
            raise ValidationError(told)


class School(models.Model):
    """A school by its national code (学校标识码)."""

    class Kind(models.TextChoices):
        PRIMARY = "primary", "小学"
        TEACHING_POINT = "teaching_point", "教学点"
        JUNIOR = "junior", "初级中学"
        NINE_YEAR = "nine_year", "九年一贯制"
        SPECIAL = "special", "特殊教育"

    code = models.CharField("学校标识码", max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{8,12}$", "学校标识码应为 8—12 位数字。")])
    name = models.CharField("学校名称", max_length=60, db_index=True)
    kind = models.CharField("办学类型", max_length=20, choices=Kind.choices)
    district_code = models.CharField("区县", max_length=6, db_index=True)
    township = models.ForeignKey(Region, models.PROTECT, related_name="schools", verbose_name="乡镇")
    is_central = models.BooleanField("是否中心学校", default=False)
    is_open = models.BooleanField("在办", default=True)
    market = models.CharField("赶集日", max_length=1, choices=MARKETS, blank=True, help_text="当地的赶集日；填了才会提示“赶集前后缺课”")

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "学校"
        constraints = [
            models.UniqueConstraint(
                fields=["township"], condition=Q(is_central=True, is_open=True), name="one_central_school",
                violation_error_message="一个乡镇只能有一所中心学校，请先取消原中心学校。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A school stands in a township of its own district."""
        if self.township_id and not (len(self.township_id) == 9 and self.township_id.startswith(self.district_code)):
            raise ValidationError({"township": "学校所在地应为本区县的乡镇（街道）。"})


class Catchment(models.Model):
    """片区: which villages a school must take in, per stage."""

    school = models.ForeignKey(School, models.CASCADE, related_name="catchment", verbose_name="学校")
    region = models.ForeignKey(Region, models.CASCADE, related_name="+", verbose_name="村（社区）")
    stage = models.CharField("学段", max_length=8, choices=[("primary", "小学"), ("junior", "初中")])

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "片区"
        constraints = [
            models.UniqueConstraint(
                fields=["region", "stage"], name="one_school_per_village_stage", violation_error_message="同一村（社区）同一学段只能划入一所学校的片区。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.region} → {self.school}"


class SchoolClass(models.Model):
    """A class of one school year. ``name`` is the plain class number or name as normalised by the rosters."""

    school = models.ForeignKey(School, models.CASCADE, related_name="classes", verbose_name="学校")
    school_year = models.PositiveSmallIntegerField("学年", help_text="2026 指 2026—2027 学年")
    grade = models.PositiveSmallIntegerField("年级")
    name = models.CharField("班级", max_length=30)

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["school", "-school_year", "grade", "name"]
        verbose_name = verbose_name_plural = "班级"
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year", "grade", "name"], name="one_class", violation_error_message="该校本学年已有同名班级。"),
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=9), name="grade_1_to_9", violation_error_message="年级应为 1—9。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{'一二三四五六七八九'[self.grade - 1]}（{self.name}）班"


class Term(models.Model):
    """A term of a district; the days of single grades stand in its spans."""

    district_code = models.CharField("区县", max_length=6)
    code = models.CharField("学期", max_length=11, validators=[RegexValidator(r"^\d{4}-\d{4}-[12]$", "学期写作 2026-2027-1。")])
    first_day = models.DateField("开学")
    last_day = models.DateField("放假")
    is_confirmed = models.BooleanField("校历已确认", default=False, help_text="按缺省校历生成的学期须由区教体局确认")

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["-code"]
        verbose_name = verbose_name_plural = "学期"
        constraints = [
            models.UniqueConstraint(fields=["district_code", "code"], name="one_term", violation_error_message="该学期已经存在。"),
            models.CheckConstraint(condition=Q(last_day__gt=F("first_day")), name="term_runs_forward", violation_error_message="放假日期应晚于开学日期。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    @property
    def school_year(self) -> int:
        """The year in which the school year began."""
        return int(self.code[:4])

    @property
    def label(self) -> str:
        """2026—2027学年上学期"""
        return f"{self.code[:4]}—{self.code[5:9]}学年{'上' if self.code[-1] == '1' else '下'}学期"


class TermSpan(models.Model):
    """First and last school day of some grades in a term (grade 9 leaves later)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="spans", verbose_name="学期")
    grade_from = models.PositiveSmallIntegerField("自年级")
    grade_to = models.PositiveSmallIntegerField("至年级")
    first_day = models.DateField("开学")
    last_day = models.DateField("放假")

    class Meta:
        ordering = ["grade_from"]
        verbose_name = verbose_name_plural = "学期（分年级）"
        constraints = [
            models.CheckConstraint(
                condition=Q(grade_from__gte=1, grade_to__lte=9, grade_from__lte=F("grade_to")),
                name="span_grades",
                violation_error_message="年级范围应在 1—9 之间。",
            ),
            models.CheckConstraint(condition=Q(last_day__gt=F("first_day")), name="span_runs_forward", violation_error_message="放假日期应晚于开学日期。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.grade_from}—{self.grade_to}年级"


class CalendarDay(models.Model):
    """One day of a district's calendar that is not as its weekday says, or that somebody confirmed."""

    class Origin(models.TextChoices):
        SEED = "seed", "国家节假日安排"
        WEEKDAY = "weekday", "按周末推算"
        OWN = "own", "本区调整"

    district_code = models.CharField("区县", max_length=6)
    day = models.DateField("日期")
    is_school_day = models.BooleanField("上课")
    note = models.CharField("说明", max_length=60, blank=True)
    origin = models.CharField("来源", max_length=8, choices=Origin.choices, default=Origin.OWN)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        verbose_name = verbose_name_plural = "校历"
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "day"], name="one_calendar_day", violation_error_message="该日已在校历中，请修改原有一行。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {'上课' if self.is_school_day else '放假'}"


class CalendarYear(models.Model):
    """Whether a calendar year has been confirmed; an unconfirmed one is said loudly on every page that counts days."""

    district_code = models.CharField("区县", max_length=6)
    year = models.PositiveSmallIntegerField("年份")
    is_confirmed = models.BooleanField("已确认", default=False)
    origin = models.CharField("来源", max_length=8, choices=CalendarDay.Origin.choices)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["year"]
        verbose_name = verbose_name_plural = "校历年份"
        constraints = [
            models.UniqueConstraint(fields=["district_code", "year"], name="one_calendar_year", violation_error_message="该年校历已经存在。")
        ]

    def __str__(self) -> str:
        return f"{self.year}年{'' if self.is_confirmed else '（待确认）'}"


class Closure(models.Model):
    """A local closure of one school: snow, landslide, exam site."""

    school = models.ForeignKey(School, models.CASCADE, related_name="closures", verbose_name="学校")
    first_day = models.DateField("自")
    last_day = models.DateField("至")
    reason = models.CharField("原因", max_length=100)

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day"]
        verbose_name = verbose_name_plural = "临时停课"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="closure_runs_forward", violation_error_message="停课结束日期不能早于开始日期。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.first_day}—{self.last_day}"

    def clean(self) -> None:
        """A day is closed once: two rows of a school do not overlap."""
        if self.school_id and self.first_day and self.last_day:
            same = Closure.objects.filter(school_id=self.school_id, first_day__lte=self.last_day, last_day__gte=self.first_day)
            if same.exclude(pk=self.pk).exists():
                raise ValidationError("该校这几天已登记停课，请修改原有一行。")


class OpenDay(models.Model):
    """A day on which one school has class though the district's calendar says no: boarding cycles, classes made up after a closure."""

    school = models.ForeignKey(School, models.CASCADE, related_name="open_days", verbose_name="学校")
    day = models.DateField("日期")
    reason = models.CharField("原因", max_length=100)

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        verbose_name = verbose_name_plural = "本校加课日"
        constraints = [models.UniqueConstraint(fields=["school", "day"], name="one_open_day", violation_error_message="该校当日已登记加课。")]

    def __str__(self) -> str:
        return f"{self.school} {self.day}"


class PolicyValue(models.Model):
    """A district's own number of the rules from a day on (schools/policy.py holds defaults and sources)."""

    district_code = models.CharField("区县", max_length=6)
    key = models.CharField("项目", max_length=40, choices=[(n.key, n.label) for n in policy.NUMBERS])
    value = models.IntegerField("数值")
    effective_from = models.DateField("自何日起")
    basis = models.CharField("依据", max_length=200, help_text="文件名称与文号")

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-effective_from"]
        verbose_name = verbose_name_plural = "政策数值"
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "key", "effective_from"],
                name="one_policy_value",
                violation_error_message="该项目当日已有数值，请修改原有一行。",
            )
        ]

    def __str__(self) -> str:
        return f"{policy.BY_KEY[self.key].label} {self.value_said}，自 {self.effective_from} 起"

    @property
    def value_said(self) -> str:
        """The value with its unit: '3 上课日', '15:00'."""
        return policy.BY_KEY[self.key].said(self.value)

    def clean(self) -> None:
        """Keep the number within what can be meant."""
        number = policy.BY_KEY.get(self.key)
        if number and self.value is not None and (fault := number.fault(self.value)):
            raise ValidationError({"value": fault})
