"""Forms of the way back: receiving school, registration, gone again, notes of the watching, plan of care."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.returning import Registered
from apps.cases.actions.watching import Care, Noted
from apps.cases.forms.life import DAY, FILES
from apps.cases.rules.caring import Group
from apps.core.proofs import ProofField
from apps.schools.models import SchoolClass

NO_CLASS = "none"
LONG = forms.Textarea(attrs={"rows": 3})


class SchoolForm(forms.Form):
    """Which school takes the child in."""

    school = forms.ModelChoiceField(label="接收学校", queryset=None, empty_label="请选择")
    text = forms.CharField(label="要求", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="school_%s", **kwargs)
        self.fields["school"].queryset = schools


class ReturnForm(forms.Form):
    """Registered at school again."""

    on = forms.DateField(label="注册日", widget=DAY)
    room = forms.ChoiceField(
        label="班级", help_text="选了班级，该生就在这个班的点名名单上。",
        error_messages={"required": "请选择班级；送教上门、单独教育的，选“不进班”。"},
    )  # fmt: skip
    text = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="怎样回来的，谁送来的。")
    files = ProofField(label="注册材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, rooms: Any, room: int | None = None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="return_%s", **kwargs)
        self.rooms = {str(one.pk): one for one in rooms}
        self.fields["room"].choices = [
            ("", "请选择"),
            *((key, str(one)) for key, one in self.rooms.items()),
            (NO_CLASS, "不进班（送教上门、单独教育）"),
        ]
        self.fields["room"].initial = room
        self.fields["text"].sometimes = True
        self.fields["on"].initial = today

    def clean_room(self) -> SchoolClass | None:
        """The class; None for a child that no class expects."""
        return self.rooms.get(self.cleaned_data["room"])

    def clean(self) -> dict[str, Any]:
        """A registration stops the four steps and moves the deadline: it says what shows it."""
        given: dict[str, Any] = super().clean() or {}
        if "files" in given and "text" in given and not (given["files"] or given["text"].strip()):
            self.add_error("text", "请写明怎样回来的，或附注册材料。")
        return given

    def registered(self) -> Registered:
        """As the action takes it."""
        return Registered(**self.cleaned_data)


class ReopenForm(forms.Form):
    """A watched child learns no more."""

    on = forms.DateField(label="从哪一天起不上学", widget=DAY)
    text = forms.CharField(label="情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="怎样得知、孩子现在哪里、和谁在一起。")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="reopen_%s", **kwargs)
        self.fields["on"].initial = today


class LeftForm(forms.Form):
    """Gone again before it counted as returned."""

    on = forms.DateField(label="离校日", widget=DAY)
    text = forms.CharField(label="情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="left_%s", **kwargs)
        self.fields["on"].initial = today


class WatchForm(forms.Form):
    """A note of the watching; the days are read from the roll calls."""

    day = forms.DateField(label="日期", widget=DAY)
    study = forms.CharField(label="学习情况", max_length=300, widget=LONG)
    mood = forms.CharField(label="思想动态", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    help_given = forms.CharField(label="帮扶措施", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    files = ProofField(label="照片、材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="watch_%s", **kwargs)
        self.fields["day"].initial = today

    def noted(self) -> Noted:
        """As the action takes it."""
        return Noted(**self.cleaned_data)


class CareForm(forms.Form):
    """A plan of care."""

    groups = forms.MultipleChoiceField(
        label="特殊群体", required=False, choices=[(g.value, g.label) for g in Group], widget=forms.CheckboxSelectMultiple
    )
    teacher = forms.CharField(label="责任教师", max_length=60)
    text = forms.CharField(
        label="关爱措施",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="谈心、学业辅导、生活资助、家校联系等，写到人、写到次数。",
    )
    first_day = forms.DateField(label="自", widget=DAY)
    review_on = forms.DateField(label="复核日", widget=DAY)

    def __init__(self, *args: Any, today: date, groups: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, auto_id="care_%s", initial={"groups": list(groups)}, **kwargs)
        self.fields["first_day"].initial = today

    def planned(self) -> Care:
        """As the action takes it."""
        return Care(**self.cleaned_data)
