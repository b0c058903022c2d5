"""Places, times and policy in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse

from apps.audit.model_admin import DistrictAdmin, DistrictForm, DistrictInline, SheetMixin
from apps.core import clock
from apps.core.admin_site import Notice, site
from apps.schools import actions, policy, queries
from apps.schools.models import CalendarDay, CalendarYear, Catchment, Closure, PolicyValue, Region, School, SchoolClass, Term, TermSpan
from apps.schools.resources import CalendarDayResource, ClassResource, SchoolResource, VillageResource


class VillageForm(DistrictForm):
    """A village under a township of the district; the upper levels come with the product."""

    class Meta:
        model = Region
        fields = ("code", "name", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.instance.level = Region.Level.VILLAGE
        if "parent" in self.fields:
            parents = self.fields["parent"]
            parents.required, parents.queryset = True, parents.queryset.filter(level=Region.Level.TOWNSHIP)


@admin.register(Region, site=site)
class RegionAdmin(SheetMixin, DistrictAdmin):
    """Villages and communities, in and out as sheets too; townships can be seen and renamed."""

    form = VillageForm
    resource_classes = [VillageResource]
    list_display = ("code", "name", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    can_delete = True

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("code", "parent") if obj else ()

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.level == Region.Level.VILLAGE)

    def get_actions(self, request: Any) -> dict[str, Any]:
        return {}  # the bulk deletion would not ask for the level of each row

    def get_export_queryset(self, request: Any) -> Any:
        return super().get_export_queryset(request).filter(level=Region.Level.VILLAGE)


def _has_been_in_force(value: PolicyValue | None) -> bool:
    return value is not None and value.effective_from < clock.today()


class CatchmentInline(DistrictInline):
    model = Catchment


@admin.register(School, site=site)
class SchoolAdmin(SheetMixin, DistrictAdmin):
    """Schools are closed, not deleted: registers and cases speak of them."""

    resource_classes = [SchoolResource]
    list_display = ("code", "name", "kind", "township", "is_central", "is_open")
    list_filter = ("kind", "is_central", "is_open")
    list_select_related = ("township",)
    search_fields = ("code", "name")
    inlines = (CatchmentInline,)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Catchment, site=site)
class CatchmentAdmin(DistrictAdmin):
    list_display = ("region", "stage", "school")
    list_filter = ("stage",)
    list_select_related = ("region", "school")
    search_fields = ("region__name", "school__name")
    can_delete = True


@admin.register(SchoolClass, site=site)
class ClassAdmin(SheetMixin, DistrictAdmin):
    """Classes come from the rosters; here they are corrected."""

    resource_classes = [ClassResource]
    list_display = ("__str__", "school", "school_year", "grade", "name")
    list_filter = ("school_year", "grade")
    list_select_related = ("school",)
    search_fields = ("school__name", "school__code", "name")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("school", "school_year") if obj else ()


class SpanInline(DistrictInline):
    model = TermSpan


@admin.register(Term, site=site)
class TermAdmin(DistrictAdmin):
    list_display = ("code", "first_day", "last_day", "is_confirmed")
    inlines = (SpanInline,)


@admin.register(CalendarDay, site=site)
class CalendarDayAdmin(SheetMixin, DistrictAdmin):
    """A changed day is the district's own from then on."""

    resource_classes = [CalendarDayResource]
    list_display = ("day", "is_school_day", "note", "origin")
    list_filter = ("is_school_day", "origin")
    date_hierarchy = "day"
    exclude = ("district_code", "origin")
    can_delete = True

    def save_model(self, request: Any, obj: CalendarDay, form: forms.ModelForm, change: bool) -> None:
        obj.origin = CalendarDay.Origin.OWN
        super().save_model(request, obj, form, change)


@admin.register(CalendarYear, site=site)
class CalendarYearAdmin(DistrictAdmin):
    """A new year is filled from the national arrangement where that is known; else it waits to be confirmed."""

    list_display = ("year", "origin", "is_confirmed")
    exclude = ("district_code", "origin")

    def get_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("year", "origin", "is_confirmed") if obj else ("year",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("year", "origin") if obj else ()

    def save_model(self, request: Any, obj: CalendarYear, form: forms.ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        seeded = actions.seed_calendar(district=request.actor.scope.district, year=obj.year)
        obj.pk, obj.origin, obj.is_confirmed = seeded.year.pk, seeded.year.origin, seeded.year.is_confirmed
        self.note(request, "新增", f"{obj}，{seeded.days} 天", obj)


@admin.register(Closure, site=site)
class ClosureAdmin(DistrictAdmin):
    list_display = ("school", "first_day", "last_day", "reason")
    list_select_related = ("school",)
    search_fields = ("school__name", "reason")
    date_hierarchy = "first_day"
    can_delete = True


@admin.register(PolicyValue, site=site)
class PolicyAdmin(DistrictAdmin):
    """Every number of the rules with its value in force; a new row holds from its day on, and what has been in force stays as history."""

    list_display = ("label", "said", "effective_from", "basis")
    change_list_template = "admin/schools/policy_list.html"
    can_delete = True

    def has_change_permission(self, request: Any, obj: PolicyValue | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _has_been_in_force(obj)

    def has_delete_permission(self, request: Any, obj: PolicyValue | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _has_been_in_force(obj)

    def get_actions(self, request: Any) -> dict[str, Any]:
        return {}  # the bulk deletion would not ask of each row whether it has been in force

    @admin.display(description="项目")
    def label(self, row: PolicyValue) -> str:
        return policy.BY_KEY[row.key].label

    @admin.display(description="数值", ordering="value")
    def said(self, row: PolicyValue) -> str:
        return row.value_said

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        force = queries.policy(district=request.actor.scope.district, day=clock.today())
        coming = queries.coming_values(district=request.actor.scope.district, day=clock.today())
        numbers = [
            {"number": n, "value": n.said(force[n.key]), "default": n.said(n.default), "is_own": n.key in force.values, "coming": coming.get(n.key)}
            for n in policy.NUMBERS
        ]
        return super().changelist_view(request, {**(extra_context or {}), "numbers": numbers})


def calendar_notices(request: Any) -> list[Notice]:
    """What nobody has confirmed of the days this term counts."""
    district = request.actor.scope.district
    term = queries.current_term(district=district, day=clock.today())
    if term is None:
        return [Notice("还没有学期。", "先建立学期，名册和比对都按学期进行。", reverse("admin:schools_term_add"), "建立学期")]
    years = "、".join(f"{year}年" for year in queries.unconfirmed_years(district=district, term=term))
    told = []
    if years:
        text = (
            f"{years}的校历按周末推算，放假和补班未经核对，按上课日计算的期限可能不准。请对照国家放假安排修改“校历”，再在“校历年份”中勾选“已确认”。"
        )
        told.append(Notice("校历待确认。", text, reverse("admin:schools_calendaryear_changelist"), "去确认"))
    if not term.is_confirmed:
        text = f"{term.label}的起止日期是按缺省值生成的，请核对后勾选“校历已确认”。"
        told.append(Notice("学期待确认。", text, reverse("admin:schools_term_change", args=[term.pk]), "去确认"))
    return told


site.warners.append(calendar_notices)
