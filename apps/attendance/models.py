"""The school day: who sits in which class, roll calls and their exceptions, leave, contact with guardians, runs of absence."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import User
from apps.attendance.querysets import AbsenceRunQuerySet, PupilRowQuerySet, RollCallQuerySet, SeatQuerySet
from apps.attendance.rules import Code, End, Reason
from apps.schools.models import School, SchoolClass
from apps.students.models import Child


class PupilRow(models.Model):
    """The place columns of a row about one pupil, by which a scope narrows it."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name="学生")
    district_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    village_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.PROTECT, db_column="school_code", related_name="+", db_index=False, verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+", verbose_name="班级")

    class Meta:
        abstract = True


class Seat(PupilRow):
    """A pupil belongs to a class from one day to another; ``away`` says why roll calls do not expect the pupil there (休学、送教).

    ``entered_at``: seated by hand, when a lost child came back (or was excused) before the registers say so; a line that was handed in later
    goes before it."""

    class Away(models.TextChoices):
        SUSPENSION = "suspension", "休学"
        HOME_TEACHING = "home_teaching", "送教上门"
        OTHER = "other", "已办手续离班"

    first_day = models.DateField("自")
    last_day = models.DateField("至（含）", null=True)
    away = models.CharField("不在班", max_length=14, choices=Away.choices, blank=True)
    entered_at = models.DateTimeField("人工登记时间", null=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "座位"
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(last_day=None), name="one_open_seat", violation_error_message="这名学生已在另一个班级的名单上。"
            ),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="seat_runs_forward",
                violation_error_message="离班日期不能早于入班日期。",
            ),
        ]
        indexes = [models.Index(fields=["district_code", "school"], name="seat_of_school")]

    def __str__(self) -> str:
        return f"{self.child} {self.school_class} {self.first_day}—{self.last_day or ''}"


class Seating(models.Model):
    """Up to which state of the registers the seats of a district were brought; whether some child waits for what a list says of it."""

    district_code = models.CharField(max_length=6, primary_key=True)
    state = models.CharField(max_length=60, blank=True)
    is_waiting = models.BooleanField(db_default=False, default=False)

    def __str__(self) -> str:
        return self.district_code


class RollCall(models.Model):
    """One class on one day was taken: that nobody was missing is written nowhere else. ``revision`` grows with every correction."""

    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="roll_calls", verbose_name="班级")
    school = models.ForeignKey(School, models.PROTECT, db_column="school_code", related_name="+", db_index=False, verbose_name="学校")
    district_code = models.CharField(max_length=6)
    day = models.DateField("日期")
    expected = models.PositiveSmallIntegerField("应到")
    missing = models.PositiveSmallIntegerField("未到", default=0)  # absent or on leave for the whole day
    is_late = models.BooleanField("逾时", default=False)
    seconds = models.PositiveIntegerField("用时（秒）", null=True)  # from opening the page to sending it; null for rolls loaded from a file
    taken_at = models.DateTimeField("点名时间")
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="点名人")
    taken_title = models.CharField("点名人岗位", max_length=200)
    revision = models.PositiveIntegerField("版次", default=1)
    suspected = 0  # runs of absence that it has just made long enough, as ``take_roll`` found them; not stored

    objects = RollCallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "点名"
        constraints = [
            models.UniqueConstraint(fields=["school_class", "day"], name="one_roll_call", violation_error_message="这个班今天已经点过名。"),
        ]
        indexes = [models.Index(fields=["district_code", "day", "school"], name="roll_call_of_day")]

    def __str__(self) -> str:
        return f"{self.school_class} {self.day}"


class Mark(PupilRow):
    """An exception of a roll call: a pupil who was not simply there."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="+", db_index=False, verbose_name="学生")  # one_mark_a_day begins with it
    roll_call = models.ForeignKey(RollCall, models.PROTECT, related_name="marks")
    day = models.DateField("日期")
    code = models.CharField("情况", max_length=6, choices=[(c.value, c.label) for c in Code])
    reason = models.CharField("原因", max_length=12, choices=[(r.value, r.label) for r in Reason], blank=True)
    note = models.CharField("说明", max_length=100, blank=True)

    objects = PupilRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考勤"
        constraints = [
            models.UniqueConstraint(fields=["child", "day"], name="one_mark_a_day", violation_error_message="这名学生当天已有考勤记录。"),
        ]
        indexes = [models.Index(fields=["district_code", "day"], name="mark_of_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.child} {self.get_code_display()}"

    @property
    def why(self) -> str:
        """The reason in words; an absence of which none is known is 无故, as it is counted."""
        return str(self.get_reason_display()) if self.reason else Reason.UNEXCUSED.label if self.code == Code.ABSENT else ""

    @property
    def said(self) -> str:
        """缺勤·病假, 迟到: as the teacher chose it."""
        return "·".join(filter(None, (str(self.get_code_display()), self.why)))


class RollCallChange(models.Model):
    """A corrected roll call as it was before and after, or one that was filled in on a later day (``fills_in``), and why. Append-only."""

    roll_call = models.ForeignKey(RollCall, models.PROTECT, related_name="changes")
    before = models.JSONField(default=list)  # [[child id, code, reason, note]]
    after = models.JSONField(default=list)
    reason = models.CharField("更正原因", max_length=200, blank=True)
    fills_in = models.BooleanField("补填", default=False, db_default=False)
    at = models.DateTimeField("更正时间")
    by_name = models.CharField("更正人", max_length=60)
    by_title = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "点名更正"

    def __str__(self) -> str:
        return f"{self.roll_call} {self.at}"


class Leave(PupilRow):
    """A leave slip: asked for with facts, approved or refused by whom its length says, closed by the pupil's return."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("编号", max_length=30, blank=True)
    kind = models.CharField("类别", max_length=12, choices=[(r.value, r.label) for r in (Reason.SICK, Reason.PERSONAL, Reason.OTHER)])
    first_day = models.DateField("自")
    last_day = models.DateField("至（含）")
    school_days = models.PositiveSmallIntegerField("上课日")
    facts = models.CharField("事由", max_length=300)
    guardian_name = models.CharField("请假的监护人", max_length=50, blank=True)
    guardian_phone = models.CharField("电话", max_length=30, blank=True)
    left_at = models.DateTimeField("离校时间", null=True)
    is_from_roll = models.BooleanField("点名时登记", default=False)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.ASKED)
    approver = models.CharField("须由谁批准", max_length=20)
    asked_at = models.DateTimeField("申请时间")
    asked_name = models.CharField("申请人", max_length=60)
    asked_title = models.CharField(max_length=200)
    decided_at = models.DateTimeField("审批时间", null=True)
    decided_name = models.CharField("审批人", max_length=60, blank=True)
    decided_title = models.CharField(max_length=200, blank=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    returned_on = models.DateField("返校日", null=True)
    returned_at = models.DateTimeField("返校时间", null=True)  # null where the hour is not known

    objects = PupilRowQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-id"]
        verbose_name = verbose_name_plural = "请假"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="leave_runs_forward", violation_error_message="请假结束日期不能早于开始日期。"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | Q(decided_at__isnull=False) & ~Q(state="asked"), name="leave_decided_when",
                violation_error_message="审批结果须有时间和审批人。",
            ),
            models.UniqueConstraint(
                fields=["school", "number"], condition=~Q(number=""), name="one_leave_number", violation_error_message="这个请假条编号已经用过。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["child", "first_day"], name="leave_of_child")]

    def __str__(self) -> str:
        return f"{self.child} {self.first_day}—{self.last_day}"


class LeaveProof(models.Model):
    """A file that proves a leave; stored under a generated name outside the web root."""

    leave = models.ForeignKey(Leave, models.PROTECT, related_name="proofs")
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=80, unique=True)
    content_type = models.CharField(max_length=60)
    size = models.BigIntegerField()
    created_title = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "请假证明"

    def __str__(self) -> str:
        return self.file_name


class Contact(PupilRow):
    """A word with a guardian about an absence: when, how, by whom, what came of it."""

    class Way(models.TextChoices):
        PHONE = "phone", "电话"
        VISIT = "visit", "家访"
        MESSAGE = "message", "短信、微信"
        OTHER = "other", "其他"

    class Result(models.TextChoices):
        REACHED = "reached", "已联系上"
        UNREACHED = "unreached", "未联系上"

    day = models.DateField("为哪一天的缺勤")
    at = models.DateTimeField("联系时间")
    way = models.CharField("方式", max_length=8, choices=Way.choices)
    result = models.CharField("结果", max_length=10, choices=Result.choices)
    spoke_with = models.CharField("联系到谁", max_length=50, blank=True)
    reason = models.CharField("原因", max_length=12, choices=[(r.value, r.label) for r in Reason], blank=True)
    whereabouts = models.CharField("去向", max_length=100, blank=True)
    text = models.CharField("情况", max_length=500, blank=True)
    by_name = models.CharField("联系人", max_length=60)
    by_title = models.CharField(max_length=200)
    written_at = models.DateTimeField("登记时间")

    objects = PupilRowQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = verbose_name_plural = "联系记录"

    def __str__(self) -> str:
        return f"{self.at} {self.child} {self.get_result_display()}"


class AbsenceRun(PupilRow):
    """Days of absence without reason that belong together, computed from marks, leave and seats by queries/runs.py and by nothing else."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="+", db_index=False, verbose_name="学生")  # one_run_a_day begins with it
    first_day = models.DateField("自")
    last_day = models.DateField("至")
    school_days = models.PositiveSmallIntegerField("上课日")
    suspected_on = models.DateField("疑似辍学之日", null=True)
    ended_on = models.DateField("结束日", null=True)
    end = models.CharField("怎样结束", max_length=8, choices=[(e.value, e.label) for e in End], blank=True)

    objects = AbsenceRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "连续未到校"
        constraints = [
            models.UniqueConstraint(fields=["child", "first_day"], name="one_run_a_day", violation_error_message="同一天只能开始一段缺勤。"),
            models.CheckConstraint(
                condition=Q(ended_on=None, end="") | Q(ended_on__isnull=False) & ~Q(end=""), name="run_ended_why",
                violation_error_message="缺勤结束须写明原因。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district_code", "suspected_on"], name="run_open", condition=Q(ended_on=None)),
            models.Index(fields=["district_code", "suspected_on"], name="run_suspected", condition=Q(suspected_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.first_day}—{self.last_day}（{self.school_days}）"
