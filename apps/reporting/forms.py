"""Forms of the three lines: verification, platform number, receipt, people, answer, letter to another district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from apps.cases.actions.duties import Named
from apps.cases.forms.filtering import CaseFilter
from apps.cases.models import Duty, Guarantor
from apps.cases.queries import lists
from apps.cases.rules.caring import GROUPS
from apps.cases.workflow import State as CaseState
from apps.core.scope import Scope
from apps.reporting.actions.verifying import Verified
from apps.reporting.models import ThreeLineReport

ALL = ("", "全部")
SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234"})
STATES = (
    ("", "在办"), ("to_verify", "待核实签发"), ("to_enter", "待录入平台"), ("unsigned", "待签收"), ("overdue", "超期未完成"),
    ("away", "户籍在外地，待发函或答复"), ("complete", "已报齐（含已办结）"), ("all", "全部（含已办结）"),
)  # fmt: skip


class ReportFilter(forms.Form):
    """What the list of reports shows."""

    text = forms.CharField(label="姓名、首字母、证件后四位", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(label="进展", required=False, choices=STATES)
    school = forms.ChoiceField(label="学校", required=False)
    since = forms.DateField(label="起算不早于", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, schools: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(school.pk, school.name) for school in schools]
        self.fields["school"].choices = [ALL, *choices]
        if len(choices) < 2:
            del self.fields["school"]

    def wanted(self) -> dict[str, str]:
        """The filter as ``board.listed`` takes it; an invalid one filters nothing."""
        return dict(self.cleaned_data) if self.is_valid() else {}


class VerifyForm(forms.ModelForm):
    """What the principal completes; everything known already stands in it."""

    groups = forms.MultipleChoiceField(label="特殊群体", required=False, choices=list(GROUPS.items()), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ThreeLineReport
        fields = [
            "whereabouts", "cause", "cause_text", "contacts", "is_registered_away", "home", "address", "guardian_name", "guardian_phone", "groups",
        ]  # fmt: skip
        labels = {"is_registered_away": "户籍不在本区（由区教体局向户籍地发函）", "home": "户籍地"}
        help_texts = {
            "whereabouts": "孩子现在在哪里、和谁在一起；确实没有查明的写明已经怎样查找。",
            "contacts": "什么时候、谁、用什么方式联系了谁、对方怎么说；已按联系记录填好，可以补充。",
            "home": "本区的写到村（社区）；外地的写到县（市、区）和乡镇。",
        }
        widgets = {
            "contacts": forms.Textarea(attrs={"rows": 4}),
            "cause_text": forms.Textarea(attrs={"rows": 2}),
            "guardian_phone": forms.TextInput(attrs={"inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("whereabouts", "cause", "home", "guardian_name"):
            self.fields[name].required = True
        self.fields["cause"].choices = [("", "请选择"), *ThreeLineReport.Cause.choices]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("cause") in ("other", "unknown") and not told.get("cause_text", "").strip() and "cause_text" not in self.errors:
            self.add_error("cause_text", "原因为“其他”或“尚未查明”的，请说明情况。")
        return told

    def _post_clean(self) -> None:
        """Nothing is written to the row by the form; the action does, and only if nobody did before."""

    def verified(self) -> Verified:
        """What was found out, as the action takes it."""
        return Verified(**self.cleaned_data)


class PlatformForm(forms.Form):
    """The number the platform gave."""

    number = forms.CharField(
        label="平台受理号", max_length=60, help_text="在平台提交后显示的编号。", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class PeopleForm(forms.Form):
    """Who answers for the child's return: the posts of the government's line in its village; who stands there already is filled in."""

    def __init__(self, *args: Any, held: Mapping[Duty, Guarantor | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duties = list(held)
        for duty, holder in held.items():
            name = forms.CharField(label=duty.label, max_length=60, initial=holder.name if holder else "")
            tel = forms.TextInput(attrs={"inputmode": "tel"})
            phone = forms.CharField(label="电话", max_length=30, required=False, widget=tel, initial=holder.phone if holder else "")
            self.fields |= {f"{duty.code}_name": name, f"{duty.code}_phone": phone}

    def people(self) -> list[Named]:
        """As the action takes them."""
        told = self.cleaned_data
        return [Named(duty, told[f"{duty.code}_name"], phone=told[f"{duty.code}_phone"]) for duty in self.duties]


class ReplyForm(forms.Form):
    """An answer to a letter."""

    text = forms.CharField(
        label="答复内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="采取了什么措施、孩子现在怎样、下一步打算。"
    )


class AwayForm(forms.Form):
    """To whom the bureau writes."""

    addressee = forms.CharField(label="主送机关", max_length=100, help_text="户籍地教育行政部门的全称，如“寻甸回族彝族自治县教育体育局”。")


class LedgerFilter(CaseFilter):
    """What the two ledgers of cases hold: the filter of the list; without any choice, every state."""

    unasked = ""
    SHOWN = ("state", "township", "school", "stage", "term")  # on the page; an address may carry all of them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="ledger-%s", **kwargs)
        self.fields["state"].choices = [ALL, *(one for one in self.fields["state"].choices if one[0] != "all")]

    def shown(self) -> list[Any]:
        """The fields of the page."""
        return [self[name] for name in self.SHOWN if name in self.fields]


class BatchForm(forms.Form):
    """Which files go into one zip."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("open", "未结"), ("ended", "已结"), *((s.value, s.label) for s in CaseState)])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)

    def __init__(self, *args: Any, scope_townships: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.pk, one.name) for one in scope_townships]
        self.fields["township"].choices = [ALL, *choices]
        if len(choices) < 2:
            del self.fields["township"]

    def cases(self, scope: Scope) -> list[int]:
        """The cases meant."""
        told = {"state": self.cleaned_data["state"] or "open", "township": self.cleaned_data.get("township", "")}
        return list(lists.listed(scope, **told).values_list("pk", flat=True))

    def name(self) -> str:
        """What the zip is called."""
        place = dict(self.fields["township"].choices).get(self.cleaned_data.get("township"), "") if "township" in self.fields else ""
        state = dict(self.fields["state"].choices)[self.cleaned_data["state"] or "open"]
        return f"一生一案卷宗 {place if place != '全部' else ''}{state}"
