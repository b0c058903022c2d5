"""Villages, schools, classes and calendar days as .xlsx (django-import-export), by their natural codes."""

from __future__ import annotations

from typing import Any

from import_export.fields import Field

from apps.core.district_resources import Coded, Day, DistrictResource, Whole, Worded, YesNo
from apps.schools.models import CalendarDay, Region, School, SchoolClass


class VillageResource(DistrictResource):
    """One row a village or community, by its code; one that stands under another township cannot be moved by a sheet."""

    code = Field("code", "代码")
    name = Field("name", "名称")
    parent = Field("parent", "乡镇代码", Coded(Region, "code", "乡镇代码"))

    class Meta:
        model = Region
        fields = ("code", "name", "parent")
        import_id_fields = ("code",)
        skip_unchanged = report_skipped = clean_model_instances = True

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(level=Region.Level.VILLAGE)

    def init_instance(self, row: Any = None) -> Region:
        """What comes in is always a village: the upper levels come with the product."""
        instance: Region = super().init_instance(row)
        instance.level = Region.Level.VILLAGE
        return instance


class SchoolResource(DistrictResource):
    """One row a school, by its national code."""

    code = Field("code", "学校标识码")
    name = Field("name", "学校名称")
    township = Field("township", "乡镇代码", Coded(Region, "code", "乡镇代码"))
    kind = Field("kind", "办学类型", Worded(School.Kind.choices, "办学类型"))
    is_central = Field("is_central", "是否中心学校", YesNo("是否中心学校"))
    is_open = Field("is_open", "在办", YesNo("在办"))

    class Meta:
        model = School
        fields = ("code", "name", "township", "kind", "is_central", "is_open")
        import_id_fields = ("code",)
        skip_unchanged = report_skipped = clean_model_instances = True


class ClassResource(DistrictResource):
    """One row a class of a school year."""

    school = Field("school", "学校标识码", Coded(School, "code", "学校标识码"))
    school_year = Field("school_year", "学年", Whole("学年"))
    grade = Field("grade", "年级", Whole("年级"))
    name = Field("name", "班级")

    class Meta:
        model = SchoolClass
        fields = ("school", "school_year", "grade", "name")
        import_id_fields = ("school", "school_year", "grade", "name")
        skip_unchanged = report_skipped = clean_model_instances = True


class CalendarDayResource(DistrictResource):
    """One row a day that is not as its weekday says; an imported change is the district's own."""

    day = Field("day", "日期", Day("日期"))
    is_school_day = Field("is_school_day", "上课", YesNo("上课"))
    note = Field("note", "说明")

    class Meta:
        model = CalendarDay
        fields = ("day", "is_school_day", "note")
        import_id_fields = ("day",)
        skip_unchanged = report_skipped = clean_model_instances = True

    def before_save_instance(self, instance: CalendarDay, row: object, **kwargs: object) -> None:
        """What a person brings in is no longer the national seed."""
        instance.origin = CalendarDay.Origin.OWN
