"""The child, and the papers that prove who a child is."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from apps.schools.models import School, SchoolClass
from apps.students.querysets import ChildQuerySet


class IdDocument(models.Model):
    """A number that identifies a person, in a table of its own (个人信息保护法 §28).

    The primary key is the 64-bit hash of kind and number (``hashtextextended('resident:…', 0)``): a register row finds its
    document without a look-up, and equal keys mean equal numbers. Pages read ``masked``; the full number leaves only through
    ``students.actions.reveal_number``.
    """

    class Kind(models.TextChoices):
        RESIDENT = "resident", "居民身份证"
        DISABILITY = "disability", "残疾人证"
        STUDENT = "student", "学籍号"
        OTHER = "other", "其他证件"

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField("种类", max_length=10, choices=Kind.choices)
    number = models.CharField("号码", max_length=40)
    masked = models.CharField("掩码", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "证件"

    def __str__(self) -> str:
        return self.masked


class Child(models.Model):
    """One child, as far as the registers and people's decisions tell; where it lives and learns now.

    Few indexes and no look-up of document, school and class by the database: children come by ten thousands from one register, written
    by set-based SQL that takes these from their tables, and each further index costs a tenth of that load.
    """

    class Sex(models.TextChoices):
        MALE = "M", "男"
        FEMALE = "F", "女"

    name = models.CharField("姓名", max_length=50)
    pinyin = models.CharField("拼音", max_length=200, blank=True)
    initials = models.CharField("拼音首字母", max_length=50, blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField("出生日期", null=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    document = models.ForeignKey(IdDocument, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False, verbose_name="证件")
    id_masked = models.CharField("证件号（掩码）", max_length=40, blank=True)
    guardian_name = models.CharField("监护人", max_length=50, blank=True)
    guardian_phone = models.CharField("监护人电话", max_length=30, blank=True)
    address = models.CharField("住址", max_length=200, blank=True)
    district_code = models.CharField("区县", max_length=6)
    township_code = models.CharField("户籍乡镇", max_length=9, blank=True)
    village_code = models.CharField("村（社区）", max_length=12, blank=True)
    school = models.ForeignKey(
        School, models.PROTECT, null=True, related_name="children", db_column="school_code", db_index=False, db_constraint=False, verbose_name="学校"
    )
    school_class = models.ForeignKey(
        SchoolClass, models.SET_NULL, null=True, related_name="children", db_index=False, db_constraint=False, verbose_name="班级"
    )
    grade = models.PositiveSmallIntegerField("年级", null=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", db_index=False, db_constraint=False, verbose_name="并入"
    )

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "儿童"
        indexes = [
            BrinIndex(fields=["school", "school_class"], name="child_of_class", pages_per_range=16),  # they come school by school
            models.Index(fields=["merged_into"], name="child_merged", condition=models.Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
