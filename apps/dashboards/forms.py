"""Forms of the children's pages: the search, and the reason for seeing a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.students.actions import REASON_LENGTH

GRADES = [("", "全部"), *((str(n), f"{name}年级") for n, name in enumerate("一二三四五六七八九", start=1))]


class ChildSearch(forms.Form):
    """Who is looked for."""

    text = forms.CharField(
        label="姓名、首字母、证件后四位", required=False, max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234", "autocomplete": "off"}),
    )  # fmt: skip
    school = forms.ChoiceField(label="学校", required=False)
    grade = forms.ChoiceField(label="年级", required=False, choices=GRADES)
    purpose = forms.ChoiceField(required=False, choices=[("", ""), ("leave", "leave")], widget=forms.HiddenInput)

    def __init__(self, *args: Any, schools: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(school.pk, school.name) for school in schools]
        self.fields["school"].choices = [("", "全部"), *choices]
        if len(choices) < 2:
            del self.fields["school"]  # nothing to choose from

    def wanted(self) -> dict[str, str]:
        """What was asked for; an invalid form asks for nothing in particular."""
        return dict(self.cleaned_data) if self.is_valid() else {}


class RevealForm(forms.Form):
    """Why a full number is needed."""

    reason = forms.CharField(
        label="查看原因", min_length=REASON_LENGTH[0], max_length=REASON_LENGTH[1], help_text="例如“核对户口簿”。原因、时间和您的岗位会记入日志。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
