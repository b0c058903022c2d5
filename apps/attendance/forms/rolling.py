"""What the page of a roll call shows in its selects, and what it sends."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.attendance.actions.rolls import Given
from apps.attendance.models import Mark
from apps.attendance.rules import Code, Reason
from apps.core.ids import hide_numbers

MARK = re.compile(r"m(\d{1,18})")
NOTE = re.compile(r"n(\d{1,18})")
NOTED = Reason.OTHER.value  # the one choice that asks for words
LONGEST_NOTE = Mark._meta.get_field("note").max_length or 0
# In the select, an absence is named by its reason and everything else by its code.
ABSENCES = {reason.value: f"缺勤·{reason.label}" for reason in (Reason.UNEXCUSED, Reason.UNREACHABLE, Reason.SICK, Reason.PERSONAL, Reason.OTHER)}
CHOICES = {"": "到校", **ABSENCES, **{code.value: code.label for code in (Code.HALF, Code.LATE, Code.EARLY)}}
RARE = {code.value: code.label for code in (Code.ABSENT, Code.LEAVE)}  # offered only where it stands, or where a leave covers the day
LONGEST = 4 * 3600  # seconds; a page open longer was left open
opened_at = signing.Signer(salt="roll call opened")


def value_of(code: str, reason: str) -> str:
    """How a stored mark stands in the select; an absence of which no reason is known counts as 无故, and is called so."""
    return (reason or Reason.UNEXCUSED.value) if code == Code.ABSENT else code


def words_of(value: str, note: str = "") -> str:
    """A choice in words: 缺勤·病假, 缺勤·其他（外婆家有事）."""
    words = CHOICES.get(value) or RARE.get(value) or value
    return f"{words}（{note}）" if note else words


def given_of(child_id: int, value: str, note: str = "") -> Given:
    """A choice as the action takes it."""
    return Given(child_id, Code.ABSENT.value, value, note) if value in ABSENCES else Given(child_id, value)


@lru_cache(maxsize=64)
def options(chosen: str) -> SafeString:
    """The options of a select with one of them chosen, without the end tags that HTML lets go: fifty selects are most of the page."""
    offered = CHOICES if chosen in CHOICES else {**CHOICES, chosen: words_of(chosen)}
    rows = ((f"={value}" if value else "", " selected" if value == chosen else "", label) for value, label in offered.items())
    return format_html_join("", "<option value{}{}>{}", rows)


def numbered(pattern: re.Pattern[str], data: Any) -> dict[int, str]:
    """The fields of such a name by the number in it."""
    named = ((pattern.fullmatch(name), value) for name, value in (data or {}).items())
    return {int(match[1]): str(value) for match, value in named if match}


class RollForm(forms.Form):
    """A roll call as it comes in: the exceptions stand in fields ``m<child>``, one for every pupil shown, empty for a pupil who is there; what is
    said of 其他 in ``n<child>``."""

    day = forms.DateField(widget=forms.HiddenInput, validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))])
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    opened = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    spent = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)  # seconds, as the browser measured them
    reason = forms.CharField(
        label="更正原因", required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "如：班主任外出培训，补填"})
    )

    def __init__(self, data: Any = None, **told: Any) -> None:
        super().__init__(data, **told)
        self.values = numbered(MARK, data)  # child -> choice
        typed = numbered(NOTE, data)
        self.notes = {child: " ".join(typed[child].split()) for child, value in self.values.items() if value == NOTED and child in typed}

    def clean(self) -> dict[str, Any]:
        """A choice that stands in no select is none of ours; what is said must have room."""
        if any(value and value not in CHOICES and value not in RARE for value in self.values.values()):
            raise forms.ValidationError("考勤情况无法识别，请刷新页面后重试。")
        if any(len(note) > LONGEST_NOTE for note in self.notes.values()):
            raise forms.ValidationError(f"“其他”的说明最多 {LONGEST_NOTE} 个字，请写短一些。")
        return super().clean() or {}

    def marks(self, stored: dict[int, Given]) -> list[Given]:
        """The exceptions; one that stands unchanged keeps the words stored beside it, unless others were sent."""
        notes = {child: hide_numbers(note)[:LONGEST_NOTE] for child, note in self.notes.items()}
        sent = {child: given_of(child, value, notes.get(child, "")) for child, value in self.values.items() if value}
        same = {child: old for child, old in stored.items() if value_of(old.code, old.reason) == self.values.get(child)}
        return list((sent | {child: replace(old, note=notes.get(child, old.note)) for child, old in same.items()}).values())

    def seconds(self, now: datetime) -> int | None:
        """From opening the page to sending it: what the browser measured, never more than what lies between by our own clock."""
        try:
            passed = int(now.timestamp()) - int(opened_at.unsign(self.cleaned_data["opened"]))
        except (signing.BadSignature, ValueError):
            return None
        spent = self.cleaned_data["spent"]
        return max(0, min(passed, LONGEST if spent is None else spent, LONGEST))
