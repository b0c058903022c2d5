"""缓学申请表: what the paper asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.exempting import Application
from apps.cases.actions.proposing import Asked
from apps.cases.forms.life import DAY, FILES
from apps.cases.rules.proposing import BY_KIND, Kind
from apps.core.proofs import ProofField

GROUNDS = [(basis.code, basis.label) for basis in BY_KIND[Kind.EXEMPT].bases]
APPLICATION = ("due_entry", "guardian_name", "guardian_phone", "address", "proof_body", "proof_opinion")


class ExemptForm(forms.Form):
    """Application for deferral, suspension, or because the child cannot learn."""

    basis = forms.ChoiceField(label="事项", choices=GROUNDS, widget=forms.RadioSelect)
    due_entry = forms.CharField(label="应入学时间或所在班级", max_length=60, help_text="缓学的写应入学年月，休学的写班级。")
    guardian_name = forms.CharField(label="监护人", max_length=50)
    guardian_phone = forms.CharField(label="电话", max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    address = forms.CharField(label="住址", max_length=200)
    text = forms.CharField(label="申请理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    first_day = forms.DateField(label="自", widget=DAY)
    until = forms.DateField(label="至（含）", widget=DAY)
    proof_body = forms.CharField(label="证明单位", max_length=100, help_text="县级以上医院、残疾人教育专家委员会等。")
    proof_opinion = forms.CharField(label="证明单位意见", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="照证明上写的抄录。")
    files = ProofField(label="证明材料", required=True, help_text=FILES)

    def __init__(self, *args: Any, today: date, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day"].initial = today
        self.fields["until"].help_text = f"最长一年，从今天算起不晚于 {latest:%Y年%-m月%-d日}；到期次日自动恢复劝返。"

    def asked(self) -> Asked:
        """The first signature."""
        told = self.cleaned_data
        return Asked(Kind.EXEMPT.value, told["basis"], told["text"], told["first_day"], told["until"], files=told["files"])

    def application(self) -> Application:
        """What the form says beside it."""
        return Application(**{name: self.cleaned_data[name] for name in APPLICATION})


class EndForm(forms.Form):
    """Why an exemption ends before its last day."""

    text = forms.CharField(label="提前结束的理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="如病愈、医院证明可以上学。")
    files = ProofField(label="证明材料", required=False, help_text=FILES)
