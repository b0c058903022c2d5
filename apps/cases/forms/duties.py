"""Forms of 双线十二人: a person for a post, hand-over, the posts themselves, 包保责任书; 交办."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.duties import Named
from apps.cases.actions.duty_letters import Written
from apps.cases.models import Duty
from apps.core.proofs import ProofField

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SHEET_BYTES = 5 << 20
TEL = {"inputmode": "tel", "autocomplete": "off"}


class PersonForm(forms.Form):
    """Who takes a post."""

    duty = forms.ChoiceField(label="岗位")
    name = forms.CharField(label="姓名", max_length=60)
    job = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.CharField(label="电话", max_length=30, required=False, widget=forms.TextInput(attrs=TEL))

    def __init__(self, *args: Any, duties: Iterable[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duties = {str(duty.pk): duty for duty in duties}
        self.fields["duty"].choices = [("", "请选择"), *((key, duty.label) for key, duty in self.duties.items())]

    def named(self) -> Named:
        """As the actions take it."""
        told = self.cleaned_data
        return Named(self.duties[told["duty"]], told["name"], told["job"], told["phone"])


class DutiesOn(forms.Form):
    """The day whose people are asked for."""

    duties_on = forms.DateField(label="查哪一天的责任人", required=False, widget=DAY, error_messages={"invalid": "请填写正确的日期。"})


class NameForm(PersonForm):
    """A person for a place, from a day on; at a village for a group of it, at a school for a class of it."""

    group = forms.CharField(label="村民小组", max_length=30, required=False, help_text="只有小组长要填，如“三组”。")
    room = forms.ChoiceField(label="班级", required=False, help_text="不选即全校。")
    first_day = forms.DateField(label="自", widget=DAY)

    def __init__(self, *args: Any, kind: str, rooms: Iterable[Any] = (), today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = {str(room.pk): room for room in rooms}
        self.fields["room"].choices = [("", "全校"), *((key, str(room)) for key, room in self.rooms.items())]
        self.fields["first_day"].initial = today
        if kind != "village":
            del self.fields["group"]
        if kind != "school":
            del self.fields["room"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        duty = self.duties.get(told.get("duty", ""))
        if duty and told.get("group") and duty.level != Duty.Level.GROUP:
            self.add_error("group", f"“{duty.label}”不分村民小组，请清空这一格。")
        if duty and not told.get("group") and duty.level == Duty.Level.GROUP:
            self.add_error("group", f"“{duty.label}”须写明哪个小组，如“三组”。")
        if duty and told.get("room") and duty.level == Duty.Level.SCHOOL:
            self.add_error("room", f"“{duty.label}”不分班级，请选“全校”。")
        return told

    @property
    def chosen_room(self) -> Any:
        """The class, None for the whole school."""
        return self.rooms.get(self.cleaned_data.get("room", ""))


class SheetForm(forms.Form):
    """A filled-in sheet of people."""

    file = forms.FileField(label="表格（.xlsx）", widget=forms.FileInput(attrs={"accept": ".xlsx"}), help_text="用上面下载的表格填写，不超过 5 MB。")

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > SHEET_BYTES:
            raise forms.ValidationError("文件超过 5 MB，未读取。请用下载的表格填写。")
        return given


class HandoverForm(forms.Form):
    """The last day of one person, and who goes on."""

    last_day = forms.DateField(label="最后一天", widget=DAY, help_text="接任人自次日起负责。")
    name = forms.CharField(label="接任人", max_length=60, required=False, help_text="不填即只结束，岗位暂缺。")
    job = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.CharField(label="电话", max_length=30, required=False, widget=forms.TextInput(attrs=TEL))


class DutyForm(forms.ModelForm):
    """One post of a line."""

    order = forms.IntegerField(label="次序", min_value=0, max_value=999, initial=0)

    class Meta:
        model = Duty
        fields = ["label", "line", "level", "order", "is_active"]
        help_texts = {"is_active": "不再使用的停用，不删除；以前的责任人照样查得到。"}

    def _post_clean(self) -> None:
        """The action judges; the form only reads."""


class LetterForm(forms.Form):
    """包保责任书 between two levels."""

    year = forms.IntegerField(label="年度", min_value=2020, max_value=2100)
    upper = forms.CharField(label="甲方", max_length=100)
    upper_name = forms.CharField(label="甲方责任人", max_length=60)
    lower = forms.CharField(label="乙方", max_length=100)
    lower_name = forms.CharField(label="乙方责任人", max_length=60)

    def written(self) -> Written:
        """As the action takes it."""
        return Written(**self.cleaned_data)


class ScanForm(forms.Form):
    """The signed paper."""

    signed_on = forms.DateField(label="签订日", widget=DAY)
    scan = ProofField(label="签字扫描件", help_text="一个 PDF、JPG 或 PNG 文件，10 MB 以内。")


class AssignForm(forms.Form):
    """To which township, and what is asked of it."""

    township = forms.ChoiceField(label="交办给")
    text = forms.CharField(label="要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, townships: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].choices = [("", "请选择"), *townships]


class DelegateForm(forms.Form):
    """To which village."""

    village = forms.ChoiceField(label="转办给")
    text = forms.CharField(label="要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, villages: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = [("", "请选择"), *villages]


class ReasonForm(forms.Form):
    """Why a case is returned, or taken back."""

    text = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ManyForm(forms.Form):
    """What is asked of all townships at once."""

    text = forms.CharField(label="要求", max_length=300, required=False)
