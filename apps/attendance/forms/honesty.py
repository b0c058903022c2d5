"""The filter of the hints for inspectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.attendance.queries.honesty import KINDS


class HonestyFilter(forms.Form):
    """Which hints are shown."""

    kind = forms.ChoiceField(label="提示", required=False, choices=[("", "全部"), *KINDS.items()])
    township = forms.ChoiceField(label="乡镇（街道）", required=False)

    def __init__(self, *args: Any, townships: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].choices = [("", "全部"), *((place.pk, place.name) for place in townships)]

    def wanted(self) -> dict[str, str]:
        """Kind and township, '' for all; an invalid filter filters nothing."""
        return dict(self.cleaned_data) if self.is_valid() else {"kind": "", "township": ""}
