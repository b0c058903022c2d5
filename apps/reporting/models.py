"""三线报告: one report for each run of absence of a case, a row for each line, who was named."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.attendance.models import PupilRow
from apps.cases.models import Case
from apps.cases.rules import caring
from apps.reporting.querysets import BatchQuerySet, LineQuerySet, ReportQuerySet
from apps.reporting.workflow import Kind, State


class FileBatch(models.Model):
    """The files of many cases as one zip, made by a worker: which cases, how far it is, where it lies. Kept for a week."""

    class State(models.TextChoices):
        WAITING = "waiting", "正在制作"
        DONE = "done", "已完成"
        FAILED = "failed", "没有做成"
        GONE = "gone", "已清理"

    district_code = models.CharField(max_length=6)
    post_id = models.BigIntegerField()  # who asked acted as this post; nobody else may take it
    name = models.CharField("名称", max_length=100)
    cases = models.JSONField("个案", default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField("已制作", default=0)
    asked_at = models.DateTimeField("提出时间")
    asked_name = models.CharField(max_length=60)
    asked_title = models.CharField(max_length=200)
    tries = models.JSONField(default=dict)  # case, or "zip" -> how often it was begun without coming to its end
    skipped = models.JSONField("没有做成的个案", default=list)
    begun_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)  # a worker was at it
    finished_at = models.DateTimeField("完成时间", null=True)
    size = models.BigIntegerField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "卷宗打包"

    def __str__(self) -> str:
        return self.name


class ThreeLineReport(PupilRow):
    """What a school reports of a child that stays away: drafted with the case, completed and issued by the principal.

    ``begun_on`` is when the clock of the lines starts; ``send_days`` and ``visit_days`` are the policy's school days in force then. The
    facts below ``verified_at`` are as they were issued and do not change any more. ``first_day`` and ``last_day`` name the run of absence: as
    it stood when it was drafted, then as it was issued; corrections move runs, so that a run is found again by overlap.
    """

    class Cause(models.TextChoices):
        WORK = "work", "外出务工"
        WEARY = "weary", "厌学"
        ILL = "ill", "疾病或残疾"
        AT_HOME = "at_home", "在家上学"
        TEMPLE = "temple", "入寺入教"
        MARRIED = "married", "早婚早育"
        HARDSHIP = "hardship", "家庭困难或变故"
        OTHER = "other", "其他"
        UNKNOWN = "unknown", "尚未查明"

    case = models.ForeignKey(Case, models.PROTECT, db_index=False, related_name="reports", verbose_name="个案")  # one_report_a_run begins with it
    drafted_at = models.DateTimeField("起草时间")
    begun_on = models.DateField("时限起算日")
    send_days = models.PositiveSmallIntegerField("发出时限（上课日）")
    visit_days = models.PositiveSmallIntegerField("首次家访时限（上课日）")
    first_day = models.DateField("未到校自")
    last_day = models.DateField("未到校至")
    verified_at = models.DateTimeField("核实签发时间", null=True)
    verified_name = models.CharField("核实人", max_length=60, blank=True)
    verified_title = models.CharField(max_length=200, blank=True)
    school_days = models.PositiveSmallIntegerField("连续未到校（上课日）", null=True)
    cause = models.CharField("未到校原因", max_length=10, choices=Cause.choices, blank=True)
    cause_text = models.CharField("原因说明", max_length=300, blank=True)
    whereabouts = models.CharField("现在去向", max_length=200, blank=True)
    is_registered_away = models.BooleanField("户籍在外地", default=False)
    home = models.CharField("户籍地", max_length=200, blank=True)
    address = models.CharField("现住址", max_length=200, blank=True)
    guardian_name = models.CharField("监护人", max_length=50, blank=True)
    guardian_phone = models.CharField("联系电话", max_length=30, blank=True)
    groups = models.JSONField("特殊群体", default=list)  # of cases.rules.caring.Group
    contacts = models.CharField("联系家长情况", max_length=1000, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_on", "-id"]
        verbose_name = verbose_name_plural = "三线报告"
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_name="", school_days=None)
                | Q(verified_at__isnull=False, school_days__isnull=False) & ~Q(verified_name="") & ~Q(cause="") & ~Q(whereabouts=""),
                name="report_verified_whole",
                violation_error_message="核实签发须写明核实人、未到校天数、原因和去向。",
            ),
            models.UniqueConstraint(fields=["case", "first_day"], name="one_report_a_run", violation_error_message="这段未到校已有三线报告。"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="report_runs_forward", violation_error_message="未到校的结束日不能早于起始日。"
            ),
        ]
        indexes = [
            models.Index(fields=["district_code", "-begun_on"], name="report_of_district"),
            models.Index(fields=["school"], name="report_of_school"),
            models.Index(fields=["district_code", "school"], name="report_unverified", condition=Q(verified_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.child} 三线报告"

    @property
    def groups_said(self) -> str:
        """The groups the child belongs to, in words."""
        return caring.said(self.groups)


class Line(models.Model):
    """One line: whom it tells, how far it is, its number, and for a letter the words as they were issued."""

    report = models.ForeignKey(ThreeLineReport, models.PROTECT, related_name="lines", verbose_name="三线报告")
    kind = models.CharField("报送", max_length=8, choices=[(k.value, k.label) for k in Kind])
    state = models.CharField("进展", max_length=8, choices=[(s.value, s.label) for s in State], default=State.DRAFT.value)
    office = models.CharField("主送机关代码", max_length=9, blank=True)  # of the township, of the district
    addressee = models.CharField("主送机关", max_length=100, blank=True)
    number = models.CharField("文号、受理号", max_length=100, blank=True)
    issuer = models.CharField(max_length=12, blank=True)  # code of the school or district whose series of numbers it is
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    letter = models.JSONField("正文", default=dict)  # letters.Letter as issued
    sent_at = models.DateTimeField("发出时间", null=True)
    sent_name = models.CharField("发出人", max_length=60, blank=True)
    sent_title = models.CharField(max_length=200, blank=True)
    due_on = models.DateField("时限", null=True)  # of the fourth kind: to be sent by, once sent to be answered by
    received_at = models.DateTimeField("签收时间", null=True)
    received_name = models.CharField("签收人", max_length=60, blank=True)
    received_title = models.CharField(max_length=200, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True)
    replied_name = models.CharField("答复人", max_length=60, blank=True)
    replied_title = models.CharField(max_length=200, blank=True)
    reply = models.CharField("答复", max_length=1000, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["report", "id"]
        verbose_name = verbose_name_plural = "报送"
        constraints = [
            models.UniqueConstraint(fields=["report", "kind"], name="one_line_of_a_kind", violation_error_message="这份报告的这一条线已经有了。"),
            models.UniqueConstraint(
                fields=["issuer", "year", "serial"], condition=Q(serial__isnull=False), name="one_letter_number",
                violation_error_message="这个文号已经用过。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "ready"], sent_at=None)
                | Q(state__in=["sent", "received", "replied"], sent_at__isnull=False) & ~Q(sent_name="") & ~Q(number=""),
                name="line_sent_whole",
                violation_error_message="已发出的须有文号（受理号）、时间和发出人。",
            ),
            models.CheckConstraint(
                condition=Q(received_at=None, received_name="") & ~Q(state="received")
                | Q(received_at__isnull=False, state__in=["received", "replied"]) & ~Q(received_name=""),
                name="line_received_whole",
                violation_error_message="签收须有时间和签收人。",
            ),
            models.CheckConstraint(
                condition=Q(replied_at=None, reply="") & ~Q(state="replied") | Q(replied_at__isnull=False, state="replied") & ~Q(reply=""),
                name="line_replied_whole",
                violation_error_message="答复须有时间和内容。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["office", "kind", "state"], name="line_of_office")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    @property
    def whom(self) -> Kind:
        """The kind with its words."""
        return Kind(self.kind)

    @property
    def step(self) -> State:
        """The state with its words."""
        return State(self.state)
