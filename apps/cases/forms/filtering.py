"""Forms of 一生一案: the filter of the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.cases.models import Case
from apps.cases.workflow import State

ALL = ("", "全部")
SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234"})


class CaseFilter(forms.Form):
    """What the list of cases shows; without any choice, those that are not over."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("open", "未结"), *((s.value, s.label) for s in State), ("ended", "已结"), ("all", "全部")]
    )
    origin = forms.ChoiceField(label="来源", required=False, choices=[ALL, *Case.Origin.choices])
    stage = forms.ChoiceField(label="学段", required=False, choices=[ALL, ("primary", "小学"), ("junior", "初中")])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    school = forms.ChoiceField(label="学校", required=False)
    child = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, townships: Iterable[Any], schools: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, places in (("township", townships), ("school", schools)):
            choices = [(place.pk, place.name) for place in places]
            self.fields[name].choices = [ALL, *choices]
            if len(choices) < 2:
                del self.fields[name]  # nothing to choose from

    def wanted(self) -> dict[str, str]:
        """The filter as ``queries.listed`` takes it; an invalid one shows what is open."""
        if not self.is_valid():
            return {"state": "open"}
        told = dict(self.cleaned_data)
        return told | {"state": {"": "open", "all": ""}.get(told["state"], told["state"])}
