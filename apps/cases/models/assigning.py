"""Who was charged with a case, and how far it climbed when nothing was done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.cases.models.case import Case
from apps.cases.querysets import OfCaseQuerySet


class Assignment(models.Model):
    """A case handed to a township, or by the township on to a village: accepted, or returned with a reason, or ended with the case."""

    class Level(models.TextChoices):
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    level = models.CharField("交办", max_length=8, choices=Level.choices)
    region_code = models.CharField(max_length=12)
    text = models.CharField("要求", max_length=300, blank=True)
    accept_by = models.DateField("签收期限")
    given_at = models.DateTimeField("交办时间")
    given_name = models.CharField("交办人", max_length=60)
    given_title = models.CharField(max_length=200)
    accepted_at = models.DateTimeField("签收时间", null=True)
    accepted_name = models.CharField("签收人", max_length=60, blank=True)
    accepted_title = models.CharField(max_length=200, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True)
    returned_name = models.CharField("退回人", max_length=60, blank=True)
    returned_title = models.CharField(max_length=200, blank=True)
    returned_text = models.CharField("退回理由", max_length=300, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "交办"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "level"], condition=Q(ended_at=None), name="one_standing_assignment", violation_error_message="这件个案已经交办，尚未结束。"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_name="") | Q(accepted_at__isnull=False) & ~Q(accepted_name=""),
                name="assignment_accepted_whole", violation_error_message="签收须有签收人和时间。",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_text="") | Q(returned_at__isnull=False, ended_at__isnull=False) & ~Q(returned_text=""),
                name="assignment_returned_whole", violation_error_message="退回须写明理由。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["region_code"], condition=Q(ended_at=None), name="assignment_of_region")]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.region_code}"


class Climb(models.Model):
    """A level of the ladder was told that nothing was done: once for each stretch without progress. Append-only."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="climbs")
    level = models.PositiveSmallIntegerField("层级")  # rules/climbing.LADDER
    since = models.DateField("无进展自")
    days = models.PositiveSmallIntegerField("日数")
    told_on = models.DateField("告知日")

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "逐级上报"
        constraints = [
            models.UniqueConstraint(fields=["case", "level", "since"], name="climb_told_once", violation_error_message="这一层级已经告知过。"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.level}"
