"""Forms of leave: the filter of the list, a new slip, the decision, the return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.attendance.actions.leaves import Slip, looked_at
from apps.attendance.models import Leave, Seat
from apps.core.proofs import ProofField

SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234"})
STATES = [("open", "在办（待批、请假中、到期未返校）"), ("asked", "待批准"), ("away", "请假中"), ("overdue", "到期未返校"), ("all", "全部")]
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")  # what the browser's own picker reads
HOUR = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class LeaveFilter(forms.Form):
    """What the list of leaves shows; without any choice, those in hand."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    room = forms.ChoiceField(label="班级", required=False)

    def __init__(self, *args: Any, rooms: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rooms(self, rooms)

    def wanted(self) -> dict[str, str]:
        """The filter as ``queries.leaving.listed`` takes it; an invalid one shows what is in hand."""
        if not self.is_valid():
            return {"state": "open"}
        told = dict(self.cleaned_data)
        return told | {"state": {"": "open", "all": ""}.get(told["state"], told["state"])}


def offer_rooms(form: forms.Form, rooms: Iterable[Any]) -> None:
    """The classes of one school as a choice; none where there is nothing to choose from."""
    choices = [(room.pk, str(room)) for room in rooms]
    form.fields["room"].choices = [("", "全部班级"), *choices]
    if len(choices) < 2:
        del form.fields["room"]


class LeaveForm(forms.Form):
    """A leave slip."""

    kind = forms.ChoiceField(label="类别", choices=Leave._meta.get_field("kind").choices, widget=forms.RadioSelect)
    first_day = forms.DateField(label="自", widget=DAY)
    last_day = forms.DateField(label="至（含）", widget=DAY, help_text="最后一天也不到校。只请一天的，两个日期相同。")
    facts = forms.CharField(
        label="事由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="写事实：什么病、在哪里看、家里有什么事、由谁带走。"
    )
    guardian_name = forms.CharField(label="请假的监护人", max_length=50)
    guardian_phone = forms.CharField(label="电话", required=False, max_length=30, widget=forms.TextInput(attrs={"type": "tel"}))
    left_at = forms.DateTimeField(label="离校时间", required=False, widget=MOMENT, help_text="已经离校的填写；还没有离校的，打印后在纸上填。")
    proofs = ProofField(label="证明", required=False, help_text="病历、住院证明等的照片或 PDF，每个不超过 10 MB。照片里的拍摄地点会自动去掉。")

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat = seat

    def clean(self) -> dict[str, Any]:
        """All that the action would refuse, at once, beside what the fields say."""
        told = super().clean() or {}
        if told.get("first_day") and told.get("last_day"):
            known = {"kind": "", "facts": "", **{name: told[name] for name in ("first_day", "last_day", "facts", "left_at") if name in told}}
            for fault in looked_at(self.seat, Slip(**known))[1]:
                if fault.field not in self.errors:
                    self.add_error(fault.field, fault.sentence)
        return told

    def slip(self) -> Slip:
        """The slip as the action takes it."""
        return Slip(**{name: value for name, value in self.cleaned_data.items() if name != "proofs"})


class ProofForm(forms.Form):
    """Proof that comes later."""

    proofs = ProofField(label="补交证明", required=False, help_text="照片或 PDF，每个不超过 10 MB。照片里的拍摄地点会自动去掉。")


class DecideForm(forms.Form):
    """Yes or no, and the words; no needs words."""

    answer = forms.ChoiceField(choices=[("yes", "批准"), ("no", "不批准")], widget=forms.HiddenInput)
    read_until = forms.DateField(required=False, widget=forms.HiddenInput)  # the last day as the page showed it: the roll may make a slip longer
    words = forms.CharField(
        label="意见", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="不批准必须写明理由，班主任据此答复家长。"
    )


class ReturnForm(forms.Form):
    """The day and the hour the pupil was back."""

    on = forms.DateField(label="返校日", widget=DAY)
    at = forms.TimeField(label="返校时间", required=False, widget=HOUR, help_text="印在请假条上；不清楚的可以不填。")
