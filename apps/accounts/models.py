"""People and their posts."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts import roles
from apps.accounts.querysets import PostQuerySet, UserQuerySet
from apps.core.scope import Level
from apps.schools.models import Region, School, SchoolClass


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; there is no superuser: rights come from posts alone."""

    def create_user(self, username: str, name: str, password: str | None = None, *, district_code: str = "") -> User:
        user = self.model(username=self.model.normalize_username(username), name=name, district_code=district_code)
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
    district_code = models.CharField("区县", max_length=6, blank=True, db_index=True, help_text="由哪个区县的系统管理员管理")
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
        """A role stands at its own kind of place, inside the post's district."""
        role = roles.BY_CODE.get(self.role)
        if role is None:
            return
        needed, faults = PLACES[role.level], {}
        for name, label in PLACE_LABELS.items():
            if name in needed and getattr(self, f"{name}_id") is None:
                faults[name] = f"“{role.label}”须填写{label}。"
            if name not in needed and getattr(self, f"{name}_id") is not None:
                faults[name] = f"“{role.label}”不在{label}任职，请留空。"
        if faults:  # all at once; whether a place is the right one is asked of places that are there
            raise ValidationError(faults)
        self.check_place(role.level)

    def check_place(self, level: Level) -> None:
        """The place is of the right kind and lies in the post's district."""
        if self.region_id and len(self.region_id) != {Level.TOWNSHIP: 9, Level.VILLAGE: 12}[level]:
            raise ValidationError({"region": "请选择乡镇（街道）。" if level == Level.TOWNSHIP else "请选择村（社区）。"})
        if self.region_id and not self.region_id.startswith(self.district_code):
            raise ValidationError({"region": "所选乡镇或村不在本区县。"})
        if self.school and self.school.district_code != self.district_code:
            raise ValidationError({"school": "所选学校不在本区县。"})
        if self.school_class and self.school_class.school_id != self.school_id:
            raise ValidationError({"school_class": "班级不属于所选学校。"})


PLACE_LABELS = {"region": "乡镇或村", "school": "学校", "school_class": "班级"}
PLACES = {
    Level.CLASS: {"school", "school_class"},
    Level.SCHOOL: {"school"},
    Level.VILLAGE: {"region"},
    Level.TOWNSHIP: {"region"},
    Level.DISTRICT: set(),
}
