"""Base of every register in the admin: one district, the acting post's right, each change written down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, TabularInline
from django.db.models import ForeignKey, Model, QuerySet
from import_export.admin import ImportExportMixin

from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.pages import attachment
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.core.small_sheets import SmallSheet


class DistrictForm(forms.ModelForm):
    """Sets the district by itself, before the constraints are checked. ``actor`` is set by DistrictAdmin.get_form."""

    actor: Actor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hasattr(self.instance, "district_code") and not self.instance.district_code:
            self.instance.district_code = self.actor.scope.district

    def clean(self) -> dict[str, Any]:
        """A full ID number written into a text is masked, as everywhere; passwords are no texts of the table."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        texts = {f.name for f in self._meta.model._meta.fields} & {name for name, value in told.items() if isinstance(value, str)}
        return told | {name: hide_numbers(told[name]) for name in texts}

    def _get_validation_exclusions(self) -> set[str]:
        """The district is not on the form, yet constraints over it must be checked."""
        return super()._get_validation_exclusions() - {"district_code"}


class Permitted:
    """Every permission is the one right of the acting post; Django's own permissions do not exist here."""

    can_add = can_change = True
    can_delete = False  # deleting lists what hangs on a row, children among it: only for rows nothing hangs on

    def has_module_permission(self, request: Any) -> bool:
        return request.actor is not None and request.actor.may(Right.MANAGE_PEOPLE)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_add and self.has_module_permission(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_change and self.has_module_permission(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_delete and self.has_module_permission(request)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: Any, **kwargs: Any) -> Any:
        """Only rows of the own district can be chosen, whatever is posted."""
        kwargs.setdefault("queryset", db_field.remote_field.model.objects.within(request.actor.scope))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class DistrictInline(Permitted, TabularInline):
    """Rows that belong to a row of the district."""

    can_delete = True
    extra = 0


class DistrictAdmin(Permitted, ModelAdmin):
    """One register of the acting administrator's district. The model's queryset has ``.within(scope)``."""

    form = DistrictForm
    exclude: tuple[str, ...] = ("district_code",)
    list_per_page = 50

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": str(self.model._meta.verbose_name_plural), **(extra_context or {})})

    def get_queryset(self, request: Any) -> QuerySet[Model]:
        found = self.model._default_manager.within(request.actor.scope)
        return found.order_by(*self.get_ordering(request)) if self.get_ordering(request) else found

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.actor  # the class is made anew for every request
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        fields = "、".join(str(form.fields[name].label) for name in form.changed_data if name in form.fields)
        self.note(request, "修改" if change else "新增", f"{obj}（{fields}）" if change else str(obj), obj)

    def delete_model(self, request: Any, obj: Any) -> None:
        self.note(request, "删除", str(obj), obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def note(self, request: Any, what: str, words: str, obj: Any = None) -> None:
        """One event in the audit trail."""
        kind, pk = self.model._meta.model_name, getattr(obj, "pk", None)
        sentence = f"{what}{self.model._meta.verbose_name}：{words}"
        audit.record("admin", sentence, by=request.actor, object_kind=kind, object_id=pk if isinstance(pk, int) else None, key=str(pk))


class SheetMixin(ImportExportMixin):
    """In and out as .xlsx, for the own district alone; goes before DistrictAdmin."""

    formats = import_formats = export_formats = [SmallSheet]
    skip_export_form = True
    skip_import_confirm = False

    def get_resource_kwargs(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"actor": request.actor}

    def get_import_resource_kwargs(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"actor": request.actor}

    def get_export_resource_kwargs(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"actor": request.actor}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        form.add_error("import_file", e.sentence if isinstance(e, Refused) else "文件无法读取，未导入。请用“导出”得到的表格填写后再导入。")

    def get_export_filename(self, request: Any, queryset: Any, file_format: Any) -> str:
        """学校-2026-11-23.xlsx."""
        return f"{self.model._meta.verbose_name}-{clock.today().isoformat()}.{file_format.get_extension()}"  # type: ignore[attr-defined]

    def _do_file_export(self, file_format: Any, request: Any, queryset: Any, export_form: Any = None) -> Any:
        """The file under its Chinese name, as every browser reads it."""
        response = super()._do_file_export(file_format, request, queryset, export_form=export_form)
        response.headers["Content-Disposition"] = attachment(self.get_export_filename(request, queryset, file_format))
        return response

    def process_result(self, result: Any, request: Any) -> Any:
        totals = result.totals
        self.note(request, "导入", f"新增 {totals['new']}、修改 {totals['update']}、不变 {totals['skip']}")  # type: ignore[attr-defined]
        return super().process_result(result, request)
