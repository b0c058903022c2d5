"""Forms of contact with guardians."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms

from apps.attendance.actions.contacts import Word, faults_of
from apps.attendance.forms.leaving import MOMENT, offer_rooms
from apps.attendance.models import Contact
from apps.attendance.rules import Reason


class RoomFilter(forms.Form):
    """The list of one class, or of all."""

    room = forms.ChoiceField(label="班级", required=False)

    def __init__(self, *args: Any, rooms: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rooms(self, rooms)

    def wanted(self) -> str:
        """The class that was chosen, '' for all."""
        return str(self.cleaned_data.get("room", "")) if self.is_valid() else ""


class ContactForm(forms.Form):
    """What came of asking a guardian."""

    result = forms.ChoiceField(label="结果", choices=Contact.Result.choices, widget=forms.RadioSelect)
    way = forms.ChoiceField(label="方式", choices=Contact.Way.choices, initial=Contact.Way.PHONE)
    at = forms.DateTimeField(label="联系时间", widget=MOMENT)
    spoke_with = forms.CharField(label="联系到谁", required=False, max_length=50, help_text="如：母亲 李某某")
    reason = forms.ChoiceField(label="原因", required=False, choices=[("", "还不清楚"), *((r.value, r.label) for r in Reason)])
    whereabouts = forms.CharField(label="孩子现在在哪里", required=False, max_length=100, help_text="如：在家、镇卫生院、随父去昆明")
    text = forms.CharField(
        label="情况", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="监护人怎么说，什么时候返校。"
    )

    def __init__(self, *args: Any, day: date, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.now = day, now

    def clean(self) -> dict[str, Any]:
        """All that the action would refuse, at once; a time that cannot be read is told by its own field."""
        told = super().clean() or {}
        known = {"at": self.now, "way": "", "result": ""} | told
        for fault in faults_of(Word(**known), day=self.day, now=self.now):
            self.add_error(fault.field, fault.sentence)
        return told

    def word(self) -> Word:
        """The contact as the action takes it; the guardian's name stands in the form beforehand and is dropped where nobody answered."""
        reached = self.cleaned_data["result"] == Contact.Result.REACHED
        return Word(**(self.cleaned_data | ({} if reached else {"spoke_with": ""})))
