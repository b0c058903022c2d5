"""How sources head their columns and word their cells: every school and office has its own habit (DATA.md §1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

GRADES = "一二三四五六七八九"
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "enrollment": {
        "student_number": ("学籍号", "全国学籍号", "个人标识码"), "name": ("姓名", "学生姓名"), "sex": ("性别",),
        "birth_date": ("出生日期",),
        "id_number": ("身份证件号", "身份证号码", "证件号码", "身份证号"), "ethnicity": ("民族",),
        "residence_code": ("户口所在地行政区划", "户籍乡镇代码", "户口所在地"),
        "school_code": ("学校标识码", "学校代码"),
        "school_name": ("学校名称", "学校"),
        "grade": ("年级",), "class_name": ("班级", "班号"), "enrolled_on": ("入学年月",), "attendance_mode": ("就读方式",),
        "left_behind": ("是否留守儿童",), "migrant": ("是否进城务工人员随迁子女", "随迁子女"), "disability": ("残疾类型",),
        "address": ("现住址", "家庭住址", "家庭地址"), "phone": ("联系电话", "成员1联系电话", "监护人电话"),
        "guardian_name": ("监护人姓名", "成员1姓名"), "guardian_relation": ("监护人关系",), "state": ("学生状态", "就读状态", "学生当前状态"),
    },
    "household": {
        "household_number": ("户号",), "name": ("姓名",), "former_name": ("曾用名",), "id_number": ("公民身份号码", "身份证号"), "sex": ("性别",),
        "ethnicity": ("民族",), "birth_date": ("出生日期",), "relation_to_head": ("与户主关系",), "head_name": ("户主姓名",),
        "address": ("户籍地址", "住址"), "township_code": ("乡镇代码", "行政区划"), "village": ("村委会",), "group": ("村小组",),
        "residence_state": ("户口登记状态",), "guardian_name": ("监护人姓名",), "phone": ("联系电话",),
    },
    "attending": {
        "school_code": ("学校标识码",), "school_name": ("学校",), "grade": ("年级",), "class_name": ("班级",), "name": ("姓名",), "sex": ("性别",),
        "id_number": ("身份证号",), "student_number": ("学籍号",), "birth_date": ("出生日期",), "address": ("家庭住址",),
        "guardian_name": ("监护人姓名",), "guardian_phone": ("监护人电话",), "arrived_on": ("到校日期", "报到日期"), "remark": ("备注",),
    },
    "monitored": {
        "township": ("乡(镇)",), "village": ("村",), "group": ("组",), "household_number": ("户编号",), "member_number": ("人编号",),
        "head_name": ("户主姓名",), "name": ("姓名",), "sex": ("性别",), "id_number": ("证件号码",), "birth_date": ("出生日期",),
        "relation_to_head": ("与户主关系",), "schooling": ("在校生状况",), "reason": ("义务教育阶段未上学原因",), "household_kind": ("户类型",),
        "monitoring_kind": ("监测对象类别",), "risk_cleared": ("风险是否已消除",), "phone": ("联系电话",), "helper": ("帮扶责任人",),
    },
    "survey": {
        "township": ("乡镇",), "village": ("村",), "name": ("姓名",), "sex": ("性别",), "birth_date": ("出生日期",), "id_number": ("身份证号",),
        "guardian_name": ("监护人姓名",), "phone": ("电话",), "address": ("现住址",), "schooling": ("就读情况",), "school_name": ("就读学校",),
        "reason": ("未就读原因",), "surveyor": ("摸排人",), "surveyed_on": ("摸排日期",),
    },
}  # fmt: skip
TITLES = {
    "enrollment": "义务教育阶段学生学籍信息表",
    "household": "适龄儿童少年户籍信息",
    "attending": "在校学生花名册",
    "monitored": "防返贫监测信息（义务教育阶段适龄人口）",
    "survey": "“铁脚板”摸排登记表",
}
STATES = {"01": "在读", "02": "休学", "06": "流失", "07": "毕业", "10": "转出"}
CODED = {"sex": {"男": "1", "女": "2"}, "attendance_mode": {"1": "走读", "2": "住校"}}


def columns(register: str, habit: int, *, without: frozenset[str] = frozenset()) -> tuple[list[str], list[str]]:
    """Fields and headings of one source, in its order; ``habit`` picks among the aliases and sometimes turns the order."""
    fields = [field for field in HEADINGS[register] if field not in without]
    if habit % 3 == 2:
        fields = fields[2:] + fields[:2]
    return fields, [HEADINGS[register][field][habit % len(HEADINGS[register][field])] for field in fields]


def dates(habit: int) -> Callable[[str], str]:
    """How this source writes a day; takes 'YYYY-MM-DD'."""

    def write(day: str) -> str:
        if not day:
            return ""
        year, month, number = day.split("-")
        forms = (day, year + month + number, f"{year}/{int(month)}/{int(number)}", f"{year}年{int(month)}月{int(number)}日")
        return forms[habit % len(forms)]

    return write


def as_date(day: str) -> date | None:
    """A real date cell, None where the day is missing."""
    return date.fromisoformat(day) if day else None


def grade_and_class(grade: str, number: str, habit: int) -> tuple[str, str]:
    """The two cells as six kinds of schools write them."""
    index = int(grade)
    name = f"{GRADES[index - 1]}年级"
    spoken = f"初{GRADES[index - 7]}" if index > 6 else name
    forms = (
        (grade, number),
        (name, f"{number}班"),
        (name, f"{name}({number})班"),
        (spoken, f"{spoken}{number}班"),
        (grade, f"{grade}.{number}"),
        (name, f"（{number}）班"),
    )
    return forms[habit % len(forms)]


def coded(field: str, value: str, habit: int) -> str:
    """A code, a name or 'code-name', after the habit of the source."""
    if field == "state":
        return (STATES[value], f"{value}-{STATES[value]}", value)[habit % 3]
    if field == "sex" and value:
        code = CODED["sex"][value]
        return (value, value, f"{code}-{value}", code)[habit % 4]
    if field == "attendance_mode" and value in CODED[field]:
        return (CODED[field][value], f"{value}-{CODED[field][value]}")[habit % 2]
    return value
