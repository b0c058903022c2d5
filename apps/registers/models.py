"""Registers in: an upload, its staged rows, and the lines (entries) that stand after a commit.

Entries are versions: a commit adds lines and marks the ones it replaces, so that undo is exact and a comparison can name the
uploads it used and be repeated.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.registers.querysets import EntryQuerySet, UploadQuerySet
from apps.schools.models import School, SchoolClass, Term
from apps.students.models import Child, IdDocument


class Kind(models.TextChoices):
    """The five registers of 四查三比对 (DATA.md §1)."""

    ENROLLMENT = "enrollment", "国网学籍"
    HOUSEHOLD = "household", "户籍"
    ATTENDING = "attending", "实际在校"
    MONITORED = "monitored", "脱贫户与三类监测"
    SURVEY = "survey", "铁脚板摸排"


class Upload(models.Model):
    """One file handed in for one register of one term: from the bytes to the commit."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待读取"
        READING = "reading", "读取中"
        HEADINGS = "headings", "待对应表头"
        STAGED = "staged", "待核对"
        COMMITTED = "committed", "已提交"
        REFUSED = "refused", "未收下"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"

    kind = models.CharField("名册", max_length=12, choices=Kind.choices)
    term = models.ForeignKey(Term, models.PROTECT, related_name="uploads", verbose_name="学期")
    district_code = models.CharField("区县", max_length=6)
    township_code = models.CharField("乡镇", max_length=9, blank=True)
    village_code = models.CharField("村", max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, db_column="school_code", verbose_name="学校")
    file_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField("存储名", max_length=80, unique=True)
    size = models.BigIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    sentence = models.CharField("说明", max_length=1000, blank=True)
    headings = models.JSONField("表头", default=dict)  # {"unknown": [{heading, samples}], "missing": [...], "learned": {heading: field}}
    progress = models.JSONField("进度", default=dict)  # {"phase", "read": rows, "rows": checked, "attempts", "code"}
    counts = models.JSONField("计数", default=dict)  # rows accepted cleaned rejected inserted updated unchanged missing, kind_doubt twin
    warnings = models.JSONField("提示", default=list)  # sentences for the whole file
    missing_answer = models.JSONField("缺失处理", default=dict)  # {"default": "left|absent_from_file|see_comparison", entry id: answer}
    base = models.BigIntegerField("核对时的提交序号", default=0)
    committed_seq = models.BigIntegerField("提交序号", null=True, unique=True)
    lease_until = models.DateTimeField(null=True)
    held_by = models.CharField("用到它的比对", max_length=40, blank=True)  # in words; a held commit cannot be undone
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="uploads", verbose_name="上传人")
    created_title = models.CharField("上传岗位", max_length=200, blank=True)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    committed_at = models.DateTimeField("提交时间", null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "上传"
        indexes = [models.Index(fields=["district_code", "term", "kind", "state"], name="upload_of_term")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @property
    def path(self) -> Path:
        """Where the bytes lie, outside the web root."""
        return Path(settings.UPLOAD_DIR) / self.stored_name


class Line(models.Model):
    """What a row of a register says: the same columns before the commit (StagedRow) and after it (Entry)."""

    row = models.IntegerField("数据行号")
    sheet_row = models.IntegerField("表内行号")
    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField(max_length=50)
    name_sound = models.CharField(max_length=200)
    pinyin = models.CharField(max_length=200, blank=True)
    initials = models.CharField(max_length=50, blank=True)
    sex = models.CharField("性别", max_length=1, blank=True)
    birth_date = models.DateField("出生日期", null=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    id_masked = models.CharField("证件号（掩码）", max_length=40, blank=True)
    student_masked = models.CharField("学籍号（掩码）", max_length=40, blank=True)
    grade = models.PositiveSmallIntegerField("年级", null=True)
    class_name = models.CharField("班级", max_length=30, blank=True)
    state = models.CharField("状态", max_length=30, blank=True)
    guardian_name = models.CharField("监护人", max_length=50, blank=True)
    guardian_key = models.CharField(max_length=50, blank=True)
    guardian_phone = models.CharField("监护人电话", max_length=30, blank=True)
    address = models.CharField("住址", max_length=200, blank=True)
    household_number = models.CharField("户号", max_length=30, blank=True)
    head_name = models.CharField("户主", max_length=50, blank=True)
    residence_code = models.CharField("户口所在地", max_length=12, blank=True)
    group_kind = models.CharField("户类型", max_length=20, blank=True)
    village_name = models.CharField("村", max_length=60, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)
    reported_on = models.DateField("报到或摸排日期", null=True)
    school_text = models.CharField("就读学校", max_length=100, blank=True)
    situation_text = models.CharField("就读情况", max_length=200, blank=True)
    details = models.JSONField("其他列", default=dict)  # layouts.staged.DETAILS, guardian_masked, guardian_document, extra {heading: cell}

    class Meta:
        abstract = True


class StagedRow(Line):
    """A row of an uploaded file, cleaned and checked, kept until somebody says yes; columns: layouts.STAGED_COLUMNS.

    At the commit only rows with a remark stay, for the problem workbook, with their numbers masked.
    """

    pk = models.CompositePrimaryKey("upload_id", "row")
    upload = models.ForeignKey(Upload, models.CASCADE, related_name="rows", db_index=False, db_constraint=False)
    sheet = models.TextField()
    status = models.CharField(max_length=8)
    key = models.TextField()
    fingerprint = models.BigIntegerField(default=0)  # of all that the row says; Entry's own adds the township, which may be found out later
    is_repeated = models.BooleanField(default=False)  # shares a key, an ID or a student number with another accepted row
    id_kind = models.TextField()
    id_number = models.CharField(max_length=40)
    student_number = models.CharField(max_length=40)
    school_code = models.TextField()
    school_name = models.TextField()
    guardian_id_number = models.CharField(max_length=40)
    township_code = models.TextField()
    township_name = models.TextField()
    cleaned = models.JSONField(default=list)
    problems = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.row}"


class HeadingAlias(models.Model):
    """A heading a person explained once; remembered for that school or township."""

    district_code = models.CharField(max_length=6)
    place_code = models.CharField("学校或乡镇", max_length=12, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    heading = models.CharField("表头", max_length=100)
    field = models.CharField("字段", max_length=40)  # '' = keep as it came
    created_by = models.ForeignKey(User, models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "place_code", "kind", "heading"], name="one_meaning", violation_error_message="该表头已有对应字段。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.heading} → {self.field}"


class Entry(Line):
    """One line of one register, as one upload brought it. In force while nothing superseded or ended it.

    Lines are written by commit_upload alone, which takes uploads, schools, classes and children from their tables in the same transaction: the
    database need not look each up again, row by row (``db_constraint``, a tenth of the time of a load).
    """

    kind = models.CharField("名册", max_length=12, choices=Kind.choices)
    district_code = models.CharField("区县", max_length=6)
    unit = models.CharField("所属", max_length=12)  # school code, township code, or '' for district-wide registers
    key = models.BigIntegerField()  # hash of the natural key within the unit
    fingerprint = models.BigIntegerField()  # hash of all that the row says
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="entries", db_index=False, db_constraint=False, verbose_name="来源")
    superseded_by = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    ended_by = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    end_reason = models.CharField("离开原因", max_length=20, blank=True)
    child = models.ForeignKey(Child, models.PROTECT, related_name="entries", db_constraint=False, verbose_name="儿童")
    township_code = models.CharField("户籍乡镇", max_length=9, blank=True)
    village_code = models.CharField("村代码", max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", db_index=False, db_constraint=False, verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, db_index=False, db_constraint=False, verbose_name="班级")
    document = models.ForeignKey(IdDocument, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False, verbose_name="证件")
    student_document = models.ForeignKey(
        IdDocument, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False, verbose_name="学籍号"
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册行"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "district_code", "unit", "key"], condition=Q(superseded_by=None, ended_by=None), name="one_standing_line",
                violation_error_message="同一名册同一单位中，这名儿童已有一行在册。",
            ),
            models.CheckConstraint(
                condition=(Q(ended_by=None) & Q(end_reason="")) | (Q(ended_by__isnull=False) & ~Q(end_reason="")), name="ended_with_reason",
                violation_error_message="移出名册须写明原因。",
            ),
        ]  # fmt: skip
        indexes = [
            BrinIndex(fields=["upload"], name="entry_of_upload", pages_per_range=32),  # lines of an upload lie side by side
            models.Index(fields=["superseded_by"], name="entry_replaced", condition=Q(superseded_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
