"""Forms of 一生一案: the filter of the list, and its name where somebody keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django import forms

from apps.accounts.roles import BY_CODE
from apps.cases.models import Case
from apps.cases.rules.climbing import LADDER
from apps.cases.rules.placing import Cause
from apps.cases.workflow import OUT, TASKS, State
from apps.core.scope import Actor, Level
from apps.core.templatetags.zaixue import chosen
from apps.schools.models import Region, School, Term

ALL = ("", "全部")
OWNERS = [code for code in BY_CODE if code in {task.role for tasks in TASKS.values() for task in tasks}]
SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "如 杨阿牛、yan、1234、电话"})


class CaseFilter(forms.Form):
    """What the list of cases shows; without any choice, those that are not over."""

    text = forms.CharField(label="姓名、首字母、证件后四位、家长电话", required=False, widget=SEARCH, max_length=50)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            ("open", "未结"),
            ("out", "失学、辍学未返校"),
            ("back", "已返校未再次辍学"),
            *((s.value, s.label) for s in State),
            ("ended", "已结"),
            ("all", "全部"),
        ],
    )
    origin = forms.ChoiceField(label="来源", required=False, choices=[ALL, *Case.Origin.choices])
    stage = forms.ChoiceField(label="学段", required=False, choices=[ALL, ("primary", "小学"), ("junior", "初中")])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    school = forms.ChoiceField(label="学校", required=False)
    term = forms.ChoiceField(label="立案学期", required=False)
    cause = forms.ChoiceField(label="原因", required=False, choices=[ALL, *((c.value, c.label) for c in Cause)])
    group = forms.ChoiceField(
        label="户类型", required=False, choices=[ALL, ("lifted_out", "脱贫户"), ("monitored", "三类监测户"), ("goal", "脱贫户和三类监测户")]
    )
    age = forms.TypedChoiceField(label="年龄", required=False, choices=[ALL, *((str(n), f"{n} 周岁") for n in range(5, 18))])
    owner = forms.ChoiceField(label="责任岗位", required=False, choices=[ALL, *((code, BY_CODE[code].label) for code in OWNERS)])
    person = forms.CharField(label="责任人姓名", required=False, max_length=60)
    due = forms.ChoiceField(
        label="期限", required=False,
        choices=[ALL, ("late_long", "超期一周以上"), ("late", "超期一周内"), ("today", "今日到期"), ("week", "一周内到期"), ("later", "更晚")],
    )  # fmt: skip
    climbed = forms.ChoiceField(label="已逐级上报到", required=False, choices=[ALL, *((str(n), LADDER[n][1]) for n in range(1, len(LADDER)))])
    decide = forms.BooleanField(label="只看待审定", required=False)
    overdue = forms.BooleanField(label="只看超期", required=False)
    repeat = forms.BooleanField(label="再次辍学", required=False)
    moved = forms.ChoiceField(
        label="期间内转为",
        required=False,
        choices=[ALL, ("lost", "认定辍学、再次辍学"), ("back", "已复学、已安置"), *((s.value, s.label) for s in State)],
    )
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    child = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    folded = frozenset(
        {"origin", "stage", "term", "cause", "group", "age", "person", "climbed", "decide", "overdue", "repeat", "moved", "since", "until"}
    )  # behind “更多条件”
    unasked = "open"  # the state shown where none is chosen

    def __init__(self, *args: Any, townships: Iterable[Any], schools: Iterable[Any], terms: Iterable[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = list(terms)
        self.offer("term", [(term.code, term.label) for term in self.terms], least=1)
        for name, places in (("township", townships), ("school", schools)):
            self.offer(name, [(place.pk, place.name) for place in places])

    def offer(self, name: str, choices: list[tuple[Any, str]], *, least: int = 2) -> None:
        """What a select offers; a field with nothing to choose from is left out."""
        self.fields[name].choices = [ALL, *choices]
        if len(choices) < least:
            del self.fields[name]

    @classmethod
    def of(cls, asked: Any, actor: Actor) -> Self:
        """The filter an address asks for, with the places and terms of the post."""
        scope = actor.scope
        towns = Region.objects.within(scope).filter(level=Region.Level.TOWNSHIP) if scope.level == Level.DISTRICT else []
        schools = School.objects.within(scope) if scope.level in (Level.DISTRICT, Level.TOWNSHIP) else []
        return cls(asked, townships=towns, schools=schools, terms=Term.objects.of(scope.district))

    @property
    def asks_more(self) -> bool:
        """Whether one of the folded conditions is in use."""
        return any(self.data.get(name) for name in self.folded)

    def wanted(self) -> dict[str, Any]:
        """The filter as ``queries.listed`` takes it; an invalid one shows what is open."""
        if not self.is_valid():
            return {"state": "open"}
        told = dict(self.cleaned_data)
        return told | self.opened() | {"state": {"": self.unasked, "all": ""}.get(told["state"], told["state"])}

    def words(self) -> str:
        """The filter in words, as a workbook says it."""
        if not self.is_valid():
            return "未结"
        told = self.cleaned_data
        state = "" if told["state"] or not self.unasked else "未结"
        typed = [f"“{told[name]}”" for name in ("text", "person") if told.get(name)]
        ticked = [str(self.fields[name].label) for name in ("decide", "overdue", "repeat") if told.get(name)]
        days = [f"{words}{told[name]:%Y-%m-%d}" for name, words in (("since", "自"), ("until", "至")) if told.get(name)]
        return "、".join(filter(None, [state, chosen(self), *typed, *ticked, *days])) or "全部"

    def opened(self) -> dict[str, Any]:
        """The days of the term in which a case was opened: the holidays after it are its own, so that every case has one."""
        code = self.cleaned_data.get("term")
        if not code:
            return {}
        days = sorted(term.first_day for term in self.terms)
        first = next(term.first_day for term in self.terms if term.code == code)
        later = [day for day in days if day > first]
        return {"opened_since": first, "opened_until": later[0] - timedelta(1) if later else None}


class AssignFilter(CaseFilter):
    """What the list of cases to be assigned shows: the filter of the list; without any choice, all of them."""

    unasked = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [ALL, *((s.value, s.label) for s in State if s in OUT)]

    def wanted(self) -> dict[str, Any]:
        """As ``queries.listed`` takes it; an invalid one filters nothing."""
        return super().wanted() if self.is_valid() else {}


class KeepForm(forms.Form):
    """A name for the filter in use."""

    name = forms.CharField(label="名称", max_length=30)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
