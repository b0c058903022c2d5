"""Forms of 分类安置: the cause first, then only the kinds that fit it; the review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.placing import Plan, Reviewed
from apps.cases.forms.life import DAY, FILES
from apps.cases.models import PlacementReview
from apps.cases.rules.placing import Cause, Placing, needs_assessment
from apps.core.proofs import ProofField

CAUSES = [(cause.value, cause.label) for cause in Cause if cause != Cause.UNKNOWN]


class CauseForm(forms.Form):
    """Why the child stayed away; the page shows what fits."""

    cause = forms.ChoiceField(label="辍学原因", choices=[("", "请选择"), *CAUSES])


class PlaceForm(forms.Form):
    """A placement for a known cause."""

    cause = forms.ChoiceField(choices=CAUSES, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="安置方式", widget=forms.RadioSelect)
    room = forms.ModelChoiceField(label="班级", queryset=None, required=False, empty_label="不进班")
    teacher = forms.CharField(label="责任教师", max_length=60)
    assessment = forms.CharField(
        label="学识评估", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="语文、数学等到什么程度，适合哪个年级。"
    )
    plan = forms.CharField(
        label="安置方案", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}), help_text="学什么、谁教、每周几次、怎样帮、达到什么目标。"
    )
    plan_files = ProofField(label="方案附件", required=False, help_text=FILES)
    panel_on = forms.DateField(label="专家委员会建议日期", required=False, widget=DAY)
    panel_advice = forms.CharField(
        label="残疾人教育专家委员会建议", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="残疾学生、特殊教育学校就读的必填。",
    )  # fmt: skip
    panel_files = ProofField(label="建议书扫描件", required=False, help_text=FILES)
    first_day = forms.DateField(label="开始日", widget=DAY)
    review_on = forms.DateField(label="复核日", widget=DAY, help_text="到这一天看安置合不合适，校长会收到提醒。")

    def __init__(self, *args: Any, kinds: Sequence[Placing], rooms: Any, cause: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"cause": cause, "first_day": today}, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["room"].queryset = rooms
        self.fields["assessment"].required = needs_assessment(cause)
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0].value

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("panel_on") and not self.cleaned_data.get("panel_files"):
            self.add_error("panel_files", "请附建议书的扫描件。")
        return told

    def planned(self) -> Plan:
        """As the action takes it."""
        return Plan(**self.cleaned_data)


class ReviewForm(forms.Form):
    """What a review found."""

    day = forms.DateField(label="复核日", widget=DAY)
    outcome = forms.ChoiceField(label="结论", choices=PlacementReview.Outcome.choices, widget=forms.RadioSelect)
    text = forms.CharField(label="情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    next_on = forms.DateField(label="下次复核", required=False, widget=DAY, help_text="继续安置的必填。")
    files = ProofField(label="材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="review_%s", **kwargs)
        self.fields["day"].initial = today

    def reviewed(self) -> Reviewed:
        """As the action takes it."""
        return Reviewed(**self.cleaned_data)
