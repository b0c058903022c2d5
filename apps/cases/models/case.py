"""一生一案: one child, one case; its ledger that only grows, the files beside it, what takes two signatures."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.cases.querysets import AttachmentQuerySet, CaseQuerySet, OfCaseQuerySet
from apps.cases.rules import placing, proposing
from apps.cases.workflow import ENDED, State
from apps.core.medical import HIDDEN, PAPER, shown
from apps.reconciliation.models import Finding, Run
from apps.schools.models import School, SchoolClass
from apps.students.models import Child


class Case(models.Model):
    """A child that was lost and how it is brought back.

    The last columns say what comes next, whose it is and by when: made from the rules by ``actions.clocks.refresh`` after every change and
    every night, never typed.
    """

    class Origin(models.TextChoices):
        COMPARISON = "comparison", "四查三比对"
        ABSENCE = "absence", "连续未到校"
        VILLAGE = "village", "村级报告"
        HAND = "hand", "人工立案"

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
    cause = models.CharField("辍学原因", max_length=10, choices=[(c.value, c.label) for c in placing.Cause], blank=True, db_default="")
    is_non_local = models.BooleanField("户籍在外地", db_default=False)
    repeats = models.PositiveSmallIntegerField("再次辍学次数", db_default=0)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by", verbose_name="上一个案")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name="并入个案")
    lines_from = models.DateField("三线报告起草日", null=True)  # set by reporting, as the two below; since the case was opened or reopened
    lines_signed_on = models.DateField("三线报告签发日", null=True)  # both letters are out, the platform is not told yet
    lines_on = models.DateField("三线报齐日", null=True)  # 3/3
    state_since = models.DateField("进入本状态", null=True)  # of the last move; None: since it was opened
    progress_on = models.DateField("最近进展", null=True)  # None: none since it was opened
    task = models.CharField("下一步", max_length=20, blank=True, db_default="")
    owner_role = models.CharField("责任岗位", max_length=20, blank=True, db_default="")
    owner_region = models.CharField(max_length=12, blank=True, db_default="")  # of a township's or village's task
    due_on = models.DateField("下一期限", null=True)
    try_on = models.DateField("下次家访期限", null=True)  # where the family is visited on meanwhile
    is_unseen = models.BooleanField("注册后一天没来、一课没上", db_default=False)
    climbed = models.PositiveSmallIntegerField("上报层级", db_default=0)  # rules/climbing.LADDER

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-id"]
        verbose_name = verbose_name_plural = "个案"
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=~Q(state__in=sorted(ENDED)),
                name="one_open_case",
                violation_error_message="该儿童已有未结的个案。",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged") & Q(merged_into=None),
                name="merged_case_names_the_other", violation_error_message="并案须写明并入哪个个案。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district_code", "state", "-opened_on"], name="case_by_state"),
            models.Index(fields=["township_code"], name="case_of_township"),
            models.Index(fields=["district_code", "-opened_on", "-id"], name="case_in_order"),
            # What boards and workbenches count of the open cases stands in the index itself: a count reads no case.
            models.Index(
                fields=["district_code", "due_on"],
                include=["state", "task", "owner_role", "owner_region", "climbed", "township_code", "school", "child", "id", "is_unseen"],
                condition=~Q(state__in=sorted(ENDED)), name="case_by_deadline",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.child} {self.get_state_display()}"

    @property
    def standing(self) -> State:
        """The state with its words and tone."""
        return State(self.state)

    @property
    def last_progress(self) -> date:
        """The last real progress; none since it was opened: that day."""
        return max(self.progress_on or self.opened_on, self.opened_on)

    @property
    def is_open(self) -> bool:
        """Whether the case has not ended."""
        return self.state not in ENDED


class CaseEntry(models.Model):
    """One line of a case's ledger. Append-only: a trigger refuses UPDATE and DELETE; corrections are new lines."""

    class Kind(models.TextChoices):
        OPENED = "opened", "立案"
        MOVED = "moved", "状态变更"
        VISIT = "visit", "家访"
        CALL = "call", "电话"
        PERSUASION = "persuasion", "劝返"
        REPORT = "report", "报告"
        DOCUMENT = "document", "文书"
        DECISION = "decision", "审批"
        ASSIGNED = "assigned", "交办"
        CLIMBED = "climbed", "逐级上报"
        ATTACHMENT = "attachment", "附件"
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
    source = models.CharField(max_length=12, blank=True, db_default="")  # of a move
    target = models.CharField(max_length=12, blank=True, db_default="")
    is_progress = models.BooleanField("实际进展", db_default=False)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections", verbose_name="更正的记录")

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case"], condition=Q(data__has_key="absence"), name="entry_of_absence"),
            models.Index(fields=["target", "happened_on"], condition=~Q(target=""), name="entry_of_move"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def counts_on(self) -> date | None:
        """The earlier day on which it counts as progress, where it takes the place of something done before."""
        day = self.data.get("counts_on")
        return date.fromisoformat(day) if day else None

    def words(self, *, medical: bool) -> str:
        """What a post reads: with the medical facts, or without. 〔个人信息保护法 第二十八条〕"""
        return self.text if medical or "plain" not in self.data else f"{self.data['plain']}{HIDDEN}"


class Attachment(models.Model):
    """A file kept beside a line of a ledger, or beside a lesson at home: photograph, scan or recording, outside the web root (core/proofs.py)."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, null=True, related_name="attachments")
    lesson = models.ForeignKey("cases.Lesson", models.PROTECT, null=True, related_name="attachments")
    label = models.CharField("说明", max_length=60, blank=True)
    is_medical = models.BooleanField("医学材料", db_default=False)  # for posts that may see medical papers alone
    file_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField(max_length=60)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "附件"
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, entry__isnull=False, lesson=None) | Q(case=None, entry=None, lesson__isnull=False),
                name="attachment_hangs_on_one", violation_error_message="附件须属于一条台账记录，或一次送教。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name

    def title(self, *, medical: bool) -> str:
        """What a post reads of it in a list: its label; its own name, which may tell of an illness, only where that may be read."""
        return self.label or (self.file_name if medical or not self.is_medical else PAPER)


class Proposal(models.Model):
    """What takes two signatures (rules/proposing.py): one person asks on a ground, another agrees or refuses. ``step`` of a skipped legal step."""

    class Verdict(models.TextChoices):
        AGREED = "agreed", "同意"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "撤回"

    case = models.ForeignKey(Case, models.PROTECT, related_name="proposals")
    kind = models.CharField("事项", max_length=8, choices=[(k.value, k.label) for k in proposing.Kind])
    basis = models.CharField("依据", max_length=20)
    text = models.CharField("理由", max_length=500)
    first_day = models.DateField("自", null=True)
    until = models.DateField("至（含）", null=True)
    ended_on = models.DateField("提前结束", null=True)  # from this day on it holds no more (actions.exempting.end_early)
    step = models.PositiveSmallIntegerField("第几步", null=True)
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    asked_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_role = models.CharField(max_length=20)
    asked_name = models.CharField("提出人", max_length=60)
    asked_title = models.CharField(max_length=200)
    verdict = models.CharField("审定", max_length=10, choices=Verdict.choices, blank=True)
    verdict_text = models.CharField("审定意见", max_length=500, blank=True)
    decided_at = models.DateTimeField("审定时间", null=True)
    decided_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_name = models.CharField("审定人", max_length=60, blank=True)
    decided_title = models.CharField(max_length=200, blank=True)
    number = models.CharField("文号", max_length=100, blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "两人签认"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(decided_at=None), name="one_waiting_proposal", violation_error_message="这件事已经提出，正在等候审定。"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, verdict="", decided_name="") | Q(decided_at__isnull=False) & ~Q(verdict="") & ~Q(decided_name=""),
                name="proposal_decided_whole", violation_error_message="审定须写明结论、审定人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="agreed") | Q(asked_user=None) | ~Q(decided_user=F("asked_user")),
                name="two_different_signatures", violation_error_message="提出人和审定人不能是同一个人。",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(first_day__isnull=False, until__gte=F("first_day")),
                name="proposal_runs_forward", violation_error_message="截止日不能早于起始日。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(kind="exempt", verdict="agreed", until__gte=F("ended_on")),
                name="ended_early_was_agreed", violation_error_message="提前结束的须是已批准、尚未到期的缓学、休学或不具备学习条件。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.basis_label}"

    @property
    def holds_until(self) -> date | None:
        """The last day on which it holds: as it was agreed, or the day before it was ended early."""
        return self.ended_on - timedelta(1) if self.ended_on else self.until

    @property
    def basis_label(self) -> str:
        """The ground in words."""
        found = proposing.basis_of(self.kind, self.basis)
        return found.label if found else self.basis

    def words(self, said: str, *, medical: bool) -> str:
        """What was said for or against it, as a post reads it: with the medical facts, or without. 〔个人信息保护法 第二十八条〕"""
        return shown(said, may=medical or not proposing.tells_medical(self.kind, self.basis))


class NumberSeries(models.Model):
    """How far the numbers of an issuer's papers have come in a year; whoever takes one holds the row until the paper is stored."""

    issuer = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "文号"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year"], name="one_series_of_papers", violation_error_message="该单位本年的文号已经开始编排。"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer}〔{self.year}〕{self.last}"


class SavedFilter(models.Model):
    """A filter of the list of cases that somebody keeps for themselves."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField("名称", max_length=30)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = "常用筛选"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_filter_of_a_name", violation_error_message="您已有同名的常用筛选。")
        ]

    def __str__(self) -> str:
        return self.name
