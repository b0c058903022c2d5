"""Forms of log-in, posts and passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from apps.accounts.models import User
from apps.core.scope import Actor


class LoginForm(AuthenticationForm):
    """Name and password; the answer never says which of the two was wrong."""

    error_messages = {"invalid_login": "用户名或密码不正确。请检查大小写后重试。", "inactive": "用户名或密码不正确。请检查大小写后重试。"}


class NewPasswordForm(PasswordChangeForm):
    """The old password and twice the new one."""

    error_messages = {
        "password_incorrect": "原密码不正确。",
        "password_mismatch": "两次输入的新密码不一致。",
        "password_unchanged": "新密码不能与原密码相同。",
    }

    def clean(self) -> dict[str, Any]:
        """An initial password somebody else knows must really change."""
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        if new and self.user.check_password(new):
            self.add_error("new_password1", forms.ValidationError(self.error_messages["password_unchanged"], code="password_unchanged"))
        return cleaned


class SwitchForm(forms.Form):
    """Which of one's posts to act as."""

    post = forms.IntegerField()


class PersonChoice(forms.ModelChoiceField):
    """People by name, with the log-in name: two may be called the same."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name}（{obj.username}）"


class HandOverForm(forms.Form):
    """Who takes a post over, and the old holder's last day."""

    to_user = PersonChoice(User.objects.none(), label="接任人", empty_label="请选择")
    on_day = forms.DateField(label="原任最后一日", help_text="接任人自次日起任职", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_user"].queryset = User.objects.within(actor.scope).filter(is_active=True).exclude(pk=actor.user_id)
