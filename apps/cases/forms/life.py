"""Forms of one case: what takes two signatures, the second signature, a note, a case opened by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.proposing import Asked
from apps.cases.rules.proposing import Basis
from apps.core.proofs import ProofField

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
FILES = "照片、扫描件（JPG、PNG、PDF），每个不超过 10 MB。照片里的拍摄地点会自动去掉。"


class AskForm(forms.Form):
    """What somebody asks for. ``grounds``: those the state allows; dates are asked for only where one of them ends on a day."""

    kind = forms.CharField(widget=forms.HiddenInput)
    basis = forms.ChoiceField(label="依据", widget=forms.RadioSelect)
    first_day = forms.DateField(label="自", required=False, widget=DAY)
    until = forms.DateField(label="至（含）", required=False, widget=DAY, help_text="到期自动恢复。")
    where = forms.CharField(label="毕业学校", max_length=60, required=False, help_text="以毕业证书销号的填写：哪个县区、哪所学校。")
    text = forms.CharField(label="理由", max_length=400, widget=forms.Textarea(attrs={"rows": 3}), help_text="写事实：什么时候、谁、怎样核实的。")
    files = ProofField(label="证明材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, kind: str, grounds: Sequence[Basis], **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{kind}_%s", **kwargs)
        self.fields["kind"].initial = kind
        self.fields["basis"].choices = [(one.code, one.label + ("" if one.needs_proof else "（不必附证明）")) for one in grounds]
        if len(grounds) == 1:
            self.fields["basis"].initial = grounds[0].code
        if not any(one.needs_until for one in grounds):
            del self.fields["first_day"], self.fields["until"]
        if not any(one.needs_where for one in grounds):
            del self.fields["where"]
        for name in {"first_day", "until", "where"} & set(self.fields):
            self.fields[name].sometimes = True  # asked for by some grounds

    def asked(self) -> Asked:
        """As the action takes it."""
        return Asked(**self.cleaned_data)


class DecideForm(forms.Form):
    """The second signature."""

    answer = forms.ChoiceField(choices=[("yes", "同意"), ("no", "不同意")], widget=forms.HiddenInput)
    text = forms.CharField(label="意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="不同意的必须写明理由。")


class NoteForm(forms.Form):
    """A note, files, or the correction of a line."""

    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)
    on = forms.DateField(label="发生日", widget=DAY)
    text = forms.CharField(label="内容", max_length=900, widget=forms.Textarea(attrs={"rows": 3}))
    files = ProofField(label="附件", required=False, help_text=f"{FILES}录音（mp3、m4a、amr、wav、ogg）不超过 20 MB。", recordings=True)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="note_%s", **kwargs)
        self.fields["on"].initial = today


class MergeForm(forms.Form):
    """Which other case of the same child goes on."""

    into = forms.ChoiceField(label="并入", widget=forms.RadioSelect)

    def __init__(self, *args: Any, others: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="merge_%s", **kwargs)
        self.fields["into"].choices = [(str(one.pk), f"#{one.pk} {one.standing.label}：{one.reason}") for one in others]


class OpenForm(forms.Form):
    """A case opened by hand."""

    never_enrolled = forms.BooleanField(label="从未入学（失学）", required=False)
    reason = forms.CharField(
        label="立案理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="怎样得知的、从什么时候没有上学、现在在哪里。"
    )
    files = ProofField(label="证明材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, may_confirm: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_confirm:
            del self.fields["never_enrolled"]
