"""People and posts in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts import actions
from apps.accounts.models import Post, User
from apps.accounts.resources import PostResource
from apps.audit.model_admin import DistrictAdmin, DistrictForm, SheetMixin
from apps.core import clock
from apps.core.admin_site import site
from apps.schools.models import SchoolClass


class UserForm(DistrictForm):
    """A person; an initial password must be changed at the first log-in."""

    new_password = forms.CharField(label="初始密码", required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = User
        fields = ("username", "name", "phone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["new_password"]
        field.required = self.instance.pk is None
        field.help_text = "首次登录须修改" if field.required else "留空则不变；填写即重置密码，此人下次登录须修改"

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            validate_password(password, User(username=self.cleaned_data.get("username", ""), name=self.cleaned_data.get("name", "")))
        return password


@admin.register(User, site=site)
class UserAdmin(DistrictAdmin):
    """People are switched off, never deleted: the ledgers speak of them."""

    form = UserForm
    exclude = ("district_code", "password", "last_login", "must_change_password")
    list_display = ("username", "name", "phone", "is_active", "must_change_password", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name", "phone")
    actions = ("lift_locks",)

    def save_model(self, request: Any, obj: User, form: forms.ModelForm, change: bool) -> None:
        password = form.cleaned_data.get("new_password")
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if password:
            actions.set_initial_password(user=obj, password=password, by=request.actor)

    @admin.action(description="解除登录锁定")
    def lift_locks(self, request: Any, queryset: Any) -> None:
        lifted = sum(actions.unlock(user=user, by=request.actor) for user in queryset)
        messages.success(request, f"已解除 {lifted} 处登录锁定。")


class PostForm(DistrictForm):
    """A post; after it began only its end and the note can change."""

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if user.pk == self.actor.user_id:
            raise ValidationError("不能给自己安排岗位，请由另一位系统管理员办理。")
        return user


class ClassChoice(forms.ModelChoiceField):
    """A class with its school and year before it."""

    def label_from_instance(self, obj: SchoolClass) -> str:
        return f"{obj.school} {obj.school_year}学年 {obj}"


class Tenure(admin.SimpleListFilter):
    """Posts in force today, or those of them whose end is known."""

    title = "任期"
    parameter_name = "term"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "在任"), ("ending", "已定离任日")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        held = queryset.held_on(clock.today())
        return held.filter(ends_on__isnull=False) if self.value() == "ending" else held


@admin.register(Post, site=site)
class PostAdmin(SheetMixin, DistrictAdmin):
    """Posts end and are handed over; they are never deleted."""

    form = PostForm
    resource_classes = [PostResource]
    list_display = ("user", "role", "where", "starts_on", "ends_on", "handing_over")
    list_filter = (Tenure, "role")
    list_select_related = ("user", "school", "region", "school_class")
    search_fields = ("user__name", "user__username", "school__name", "region__name")
    autocomplete_fields = ("user", "region", "school")
    actions = ("hand_over",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("user", "role", "region", "school", "school_class", "starts_on") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "school_class":
            kwargs["form_class"] = ClassChoice
            kwargs["queryset"] = SchoolClass.objects.within(request.actor.scope).select_related("school")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="所在")
    def where(self, post: Post) -> str:
        return post.place

    @admin.display(description="交接")
    def handing_over(self, post: Post) -> str:
        return format_html('<a href="{}">交接</a>', reverse("hand_over", args=[post.pk]))

    @admin.action(description="岗位交接")
    def hand_over(self, request: Any, queryset: Any) -> Any:
        if queryset.count() != 1:
            messages.error(request, "请只选一个岗位办理交接。")
            return None
        return redirect("hand_over", post_id=queryset.get().pk)
