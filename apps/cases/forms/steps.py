"""Forms of bringing a child back: a visit, a legal paper and its proof of service, the letter to another district."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from apps.cases.actions.handover import Answer, Answered
from apps.cases.actions.stepping import Issued, Served
from apps.cases.actions.visiting import Seen
from apps.cases.models import Service, Visit
from apps.cases.rules.placing import Cause
from apps.cases.rules.stepping import STEPS, TO_COURT, Paper
from apps.cases.rules.visiting import Outcome, Way
from apps.core.proofs import ManyFiles, ProofField

AREA = {"rows": 3}
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CAMERA = ManyFiles(attrs={"accept": "image/*", "capture": "environment"})
SCAN = ManyFiles(attrs={"accept": "image/*,application/pdf"})
SOUND = ManyFiles(attrs={"accept": "image/*,application/pdf,audio/*,.amr,.m4a"})
CAUSES = [("", "没有问到"), *((c.value, c.label) for c in Cause if c != Cause.UNKNOWN)]


class VisitForm(forms.Form):
    """A visit, a call or a letter, from the phone at the family's door or afterwards from the sheet of paper."""

    day = forms.DateField(label="日期", widget=DATE, help_text="走访的那一天；回来以后补登记的，填当天实际日期。")
    way = forms.ChoiceField(label="方式", choices=[(w.value, w.label) for w in Way], widget=forms.RadioSelect)
    visitors = forms.CharField(label="走访人", max_length=100)
    spoke_with = forms.CharField(label="见到谁", max_length=60, required=False, help_text="如：本人、父亲杨某、邻居。")
    place = forms.CharField(label="地点", max_length=100, required=False)
    outcome = forms.ChoiceField(label="结果", choices=[(o.value, o.label) for o in Outcome], widget=forms.RadioSelect)
    whereabouts = forms.CharField(
        label="孩子现在何处", max_length=100, required=False, help_text="外出务工、在他校就读、出境的必须写明：地点、单位或学校。"
    )
    promised_on = forms.DateField(label="答应返校日", widget=DATE, required=False, help_text="结果为“答应返校”时填写。")
    cause = forms.ChoiceField(label="为什么没来上学", choices=CAUSES, required=False)
    text = forms.CharField(label="谈话内容", max_length=500, widget=forms.Textarea(attrs=AREA), help_text="家里什么情况、怎么说的、商定了什么。")
    next_on = forms.DateField(label="下次走访", widget=DATE, required=False)
    photos = ProofField(label="拍照", required=False, widget=CAMERA, help_text="手机上直接拍；照片里的拍摄地点会自动去掉。")
    files = ProofField(
        recordings=True, label="照片、扫描件、录音", required=False, widget=SOUND,
        help_text="从相册或文件中选，可选多个：图片和 PDF 每个 10 MB 以内，录音（mp3、m4a、amr、wav、ogg）20 MB 以内。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("spoke_with", "place", "whereabouts", "promised_on"):
            self.fields[name].sometimes = True

    def seen(self) -> Seen:
        """As the action takes it."""
        told = dict(self.cleaned_data)
        return Seen(files=[*told.pop("photos"), *told.pop("files")], **told)


class CorrectionForm(VisitForm):
    """A visit written anew because the first record was wrong."""

    reason = forms.CharField(label="哪里写错了", max_length=100)
    field_order = ["reason"]

    @staticmethod
    def of(visit: Visit) -> dict[str, Any]:
        """What the first record says."""
        names = ("day", "way", "visitors", "spoke_with", "place", "outcome", "whereabouts", "promised_on", "cause", "text", "next_on")
        return {name: getattr(visit, name) for name in names}

    def seen(self) -> Seen:
        self.cleaned_data = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return super().seen()


class StepForm(forms.Form):
    """The next paper of the four steps."""

    paper = forms.ChoiceField(label="文书", widget=forms.RadioSelect)
    addressee = forms.CharField(label="监护人（受送达人、被申请人、被告）", max_length=60)
    days = forms.IntegerField(label="期限（日）", required=False, min_value=1, max_value=366)
    court = forms.CharField(label="人民法院", max_length=60, help_text="写全称，如“昆明市东川区人民法院”。")
    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs=AREA))

    def __init__(self, *args: Any, papers: Iterable[Paper], limits: tuple[int, int] | None, **kwargs: Any) -> None:
        """``limits``: the fewest and most days of the term, None where the law sets it."""
        super().__init__(*args, **kwargs)
        offered = list(papers)
        self.fields["paper"].choices = [(paper.code, paper.title) for paper in offered]
        if len(offered) == 1:
            self.fields["paper"].widget, self.fields["paper"].initial = forms.HiddenInput(), offered[0].code
        asks = "、".join(dict.fromkeys(paper.asks for paper in offered if paper.asks))
        self.fields["text"].label = asks.replace("、诉讼请求", "或诉讼请求")
        if not asks:
            del self.fields["text"]
        if not any(paper.code in TO_COURT for paper in offered):
            del self.fields["court"]
        if limits is None or limits[0] == limits[1]:
            del self.fields["days"]
        else:
            self.fields["days"].initial, self.fields["days"].help_text = limits[0], f"{limits[0]}—{limits[1]} 日，自送达次日起算。"
            self.fields["days"].required = True

    def told(self) -> Issued:
        """As the action takes it."""
        return Issued(**self.cleaned_data)


class ServiceForm(forms.Form):
    """送达回证, as it was brought back."""

    way = forms.ChoiceField(label="送达方式", choices=Service.Way.choices, widget=forms.RadioSelect)
    served_on = forms.DateField(label="送达日", widget=DATE, help_text="公告送达的，填公告满 30 日的那一天。")
    place = forms.CharField(label="送达地点", max_length=100)
    received_by = forms.CharField(label="签收人", max_length=60, help_text="拒绝签收的，填受送达人并选“留置送达”。")
    relation = forms.CharField(label="与受送达人关系", max_length=30, required=False, help_text="由他人代收时填写。")
    servers = forms.CharField(label="送达人", max_length=100)
    witness = forms.CharField(label="见证人", max_length=60, required=False, help_text="留置送达必须有见证人。")
    text = forms.CharField(label="备注", max_length=300, required=False)
    files = ProofField(label="回证照片或扫描件", required=False, widget=CAMERA)
    scans = ProofField(label="从相册或文件中选", required=False, widget=SCAN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].sometimes = self.fields["witness"].sometimes = True

    def told(self) -> Served:
        """As the action takes it."""
        told = dict(self.cleaned_data)
        return Served(files=[*told.pop("files"), *told.pop("scans")], **told)


class VoidForm(forms.Form):
    """Why a paper, or a record of a visit, is void."""

    text = forms.CharField(label="为什么作废", max_length=150)


class HandoverForm(forms.Form):
    """To whom the bureau hands a child over."""

    addressee = forms.CharField(label="主送机关", max_length=100, help_text="户籍地教育行政部门的全称，如“寻甸回族彝族自治县教育体育局”。")
    home = forms.CharField(label="户籍地", max_length=100, help_text="写到县区、乡镇、村。")
    text = forms.CharField(
        label="情况说明", max_length=400, required=False, widget=forms.Textarea(attrs=AREA), help_text="写进函里：随谁生活、现在哪里、做过哪些工作。"
    )
    files = ProofField(label="户籍证明", required=False, widget=SCAN, help_text="名册里查不到户籍的必须附上：户口簿、派出所证明。")


class TrackForm(forms.Form):
    """A call or a reminder to the other district."""

    on = forms.DateField(label="日期", widget=DATE)
    text = forms.CharField(label="联系情况", max_length=500, widget=forms.Textarea(attrs=AREA))
    files = ProofField(label="材料", required=False, widget=SCAN)


class AnswerForm(forms.Form):
    """What the other district answered."""

    answer = forms.ChoiceField(label="答复", choices=[(a.value, a.label) for a in Answer], widget=forms.RadioSelect)
    on = forms.DateField(label="日期", widget=DATE)
    text = forms.CharField(label="答复内容", max_length=1000, widget=forms.Textarea(attrs=AREA))
    receiving = forms.CharField(label="接收学校或单位", max_length=100, required=False, help_text="书面接收时填写。")
    files = ProofField(label="复函扫描件", required=False, widget=SCAN, help_text="书面接收必须附上。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiving"].sometimes = True

    def told(self) -> Answered:
        """As the action takes it."""
        return Answered(**self.cleaned_data)


class RegisterFilter(forms.Form):
    """What the register of legal steps shows."""

    year = forms.ChoiceField(label="年份", required=False)
    step = forms.ChoiceField(label="步骤", required=False, choices=[("", "全部"), *((s.number, f"第{s.number}步 {s.label}") for s in STEPS)])
    state = forms.ChoiceField(
        label="情况", required=False, choices=[("", "全部"), ("waiting", "待送达"), ("served", "已送达"), ("stopped", "已终止、作废")]
    )
    township = forms.ChoiceField(label="乡镇（街道）", required=False)

    def __init__(self, *args: Any, townships: Iterable[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["year"].choices = [(str(year), f"{year}年") for year in range(today.year, today.year - 6, -1)]
        self.fields["township"].choices = [("", "全部"), *((one.pk, one.name) for one in townships)]
        if len(self.fields["township"].choices) < 3:
            del self.fields["township"]

    def wanted(self) -> dict[str, Any]:
        """The filter as ``queries.persuading.register`` takes it; an invalid one shows this year."""
        told = dict(self.cleaned_data) if self.is_valid() else {}
        return {name: told.get(name, "") for name in ("step", "state", "township")} | {"year": int(told.get("year") or self.today.year)}
