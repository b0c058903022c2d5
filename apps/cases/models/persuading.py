"""Bringing a child back: visits, the four legal steps with proof of service, the letter to another district."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from apps.cases.models.case import Case, CaseEntry
from apps.cases.querysets import OfCaseQuerySet, StepQuerySet, VisitQuerySet
from apps.cases.rules.stepping import BY_PAPER, STEPS
from apps.cases.rules.visiting import FACE_TO_FACE, Outcome, Way


class Visit(models.Model):
    """Somebody went to the family, or reached it: when, who, whom they met, what was said, what came of it, what comes next. Append-only: what was
    written wrongly is written anew, under an entry that ``corrects`` the first one's."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    entry = models.OneToOneField(CaseEntry, models.PROTECT, related_name="visit")
    day = models.DateField("日期")
    way = models.CharField("方式", max_length=10, choices=[(w.value, w.label) for w in Way])
    visitors = models.CharField("走访人", max_length=100)
    spoke_with = models.CharField("见到谁", max_length=60, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    text = models.CharField("谈话内容", max_length=500)
    outcome = models.CharField("结果", max_length=16, choices=[(o.value, o.label) for o in Outcome])
    cause = models.CharField("原因", max_length=10, blank=True)  # placing.Cause, as the family said
    whereabouts = models.CharField("孩子现在何处", max_length=100, blank=True)
    promised_on = models.DateField("答应返校日", null=True, blank=True)
    next_on = models.DateField("下次走访", null=True, blank=True)
    is_local = models.BooleanField("乡镇、村登记")  # the school's own visits are no answer to its letter
    written_at = models.DateTimeField("登记时间")
    by_name = models.CharField("登记人", max_length=60)
    by_title = models.CharField(max_length=200)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["day", "id"]
        verbose_name = verbose_name_plural = "家访与劝返"
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="promised") | Q(promised_on__isnull=False, promised_on__gte=F("day")), name="visit_promise_has_a_day",
                violation_error_message="答应返校的须写明哪一天返校，不能早于走访当天。",
            ),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gte=F("day")), name="next_visit_follows", violation_error_message="下次走访不能早于这一次。"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["case", "day"], name="visit_of_case")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_outcome_display()}"

    @property
    def is_at_door(self) -> bool:
        """Whether township or village met the family face to face, which is what the first visit asks of them."""
        return self.is_local and self.way in FACE_TO_FACE


class LegalStep(models.Model):
    """A step of 四步法 that was issued (numbered, its words as issued) or skipped by consent. ``round`` counts the repeats of the case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField("第几步", choices=[(s.number, s.label) for s in STEPS])
    paper = models.CharField("文书", max_length=16, blank=True)  # stepping.STEPS papers; '' where skipped
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    office = models.CharField(max_length=9, blank=True)  # township that issued it
    addressee = models.CharField("受送达人", max_length=60, blank=True)
    number = models.CharField("文号", max_length=100, blank=True)
    letter = models.JSONField("正文", default=dict)
    term_days = models.PositiveSmallIntegerField("期限（日）", null=True)
    term_ends_on = models.DateField("期限届满", null=True)  # set when it is served
    issued_on = models.DateField("发出日")
    issued_at = models.DateTimeField("登记时间")
    issued_name = models.CharField("签发人", max_length=60)
    issued_title = models.CharField(max_length=200)
    is_skipped = models.BooleanField("经同意跳过", default=False)
    stopped_on = models.DateField("终止日", null=True)
    stopped_text = models.CharField("终止原因", max_length=200, blank=True, db_default="")

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["case", "round", "step", "id"]
        verbose_name = verbose_name_plural = "四步法"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "step", "paper"], condition=Q(stopped_on=None), name="one_paper_of_a_step",
                violation_error_message="这一步的文书已经发出。",
            ),
            models.CheckConstraint(
                condition=Q(is_skipped=True, paper="", number="") | Q(is_skipped=False) & ~Q(paper="") & ~Q(number=""),
                name="step_has_its_paper", violation_error_message="发出的文书须有文号；跳过的步骤没有文书。",
            ),
            models.CheckConstraint(
                condition=Q(stopped_on=None, stopped_text="") | Q(stopped_on__isnull=False) & ~Q(stopped_text=""),
                name="step_stopped_why", violation_error_message="终止须写明原因。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["issued_on", "id"], name="step_in_order")]

    def __str__(self) -> str:
        return f"第{self.step}步 {self.get_step_display()}"

    @property
    def title(self) -> str:
        """The paper by its name; of a skipped step that it was."""
        return BY_PAPER[self.paper].title if self.paper else "经同意跳过"

    @property
    def service(self) -> Service | None:
        """Its proof of service, from what was read with it."""
        return next(iter(self.services.all()), None)


class Service(models.Model):
    """送达回证: a paper reached somebody: to whom, where, when, how, before whom. Append-only; its scan hangs on ``entry``."""

    class Way(models.TextChoices):
        DIRECT = "direct", "直接送达"
        LEFT = "left", "留置送达"
        PROXY = "proxy", "委托送达"
        POST = "post", "邮寄送达"
        PUBLIC = "public", "公告送达"

    step = models.ForeignKey(LegalStep, models.PROTECT, related_name="services")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    way = models.CharField("送达方式", max_length=8, choices=Way.choices)
    served_on = models.DateField("送达日")
    place = models.CharField("送达地点", max_length=100)
    received_by = models.CharField("签收人", max_length=60)
    relation = models.CharField("与受送达人关系", max_length=30, blank=True)
    servers = models.CharField("送达人", max_length=100)
    witness = models.CharField("见证人", max_length=60, blank=True)
    text = models.CharField("备注", max_length=300, blank=True)
    written_at = models.DateTimeField("登记时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)

    class Meta:
        ordering = ["served_on", "id"]
        verbose_name = verbose_name_plural = "送达回证"
        constraints = [
            models.UniqueConstraint(fields=["step"], name="served_once", violation_error_message="这份文书的送达已经登记；写错的请登记更正。"),
            models.CheckConstraint(
                condition=~Q(way="left") | ~Q(witness=""), name="left_before_a_witness", violation_error_message="留置送达须写明见证人。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.step} {self.get_way_display()}"


class Handover(models.Model):
    """移交户籍地: the bureau's letter to the education authority of the household's district, its answer, its acceptance in writing."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="handovers")
    entry = models.ForeignKey(CaseEntry, models.PROTECT, related_name="+")
    addressee = models.CharField("主送机关", max_length=100)
    number = models.CharField("文号", max_length=100)
    letter = models.JSONField("正文", default=dict)
    sent_on = models.DateField("发函日")
    reply_by = models.DateField("答复期限")
    sent_name = models.CharField("发函人", max_length=60)
    sent_title = models.CharField(max_length=200)
    replied_on = models.DateField("答复日", null=True)
    reply = models.CharField("答复", max_length=1000, blank=True)
    accepted_on = models.DateField("书面接收日", null=True)
    receiving = models.CharField("接收学校或单位", max_length=100, blank=True)
    ended_on = models.DateField("不予接收，终止", null=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "移交户籍地"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on=None), name="one_standing_handover", violation_error_message="已向户籍地发函，尚未办结。"
            ),
            models.CheckConstraint(
                condition=Q(accepted_on=None) | ~Q(receiving=""), name="acceptance_names_who", violation_error_message="书面接收须写明接收学校或单位。"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def waits_until(self) -> date:
        """Until when nothing is idle: its answer's day; of a letter after one that nobody answered that one's, until an answer comes."""
        return self.reply_by if self.replied_on else self.entry.counts_on or self.reply_by
