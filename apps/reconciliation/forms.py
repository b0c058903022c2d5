"""Forms of the comparison: filters, settling, judging a pair, signing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.core.proofs import ProofField
from apps.reconciliation import rules
from apps.reconciliation.models import Finding
from apps.reconciliation.queries import figures

ALL = ("", "全部")
SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234"})


def offer_places(form: forms.Form, townships: Iterable[Any], schools: Iterable[Any]) -> None:
    """The places of the scope; a select with nothing to choose from stays in the address, out of sight."""
    for name, places in (("township", townships), ("school", schools)):
        choices = [(place.pk, place.name) for place in places]
        form.fields[name].choices = [ALL, *choices]
        if len(choices) < 2:
            form.fields[name].widget = forms.HiddenInput()


class ChildFilter(forms.Form):
    """What a list of children shows; the figure and the place come from the number that was opened."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    figure = forms.ChoiceField(label="类别", required=False)
    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    school = forms.ChoiceField(label="学校", required=False)
    stage = forms.ChoiceField(label="学段", required=False, choices=[("", "全部"), ("primary", "小学"), ("junior", "初中"), ("other", "学段未定")])
    village = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)

    def __init__(self, *args: Any, townships: Iterable[Any], schools: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["figure"].choices = [ALL, *grouped_figures()]
        offer_places(self, townships, schools)


def grouped_figures() -> list[tuple[str, list[tuple[str, str]]]]:
    """The figures for a select, by comparison."""
    groups = (("方案各数", ("goal", *figures.NAMED)), ("① 户籍×学籍", figures.FIRST_CODES), ("② 学籍×在校", figures.SECOND_CODES),
              ("② 在校无籍", figures.REVERSE_CODES), ("③ 脱贫户与三类监测", figures.THIRD_CODES))  # fmt: skip
    return [(label, [(code, figures.FIGURES[code].label) for code in codes]) for label, codes in groups]


KLASSES = [(rules.COMPARISON_LABELS[c], [(f"{c}:{k.code}", k.label) for k in rules.CLASSES[c].values()]) for c in rules.Comparison]


class FindingFilter(forms.Form):
    """What the list of findings shows."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *Finding.State.choices])
    klass = forms.ChoiceField(label="比对与类别", required=False, choices=[ALL, *KLASSES])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    school = forms.ChoiceField(label="学校", required=False)
    owner = forms.ChoiceField(required=False, choices=[ALL, *((role, role) for role in rules.SETTLERS)], widget=forms.HiddenInput)
    mine = forms.ChoiceField(label="责任", required=False, choices=[ALL, ("1", "由我处理")])

    def __init__(self, *args: Any, townships: Iterable[Any], schools: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self, townships, schools)

    def wanted(self, role: str) -> dict[str, str]:
        """The filter as ``lists.findings`` takes it; an invalid one filters nothing."""
        if not self.is_valid():
            return {"state": Finding.State.OPEN}
        told = dict(self.cleaned_data)
        comparison, _, klass = told.pop("klass").partition(":")
        return {**told, "comparison": comparison, "klass": klass, "role": role if told.pop("mine") else ""}


class SettleForm(forms.Form):
    """How one finding, or several like ones, are settled."""

    outcome = forms.ChoiceField(label="处理结果")
    explanation = forms.CharField(
        label="说明", max_length=250, widget=forms.Textarea(attrs={"rows": 3}), help_text="核实了什么、向谁核实、结果如何；下次比对会沿用。"
    )
    proofs = ProofField(label="佐证材料", required=False, help_text="处理结果后注明“须佐证”的必须上传：PDF、JPG 或 PNG，每个不超过 10 MB。")

    def __init__(self, *args: Any, comparison: str, klass: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comparison = comparison
        words = [(code, outcome_words(comparison, code)) for code in rules.outcomes(comparison, klass)]
        self.fields["outcome"].choices = [("", "请选择"), *words]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        outcome = told.get("outcome")
        if outcome and rules.outcome_needs_proof(self.comparison, outcome) and not told.get("proofs") and "proofs" not in self.errors:
            self.add_error("proofs", f"处理为“{rules.label(self.comparison, outcome)}”须上传佐证材料。")
        return told


def outcome_words(comparison: str, code: str) -> str:
    """An outcome as the select shows it."""
    return f"{rules.label(comparison, code)}{'（须佐证）' if rules.outcome_needs_proof(comparison, code) else ''}"


class PairForm(forms.Form):
    """What a person says of two lines."""

    answer = forms.ChoiceField(choices=[("same", "同一人"), ("different", "不是同一人"), ("ask", "须核实")], widget=forms.HiddenInput, required=True)
    note = forms.CharField(
        label="依据", required=False, max_length=250, widget=forms.Textarea(attrs={"rows": 2}), help_text="如：已电话核对监护人；户口簿已看。"
    )


class SignForm(forms.Form):
    """The sentence that a signature with open ends asks for."""

    reason = forms.CharField(label="仍签认的原因", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
