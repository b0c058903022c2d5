"""What a person says about a register: the file, what its columns are, what became of the missing, one child by hand."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from django import forms

from apps.core.scope import Actor
from apps.registers.layouts.headings import field_of
from apps.registers.layouts.kinds import COMMON, FIELD_TITLES, KINDS
from apps.registers.layouts.words import SITUATIONS
from apps.registers.models import Kind, Upload
from apps.registers.queries.incoming import SCHOOL_KINDS
from apps.registers.queries.overview import Places
from apps.schools.models import Term

KEEP = "-"
ANSWERS = {"left": "已离校", "absent_from_file": "不在本文件", "see_comparison": "待比对"}
GONE = {"household": "已不在本地", "monitored": "已不在名单", "survey": "已不在本地"}
REPORTED_SITUATIONS = ("never_enrolled", "dropout", "unknown", "medically_unable", "enrolled_inside", "outside", "graduated", "moved_out")


def answers_for(kind: str) -> dict[str, str]:
    """What may be said of somebody on the roll who is not in the file, in the words of the register."""
    return ANSWERS | {"left": GONE.get(kind, ANSWERS["left"])}


class UploadForm(forms.Form):
    """One register file with its term and, for posts above several places, the place it is of."""

    file = forms.FileField(
        label="名册文件",
        error_messages={"required": "请先选择要上传的文件。", "empty": "文件是空的（0 字节），请重新导出后上传。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.xlsm,.et"}),
    )
    place = forms.ChoiceField(label="这份名册是哪里的", required=False)
    term = forms.ChoiceField(label="学期", error_messages={"invalid_choice": "没有这个学期，请重新选择。"})

    def __init__(self, *args: Any, kind: str, terms: list[Term], term: Term, places: Places, asks_term: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{kind}_%s", initial={"term": term.code}, **kwargs)
        self.fields["term"].choices = [(one.code, one.label) for one in terms]
        if len(terms) == 1 or not asks_term:
            self.fields["term"].widget = forms.HiddenInput()
        known = places.schools if kind in SCHOOL_KINDS else places.townships if kind != Kind.MONITORED else []
        if known:
            self.fields["place"].choices = [("", "全区（按文件里的学校列分开）" if kind in SCHOOL_KINDS else "全区（按文件里的乡镇列分开）"), *known]
        else:
            del self.fields["place"]


class HistoryForm(forms.Form):
    """The filter over past uploads."""

    kind = forms.ChoiceField(label="名册", required=False, choices=[("", "全部名册"), *Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *Upload.State.choices])


class HeadingsForm(forms.Form):
    """For every heading nobody knew: which field it is."""

    def __init__(self, *args: Any, upload: Upload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = [one["heading"] for one in upload.headings.get("unknown", [])]
        wanted = [field for group in upload.headings.get("missing", []) for field in group if field in FIELD_TITLES]
        others = [field for field in fields_of(upload.kind) if field not in wanted]
        choices: list[Any] = [(KEEP, "都不是，原样保留")]
        if wanted:
            choices.append(("表里缺少的必需列", titled(wanted)))
        choices.append(("其他字段", titled(others)))
        for number, one in enumerate(upload.headings.get("unknown", [])):
            samples = "、".join(one.get("samples", []))
            self.fields[f"heading_{number}"] = forms.ChoiceField(
                label=f"“{one['heading']}”",
                choices=choices,
                initial=KEEP,
                required=False,
                help_text=f"前几行：{samples}" if samples else "这一列前几行是空的",
            )

    def clean(self) -> dict[str, Any]:
        """At least one heading is explained, and no field is named twice."""
        super().clean()
        named = list(self.answers().values())
        if not named and not self.errors:
            raise forms.ValidationError("请至少指明一列；如果都不是，请按模板补上缺少的列后重新上传。")
        twice = [FIELD_TITLES.get(field, field) for field in sorted(set(named)) if named.count(field) > 1]
        if twice:
            raise forms.ValidationError(f"“{'、'.join(twice)}”指定了两列，请只留一列。")
        return self.cleaned_data

    def answers(self) -> dict[str, str]:
        """Heading → field, for those that were explained."""
        given = {heading: self.cleaned_data.get(f"heading_{number}", KEEP) for number, heading in enumerate(self.headings)}
        return {heading: field for heading, field in given.items() if field not in (KEEP, "")}


def fields_of(kind: str) -> list[str]:
    """The fields a file of this kind may have, in the order of its template."""
    layout = KINDS[kind]
    named = [field_of(heading, layout, {}) for heading in layout.template]
    return [field for field in dict.fromkeys([*named, *COMMON.values()]) if field in FIELD_TITLES]


def titled(fields: list[str]) -> list[tuple[str, str]]:
    """Fields with their titles, one title once."""
    kept: dict[str, str] = {}
    for field in fields:
        if FIELD_TITLES[field] not in kept.values():
            kept[field] = FIELD_TITLES[field]
    return list(kept.items())


class CommitForm(forms.Form):
    """The yes to a preview: which state of the register it was compared with, and the second ticks for a shrinking roll and a doubtful kind."""

    expected_base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    confirm_shrink = forms.BooleanField(required=False, label="我已核对：文件是完整的，确实少了这么多人")
    confirm_kind = forms.BooleanField(required=False, label="我已核对：没有传错，就是这种名册")


# What a report's file calls the fields that come back into the form when it is mended.
REPORTED = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "guardian_name": "监护人姓名", "phone": "电话", "village": "村", "address": "现住址",
    "situation": "就读情况", "school": "就读学校", "reason": "未就读原因",
}  # fmt: skip


class ReportForm(forms.Form):
    """A child in no register, told by a village: one row of the survey."""

    name = forms.CharField(label="孩子姓名", max_length=50, error_messages={"required": "请填写孩子姓名。"})
    sex = forms.ChoiceField(label="性别", choices=[("男", "男"), ("女", "女")], widget=forms.RadioSelect, error_messages={"required": "请选择性别。"})
    birth_date = forms.DateField(
        label="出生日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text="说不准可以先不填",
        error_messages={"invalid": "出生日期写成 2015-09-01 这样。"},
    )  # fmt: skip
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=20, help_text="看得到户口簿就填上", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    guardian_name = forms.CharField(label="监护人姓名", max_length=50, error_messages={"required": "请填写监护人姓名。"})
    phone = forms.CharField(label="监护人电话", required=False, max_length=20, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))
    township = forms.ChoiceField(label="乡镇（街道）", error_messages={"required": "请选择乡镇（街道）。"})
    village = forms.CharField(label="村（社区）", required=False, max_length=60)
    address = forms.CharField(label="现住址", max_length=200, help_text="村小组、门牌或附近的标志", error_messages={"required": "请填写现住址。"})
    situation = forms.ChoiceField(
        label="就读情况", choices=[("", "请选择"), *((SITUATIONS[code], SITUATIONS[code]) for code in REPORTED_SITUATIONS)],
        error_messages={"required": "请选择就读情况。"},
    )  # fmt: skip
    school = forms.CharField(label="就读学校", required=False, max_length=100, help_text="在读的填写")
    reason = forms.CharField(
        label="未就读原因", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text="如：外出务工、厌学、病残、早婚"
    )

    def __init__(self, *args: Any, actor: Actor, townships: list[tuple[str, str]], village: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.village_name, self.township_names = village, dict(townships)
        self.fields["township"].choices = [("", "请选择"), *townships]
        if actor.scope.township:
            del self.fields["township"]
        if village:
            del self.fields["village"]

    def clean_birth_date(self) -> date | None:
        day = self.cleaned_data["birth_date"]
        if day and not 1990 <= day.year <= 2100:
            raise forms.ValidationError("请核对出生年份。")
        return day

    def as_file(self, *, surveyor: str, today: date) -> io.BytesIO:
        """The answers as a survey of one row, which then goes the way of every file."""
        given = self.cleaned_data
        township = given.get("township") or next(iter(self.township_names), "")
        row = {
            "乡镇": self.township_names.get(township, ""), "村": self.village_name or given.get("village", ""), "姓名": given["name"], "性别": given["sex"],
            "出生日期": given["birth_date"].isoformat() if given["birth_date"] else "", "身份证号": given["id_number"], "监护人姓名": given["guardian_name"],
            "电话": given["phone"], "现住址": given["address"], "就读情况": given["situation"], "就读学校": given["school"], "未就读原因": given["reason"],
            "摸排人": surveyor, "摸排日期": today.isoformat(),
        }  # fmt: skip
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerows([list(row), [" ".join(value.split()) for value in row.values()]])
        return io.BytesIO(text.getvalue().encode("utf-8-sig"))

    @staticmethod
    def typed(file: Path) -> dict[str, str]:
        """What a report said, read back from its file to be mended; the number is typed anew, since pages show no full one."""
        with file.open(encoding="utf-8-sig", newline="") as lines:
            row = next(csv.DictReader(lines))
        return {field: row[heading] for field, heading in REPORTED.items()}
