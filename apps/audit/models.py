"""What happened: events that are only ever added, and the submissions already taken."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing somebody did. No foreign keys: it outlives what it speaks of. A trigger refuses UPDATE and DELETE."""

    at = models.DateTimeField("时间", db_index=True)
    user_id = models.BigIntegerField("用户")
    user_name = models.CharField("姓名", max_length=60)
    post_id = models.BigIntegerField("岗位")
    post_title = models.CharField("岗位名称", max_length=200)
    verb = models.CharField("动作", max_length=40)
    sentence = models.CharField("内容", max_length=500)
    object_kind = models.CharField("对象", max_length=40, blank=True)
    object_id = models.BigIntegerField("对象编号", null=True)
    child_id = models.BigIntegerField("儿童", null=True)
    district_code = models.CharField("区县", max_length=6, blank=True)
    data = models.JSONField("细节", default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["child_id", "-id"], name="event_of_child"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="event_of_object"),
        ]

    def __str__(self) -> str:
        return self.sentence


class Submission(models.Model):
    """A form already taken: the key it carried and the address it led to (one key, one effect)."""

    key = models.UUIDField(primary_key=True)
    user_id = models.BigIntegerField()
    path = models.CharField(max_length=300)
    content = models.CharField(max_length=32, blank=True, db_default="", help_text="内容的摘要，用来分清重复提交和改后再交")
    location = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.path} → {self.location}"
