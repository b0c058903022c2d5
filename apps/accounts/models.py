"""People and their posts."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts import roles
from apps.accounts.querysets import PostQuerySet
from apps.core.scope import Level
from apps.schools.models import Region, School, SchoolClass


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no superuser: rights come from posts alone."""

    def create_user(self, username: str, name: str, password: str | None = None) -> User:
        user = self.model(username=self.model.normalize_username(username), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who logs in. What the person may do stands in the posts."""

    username = models.CharField(
        "登录名", max_length=40, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9_.-]{3,40}$", "登录名为 3—40 位字母、数字、点、下划线或短横。")]
    )
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("电话", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["username"]
        verbose_name = verbose_name_plural = "人员"

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this; the answer comes from the acting post (accounts/admin.py), never from the user."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Never: the admin site asks the acting post instead."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Never: the admin site asks the acting post instead."""
        return False


class Post(models.Model):
    """A role at a place from one day to another; acting always means acting as one post."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=[(r.code, r.label) for r in roles.ROLES])
    district_code = models.CharField("区县", max_length=6, db_index=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name="乡镇或村")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, verbose_name="学校")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, verbose_name="班级")
    starts_on = models.DateField("自")
    ends_on = models.DateField("至（含）", null=True, blank=True)
    note = models.CharField("说明", max_length=100, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "id"]
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="post_runs_forward", violation_error_message="离任日期不能早于到任日期。"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "district_code", "region", "school", "school_class"], condition=Q(ends_on__isnull=True), nulls_distinct=False,
                name="one_open_post", violation_error_message="此人已在任同一岗位。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.place}"

    @property
    def place(self) -> str:
        """Where the post stands, in words."""
        if self.school_class_id:
            return f"{self.school} {self.school_class}"
        return str(self.school or self.region or "全区")

    def is_current(self, day: date) -> bool:
        """Whether the post is held on a day."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)

    def clean(self) -> None:
        """A role stands at its own kind of place."""
        role = roles.BY_CODE.get(self.role)
        if role is None:
            return
        wrong = {
            Level.SCHOOL: self.school_id is None,
            Level.CLASS: self.school_class_id is None or self.school_id is None,
            Level.TOWNSHIP: self.region_id is None or len(self.region_id) != 9,
            Level.VILLAGE: self.region_id is None or len(self.region_id) != 12,
        }.get(role.level, False)
        if wrong:
            field = "school" if role.level == Level.SCHOOL else "school_class" if role.level == Level.CLASS else "region"
            raise ValidationError({field: f"“{role.label}”须填写{dict(school='学校', school_class='学校和班级', region='乡镇或村')[field]}。"})
        if self.school_class and self.school_class.school_id != self.school_id:
            raise ValidationError({"school_class": "班级不属于所选学校。"})
