"""Runs of 四查三比对, their chunks, links, classes and findings, and what people decided."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.reconciliation import rules
from apps.reconciliation.querysets import ChildRowQuerySet, PairQuerySet, RunQuerySet
from apps.registers.models import Entry, Kind
from apps.schools.models import School, SchoolClass, Term
from apps.students.models import Child


class Run(models.Model):
    """One comparison over the uploads committed by ``cutoff_seq``."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "比对中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        SIGNED = "signed", "已签认（冻结）"
        CANCELLED = "cancelled", "已取消"

    district_code = models.CharField("区县", max_length=6, db_index=True)
    number = models.PositiveIntegerField("第几次")  # counted in the district, without gaps; addresses and commands name the key
    term = models.ForeignKey(Term, models.PROTECT, related_name="runs", verbose_name="学期")
    as_of = models.DateField("比对日")
    cutoff_seq = models.BigIntegerField("名册提交序号")
    uploads = ArrayField(models.BigIntegerField(), default=list, verbose_name="所用名册")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.WAITING)
    phase = models.CharField("阶段", max_length=12, default="prepare")
    sentence = models.CharField("说明", max_length=500, blank=True)
    counts = models.JSONField("计数", default=dict)
    warnings = models.JSONField("提示", default=list)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    started_title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("开始", auto_now_add=True)
    finished_at = models.DateTimeField("结束", null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "比对"
        constraints = [
            models.UniqueConstraint(
                fields=["district_code"], condition=Q(state__in=["waiting", "running"]), name="one_run_at_a_time",
                violation_error_message="本区已有一次比对正在进行，请等它结束。",
            ),
            models.UniqueConstraint(
                fields=["district_code", "number"], name="one_run_of_a_number", violation_error_message="本区已有这一次比对，次数不能重复。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"第{self.number}次比对"

    @property
    def day_in_term(self) -> date:
        """The day the run speaks of: ``as_of``, or the term's last day where the term is over by then."""
        return min(self.as_of, self.term.last_day)

    @property
    def is_finished(self) -> bool:
        """Whether the run has answered: its figures, lists and exports stand."""
        return self.state in (self.State.DONE, self.State.SIGNED)

    @property
    def is_frozen(self) -> bool:
        """A run the bureau signed changes no more."""
        return self.state == self.State.SIGNED


class Chunk(models.Model):
    """A piece of a run that one task works: a phase on one place. Idempotent; ``lease_until`` frees it from a dead worker."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    phase = models.CharField(max_length=12)
    place = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rows = models.IntegerField(default=0)
    seconds = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "phase", "place"], name="one_chunk", violation_error_message="该分块已存在。")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.phase}/{self.place}"


class RunLine(models.Model):
    """A line in force as the linking passes compare it; made when a run begins, gone when it is done. No number stands here, only hashes."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=12)
    name_key = models.TextField()
    name_sound = models.TextField()
    sex = models.TextField()
    birth = models.TextField()  # YYYYMMDD
    document = models.BigIntegerField(null=True)  # identity number of 15 characters or more
    is_valid = models.BooleanField()  # … that passes GB 11643
    student = models.BigIntegerField(null=True)
    guardian_key = models.TextField()
    phone = models.TextField()
    other_phone = models.TextField()  # 联系电话 beside the guardian's own
    township = models.TextField()
    village = models.TextField()
    school = models.TextField()
    grade = models.SmallIntegerField(null=True)
    class_name = models.TextField()
    household = models.TextField()
    head_name = models.TextField()
    unit = models.TextField()
    key = models.BigIntegerField()
    person = models.BigIntegerField(null=True)  # queries.decided.PERSON

    class Meta:
        indexes = [models.Index(fields=["run", "kind"], name="line_of_run")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.entry_id}"


class Link(models.Model):
    """Two lines of two registers that a run took for one child, and why."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="links", db_index=False)
    left_kind = models.CharField(max_length=12, choices=Kind.choices)
    right_kind = models.CharField(max_length=12, choices=Kind.choices)
    left = models.ForeignKey(Entry, models.PROTECT, related_name="+", db_constraint=False, verbose_name="左行")
    right = models.ForeignKey(Entry, models.PROTECT, related_name="+", db_constraint=False, verbose_name="右行")
    basis = models.CharField("依据", max_length=300)
    score = models.FloatField("分值", null=True)
    decided_by = models.CharField("判定", max_length=100)  # 'rule' or the post's title

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "left", "right"], name="one_link", violation_error_message="这两行已经关联。")]

    def __str__(self) -> str:
        return self.basis


class DoubtfulPair(models.Model):
    """Two lines that may be one child: a person says. A pair in doubt never raises an alarm unseen."""

    class Answer(models.TextChoices):
        OPEN = "", "待判定"
        SAME = "same", "同一人"
        DIFFERENT = "different", "不是同一人"
        ASK = "ask", "须核实"

    run = models.ForeignKey(Run, models.CASCADE, related_name="pairs")
    left = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    right = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    answer = models.CharField("判定", max_length=10, choices=Answer.choices, blank=True, default="")
    answered_title = models.CharField("判定岗位", max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    note = models.CharField("说明", max_length=300, blank=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "left", "right"], name="one_doubt", violation_error_message="这两行已在判定队列中。")]

    def __str__(self) -> str:
        return f"{self.left_id} ? {self.right_id}"


class PairDecision(models.Model):
    """What a person said of two lines, kept for later runs and terms by the lines' natural keys and by whom they speak of (``*_person``:
    ``queries.decided.PERSON``), since a line without a number has grade and class in its key, which change every year."""

    district_code = models.CharField(max_length=6)
    left_kind = models.CharField(max_length=12)
    left_unit = models.CharField(max_length=12, blank=True)
    left_key = models.BigIntegerField()
    left_person = models.BigIntegerField(null=True)
    right_kind = models.CharField(max_length=12)
    right_unit = models.CharField(max_length=12, blank=True)
    right_key = models.BigIntegerField()
    right_person = models.BigIntegerField(null=True)
    answer = models.CharField(max_length=10)  # same, different
    decided_title = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "left_kind", "left_unit", "left_key", "right_kind", "right_unit", "right_key"], name="one_decision",
                violation_error_message="这两行已有判定。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.answer


class ChildClass(models.Model):
    """What a run says of one child: one class in each comparison that concerns it, and why; places are copied from checked lines."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="children", db_index=False)
    child = models.ForeignKey(Child, models.PROTECT, related_name="classes")
    name = models.CharField("姓名", max_length=50)  # as the run's lines have it; so do the next two
    pinyin = models.CharField(max_length=200, blank=True)
    id_masked = models.CharField("证件号（掩码）", max_length=40, blank=True)
    district_code = models.CharField(max_length=6)
    township_code = models.CharField("户籍乡镇", max_length=9, blank=True)
    village_code = models.CharField(max_length=12, blank=True)
    village_name = models.CharField("村", max_length=60, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", db_index=False, db_constraint=False, verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, db_index=False, db_constraint=False, verbose_name="班级")
    stage = models.CharField("学段", max_length=8, blank=True)
    grade = models.PositiveSmallIntegerField("年级", null=True)
    attending_school = models.ForeignKey(
        School, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False, verbose_name="就读学校"
    )
    is_local = models.BooleanField("本区户籍")
    is_school_age = models.BooleanField("适龄", default=True)
    on_roll = models.BooleanField("在籍", default=False)
    is_present = models.BooleanField("在校", default=False)
    group_kind = models.CharField("户类型", max_length=20, blank=True)
    # Lines go with an undo alone, which refuses what a run holds: the database need not look here for each.
    household = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    enrollment = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    attending = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    monitored = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    survey = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    first = models.CharField("①", max_length=30, blank=True)
    first_reason = models.CharField(max_length=300, blank=True)
    second = models.CharField("②", max_length=30, blank=True)
    second_reason = models.CharField(max_length=300, blank=True)
    reverse = models.CharField("在校无籍", max_length=30, blank=True)
    reverse_reason = models.CharField(max_length=300, blank=True)
    third = models.CharField("③", max_length=30, blank=True)
    third_reason = models.CharField(max_length=300, blank=True)

    objects = ChildRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "child"], name="one_class_row", violation_error_message="该儿童在本次比对中已有分类。")]
        indexes = [
            models.Index(fields=["run", "school"], name="class_of_school"),
            models.Index(fields=["run", "township_code"], name="class_of_township"),
            models.Index(fields=["run", "group_kind"], include=["child", "district_code"], condition=~Q(group_kind=""), name="class_of_group"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.child_id}"


class Finding(models.Model):
    """A class that somebody must explain: whose it is, what it is, how it was settled."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        SETTLED = "settled", "已处理"

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings", db_index=False)
    child = models.ForeignKey(Child, models.PROTECT, related_name="findings")
    name = models.CharField("姓名", max_length=50)  # as the run's lines have it
    pinyin = models.CharField(max_length=200, blank=True)
    id_masked = models.CharField("证件号（掩码）", max_length=40, blank=True)
    comparison = models.CharField("比对", max_length=2, choices=[(c.value, rules.COMPARISON_LABELS[c]) for c in rules.Comparison])
    klass = models.CharField("类别", max_length=30)
    reason = models.CharField("理由", max_length=300)
    entries = ArrayField(models.BigIntegerField(), default=list, verbose_name="来源行")
    owner = models.CharField("责任岗位", max_length=20)  # role
    district_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    village_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, db_column="school_code", db_index=False, verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, db_index=False, verbose_name="班级")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    outcome = models.CharField("处理结果", max_length=30, blank=True)
    explanation = models.CharField("说明", max_length=500, blank=True)
    settled_title = models.CharField("处理岗位", max_length=200, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = ChildRowQuerySet.as_manager()

    class Meta:
        ordering = ["state", "comparison", "klass", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "child", "comparison", "klass"], name="one_finding", violation_error_message="该问题已经登记。"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None, outcome="") | (Q(state="settled", settled_at__isnull=False) & ~Q(outcome="")),
                name="settled_is_complete", violation_error_message="已处理的问题须有处理结果和时间。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["run", "owner", "state"], name="finding_of_owner"),
            models.Index(fields=["run", "school"], name="finding_of_school"),
            models.Index(fields=["run", "township_code"], name="finding_of_township"),
        ]

    def __str__(self) -> str:
        return rules.label(self.comparison, self.klass)

    @property
    def klass_label(self) -> str:
        return rules.label(self.comparison, self.klass)

    @property
    def outcome_label(self) -> str:
        return rules.label(self.comparison, self.outcome) if self.outcome else ""

    @property
    def definition(self) -> rules.Klass:
        """Tone, owner and allowed outcomes of this class."""
        return rules.CLASSES[self.comparison][self.klass]


class Settlement(models.Model):
    """A person's decision on a child in one comparison, remembered by later runs until it runs out."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="settlements")
    finding = models.ForeignKey(Finding, models.SET_NULL, null=True, related_name="settlements")
    district_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)  # the places are the finding's
    village_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_column="school_code", db_index=False)
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, related_name="+", db_index=False)
    comparison = models.CharField(max_length=2)
    from_class = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30)
    explanation = models.CharField("说明", max_length=500)
    valid_until = models.DateField("有效期至", null=True)  # rules.holds_until
    decided_title = models.CharField(max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    objects = ChildRowQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["child", "comparison", "-id"], name="settlement_of_child")]

    def __str__(self) -> str:
        return self.outcome


class Proof(models.Model):
    """A file that proves a settlement; stored under a generated name outside the web root."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="proofs")
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=80, unique=True)
    content_type = models.CharField(max_length=60)
    size = models.BigIntegerField()
    created_title = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.file_name


class Signature(models.Model):
    """A place's signature under a run: school, then township, then bureau."""

    class Level(models.TextChoices):
        SCHOOL = "school", "学校"
        TOWNSHIP = "township", "乡镇（街道）"
        BUREAU = "bureau", "区教体局"

    run = models.ForeignKey(Run, models.CASCADE, related_name="signatures")
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    place_code = models.CharField("单位", max_length=12)
    place_name = models.CharField(max_length=60)
    counts = models.JSONField("签认时的数", default=dict)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_title = models.CharField("签认岗位", max_length=200)
    signed_at = models.DateTimeField("签认时间")

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(fields=["run", "level", "place_code"], name="one_signature", violation_error_message="该单位已经签认。")
        ]

    def __str__(self) -> str:
        return f"{self.place_name} {self.signed_at:%Y-%m-%d}"
