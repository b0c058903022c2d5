"""Forms of 送教上门: the filter of the register, a plan, a lesson, a lesson taken back, the end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.teaching import Given, Planned
from apps.cases.forms.life import DAY
from apps.core.proofs import ProofField

SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234"})
PHOTO = "手机拍照即可，每个不超过 10 MB。照片里的拍摄地点会自动去掉。"


class TeachingFilter(forms.Form):
    """What the register of home teaching shows: the present school year unless another is chosen."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    year = forms.TypedChoiceField(label="学年", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = year
        self.fields["year"].choices = [(y, f"{y}—{y + 1}学年") for y in range(year, year - 6, -1)]

    def wanted(self) -> dict[str, Any]:
        """The filter as ``queries.teaching.listed`` takes it."""
        told = dict(self.cleaned_data) if self.is_valid() else {}
        return {"text": told.get("text", ""), "year": told.get("year") or self.present}


class PlanForm(forms.Form):
    """A plan for a school year."""

    lessons = forms.IntegerField(label="计划课时", min_value=1, max_value=600)
    teachers = forms.CharField(label="送教教师", max_length=100, help_text="几位教师用顿号隔开。")
    room = forms.ModelChoiceField(label="班级", queryset=None, required=False, empty_label="不在班级名单上")
    plan = forms.CharField(label="送教计划", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}), help_text="目标、内容、每周次数、康复训练。")
    first_day = forms.DateField(label="自", widget=DAY)
    last_day = forms.DateField(label="至（含）", widget=DAY, help_text="一份计划只管一个学年。")

    def __init__(self, *args: Any, rooms: Any, low: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms
        self.fields["lessons"].help_text = f"每学年不少于 {low} 课时，中途开始的按日数折算。"

    def planned(self) -> Planned:
        """As the action takes it."""
        return Planned(**self.cleaned_data)


class LessonForm(forms.Form):
    """A visit, as a teacher enters it on the way home."""

    day = forms.DateField(label="日期", widget=DAY)
    lessons = forms.IntegerField(label="课时", min_value=1, max_value=12, initial=2)
    teachers = forms.CharField(label="送教教师", max_length=100)
    content = forms.CharField(label="送教内容", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    guardian = forms.CharField(label="签字的家长", max_length=60)
    photos = ProofField(label="送教照片", required=True, help_text=PHOTO)
    signature = ProofField(label="家长签字的照片", required=True, help_text=PHOTO)

    def __init__(self, *args: Any, today: date | None = None, teachers: str = "", guardian: str = "", **kwargs: Any) -> None:
        super().__init__(*args, initial={"day": today, "teachers": teachers, "guardian": guardian}, **kwargs)

    def given(self) -> Given:
        """As the action takes it."""
        return Given(**self.cleaned_data)


class VoidForm(forms.Form):
    """Why a lesson does not count."""

    text = forms.CharField(label="作废理由", max_length=200)


class EndForm(forms.Form):
    """Why a plan ends before its day."""

    on = forms.DateField(label="终止日", widget=DAY)
    text = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="end_%s", **kwargs)
        self.fields["on"].initial = today
