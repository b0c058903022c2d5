"""Who was told what, and who has seen it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.accounts.roles import ROLES
from apps.notices.querysets import NoticeQuerySet
from apps.notices.rules import Topic
from apps.schools.models import School, SchoolClass


class Notice(models.Model):
    """One sentence to the holders of one role at one place. It reaches whoever holds the post, also the one who takes it over tomorrow."""

    key = models.CharField(max_length=120)
    topic = models.CharField("类别", max_length=12, choices=[(t.value, t.label) for t in Topic])
    role = models.CharField("致", max_length=20, choices=[(r.code, r.label) for r in ROLES])
    district_code = models.CharField(max_length=6)
    region_code = models.CharField(max_length=12, blank=True)
    school = models.ForeignKey(School, models.CASCADE, null=True, db_column="school_code", related_name="+")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, null=True, related_name="+")
    day = models.DateField("日期")
    sentence = models.CharField("内容", max_length=300)
    link = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField("时间")
    by_name = models.CharField(max_length=60)
    by_title = models.CharField(max_length=200)
    settled_at = models.DateTimeField("已了结", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-told_at", "-id"]
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "role", "region_code", "school", "school_class", "key"], nulls_distinct=False, name="told_once",
                violation_error_message="同一件事对同一岗位只通知一次。",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["district_code", "key"], name="notice_by_key")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def address(self) -> tuple[str, str, str, str | None, int | None, str]:
        """What makes it one and the same notice: the post and the matter."""
        return (self.district_code, self.role, self.region_code, self.school_id, self.school_class_id, self.key)

    @property
    def about(self) -> Topic:
        """The kind with its words and tone."""
        return Topic(self.topic)


class Seen(models.Model):
    """A person has marked a notice as seen."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="seen_by")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="seen_once", violation_error_message="已经标为已读。")]

    def __str__(self) -> str:
        return f"{self.user} {self.notice}"
