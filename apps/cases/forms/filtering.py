"""Forms of 一生一案: the filter of the list, and its name where somebody keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.accounts.roles import BY_CODE
from apps.cases.models import Case
from apps.cases.rules.placing import Cause
from apps.cases.workflow import State

ALL = ("", "全部")
OWNERS = ("head_teacher", "principal", "township", "bureau")
SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234、电话"})


class CaseFilter(forms.Form):
    """What the list of cases shows; without any choice, those that are not over."""

    text = forms.CharField(label="姓名、首字母、证件后四位、家长电话", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("open", "未结"), ("out", "失学、辍学未返校"), *((s.value, s.label) for s in State), ("ended", "已结"), ("all", "全部")],
    )
    origin = forms.ChoiceField(label="来源", required=False, choices=[ALL, *Case.Origin.choices])
    stage = forms.ChoiceField(label="学段", required=False, choices=[ALL, ("primary", "小学"), ("junior", "初中")])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    school = forms.ChoiceField(label="学校", required=False)
    cause = forms.ChoiceField(label="原因", required=False, choices=[ALL, *((c.value, c.label) for c in Cause)])
    group = forms.ChoiceField(
        label="户类型", required=False, choices=[ALL, ("lifted_out", "脱贫户"), ("monitored", "三类监测户"), ("goal", "脱贫户和三类监测户")]
    )
    age = forms.TypedChoiceField(label="年龄", required=False, choices=[ALL, *((str(n), f"{n} 周岁") for n in range(5, 18))])
    owner = forms.ChoiceField(label="责任岗位", required=False, choices=[ALL, *((code, BY_CODE[code].label) for code in OWNERS)])
    person = forms.CharField(label="责任人姓名", required=False, max_length=60)
    due = forms.ChoiceField(
        label="期限", required=False,
        choices=[ALL, ("late_long", "超期一周以上"), ("late", "超期一周内"), ("today", "今日到期"), ("week", "一周内到期"), ("later", "更晚")],
    )  # fmt: skip
    decide = forms.BooleanField(label="只看待审定", required=False)
    overdue = forms.BooleanField(label="只看超期", required=False)
    repeat = forms.BooleanField(label="再次辍学", required=False)
    moved = forms.ChoiceField(
        label="期间内转为",
        required=False,
        choices=[ALL, ("lost", "认定辍学、再次辍学"), ("back", "已复学、已安置"), *((s.value, s.label) for s in State)],
    )
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
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


class KeepForm(forms.Form):
    """A name for the filter in use."""

    name = forms.CharField(label="名称", max_length=30)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
