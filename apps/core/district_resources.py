"""Base of the small registers' import and export (django-import-export): one district, Chinese headings, sentences for faults.

Faults inside a row are ValidationErrors, never plain exceptions: those would roll back the whole file without naming the row.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.html import format_html
from import_export import resources, widgets

from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.scope import Actor


class TextDiff(resources.Diff):
    """Before → after as plain words: the site's content policy allows no inline style."""

    def as_html(self) -> list[str]:
        pairs = zip(self.left, self.right, strict=False)
        return [format_html("{}", new) if self.new or old == new else format_html("<del>{}</del> <ins>{}</ins>", old, new) for old, new in pairs]


class DistrictResource(resources.ModelResource):
    """Rows of the actor's own district; whatever a file says, nothing outside it is read or written."""

    def __init__(self, actor: Actor, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.actor = actor
        for field in self.fields.values():
            if isinstance(field.widget, Coded):
                field.widget.actor = actor

    def get_diff_class(self) -> type[TextDiff]:
        return TextDiff

    def get_queryset(self) -> Any:
        return self._meta.model.objects.within(self.actor.scope)

    def init_instance(self, row: Any = None) -> Model:
        """A new row belongs to the actor's district before anything is checked."""
        instance: Model = super().init_instance(row)
        if hasattr(instance, "district_code"):
            instance.district_code = self.actor.scope.district
        return instance

    def import_data(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        """What is wrong with a row stands under the heading of its column, not under a name of ours."""
        result = super().import_data(dataset, *args, **kwargs)
        for row in result.invalid_rows:
            row.error_dict = {self.heading(name): sentences for name, sentences in row.error_dict.items()}
        return result

    def heading(self, name: str) -> str:
        """The heading of a field of the table, else its words."""
        headings = {key: field.column_name for key, field in self.fields.items()}
        headings |= {field.attribute: field.column_name for field in self.fields.values()}
        if name in headings or name == NON_FIELD_ERRORS:
            return str(headings.get(name, name))
        return next((str(field.verbose_name) for field in self._meta.model._meta.fields if field.name == name), name)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Name the headings that are missing, in one sentence."""
        missing = [f.column_name for f in self.get_import_fields() if f.column_name not in (dataset.headers or [])]
        if missing:
            raise Refused(f"缺少列：{'、'.join(missing)}。请用“导出”得到的表格填写。")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """A full ID number in a cell is masked before the row is shown or kept."""
        row.update({heading: hide_numbers(cell) for heading, cell in row.items() if isinstance(cell, str)})


class Coded(widgets.Widget):
    """A column with the code of a row of another register; only rows of the actor's district count."""

    actor: Actor

    def __init__(self, model: type[Model], attribute: str, label: str, *, needed: bool = True) -> None:
        super().__init__()
        self.model, self.attribute, self.label, self.needed = model, attribute, label, needed

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        """The row of that code, None for an empty cell; ValidationError with a sentence otherwise."""
        if not value:
            if self.needed:
                raise ValidationError(f"{self.label}：未填写。")
            return None
        rows: Any = self.model._default_manager
        found: Model | None = rows.within(self.actor.scope).filter(**{self.attribute: value}).first()
        if found is None:
            raise ValidationError(f"{self.label}：本区县没有“{value}”。")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(getattr(value, self.attribute)) if value else ""


class Worded(widgets.Widget):
    """A column in which a choice stands in its Chinese words (its code is understood too)."""

    def __init__(self, choices: list[tuple[str, str]], label: str) -> None:
        super().__init__()
        self.words, self.label = dict(choices), label

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """The stored code; ValidationError names the words that are allowed."""
        for code, words in self.words.items():
            if value in (code, words):
                return code
        raise ValidationError(f"{self.label}：“{value}”不在选项中，应为{'、'.join(self.words.values())}。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(value, "")


class YesNo(Worded):
    """是 or 否."""

    def __init__(self, label: str) -> None:
        super().__init__([("1", "是"), ("", "否")], label)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:  # type: ignore[override]
        return bool(super().clean(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "是" if value else "否"


class Day(widgets.Widget):
    """A day written 2026-09-01 (also 2026/9/1, 20260901)."""

    def __init__(self, label: str, *, needed: bool = True) -> None:
        super().__init__()
        self.label, self.needed = label, needed

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if not value and not self.needed:
            return None
        digits = str(value or "").replace("/", "-").replace(".", "-").split("-")
        try:
            if len(digits) == 3:
                return date(*map(int, digits))
            return date.fromisoformat("".join(digits))
        except (ValueError, TypeError, OverflowError) as fault:
            raise ValidationError(f"{self.label}：“{value}”不是日期，应写作 2026-09-01。") from fault

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class Whole(widgets.Widget):
    """A whole number."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        try:
            return int(value)
        except (ValueError, TypeError) as fault:
            raise ValidationError(f"{self.label}：“{value}”不是整数。") from fault

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)
