"""Forms of log-in, posts and passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.scope import Actor


class LoginForm(AuthenticationForm):
    """Name and password; the answer never says which of the two was wrong."""

    # Django sets the length on the input alone; a longer name has to be refused before the failure is written down.
    username = UsernameField(label="用户名", max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))

    error_messages = {"invalid_login": "用户名或密码不正确。请检查大小写后重试。", "inactive": "用户名或密码不正确。请检查大小写后重试。"}


class NewPasswordForm(PasswordChangeForm):
    """The old password and twice the new one; a wrong old one counts as a failed log-in of the person, and locks the name as those do."""

    error_messages = {
        "password_incorrect": "原密码不正确。",
        "password_mismatch": "两次输入的新密码不一致。",
        "password_unchanged": "新密码不能与原密码相同。",
    }

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(request.user, data)
        self.request = request

    def clean_old_password(self) -> str:
        """Asked like a log-in, so that django-axes counts it; a locked name is refused whatever was typed."""
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

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
