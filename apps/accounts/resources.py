"""Posts as .xlsx (django-import-export), by log-in names and codes of places."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from apps.accounts.models import Post, User
from apps.accounts.roles import ROLES
from apps.core.district_resources import Coded, Day, DistrictResource, Worded
from apps.schools.models import Region, School, SchoolClass


class ClassOfSchool(Coded):
    """A class written 2026-7-1 (school year, grade, name), of the school in the same row."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> SchoolClass | None:
        if not value:
            return None
        year, _, rest = str(value).partition("-")
        grade, _, name = rest.partition("-")
        found = SchoolClass.objects.within(self.actor.scope).filter(school_id=row.get("学校标识码") or "", name=name)
        found = found.filter(school_year=year, grade=grade) if year.isdigit() and grade.isdigit() else found.none()
        if found.first() is None:
            raise ValidationError(f"班级：该校没有“{value}”，应写作 学年-年级-班级，如 2026-7-1。")
        return found.first()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{value.school_year}-{value.grade}-{value.name}" if value else ""


class PostResource(DistrictResource):
    """One row a post. People must be in the list already; a row with a last day ends the post."""

    user = Field("user", "登录名", Coded(User, "username", "登录名"))
    person = Field("user__name", "姓名", readonly=True)
    role = Field("role", "角色", Worded([(r.code, r.label) for r in ROLES], "角色"))
    region = Field("region", "乡镇或村代码", Coded(Region, "code", "乡镇或村代码", needed=False))
    school = Field("school", "学校标识码", Coded(School, "code", "学校标识码", needed=False))
    school_class = Field("school_class", "班级", ClassOfSchool(SchoolClass, "pk", "班级", needed=False))
    starts_on = Field("starts_on", "自", Day("自"))
    ends_on = Field("ends_on", "至", Day("至", needed=False))

    class Meta:
        model = Post
        fields = ("user", "person", "role", "region", "school", "school_class", "starts_on", "ends_on")
        import_id_fields = ("user", "role", "region", "school", "school_class", "starts_on")
        skip_unchanged = report_skipped = clean_model_instances = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Nobody gives a post to himself."""
        user = User.objects.filter(pk=self.actor.user_id).first()
        if user is not None and row.get("登录名") == user.username:
            raise ValidationError("登录名：不能给自己安排岗位，请由另一位系统管理员办理。")
