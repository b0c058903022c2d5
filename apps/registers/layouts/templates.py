"""What an upload template of each kind holds; ``core.excel.write.template`` makes the workbook of it."""

from __future__ import annotations

from typing import Any

from apps.registers.layouts.codes import NATIONS
from apps.registers.layouts.headings import field_of
from apps.registers.layouts.kinds import KINDS, Layout

TEXT_FIELDS = frozenset({
    "id_number", "student_number", "guardian_id_number", "provincial_number", "phone", "guardian_phone", "school_code", "township_code",
    "residence_code", "household_number", "member_number", "class_name", "birth_date", "entered_on", "reported_on",
})  # fmt: skip
WIDTHS = {
    "sex": 7.0, "grade": 9.0, "class_name": 8.0, "ethnicity": 10.0, "birth_date": 13.0, "boarding": 10.0, "migrant": 10.0, "orphan": 10.0,
    "inclusive": 10.0, "guardian_relation": 11.0,
    "id_number": 22.0, "student_number": 24.0, "address": 30.0, "guardian_id_number": 22.0, "school_name": 24.0,
}  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    "sex": ("男", "女"),
    "ethnicity": tuple(f"{nation}族" for nation in NATIONS),
    "boarding": ("走读", "住校"),
    "left_behind": ("非留守儿童", "单亲留守儿童", "双亲留守儿童"),
    "migrant": ("是", "否"),
    "orphan": ("是", "否"),
    "inclusive": ("是", "否"),
    "disability": ("无", "视力", "听力", "言语", "肢体", "智力", "精神", "多重", "其他"),
    "grade": ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级"),
    "group_kind": ("脱贫户", "普通农户"),
    "monitored_kind": ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户"),
    "risk_cleared": ("是", "否"),
    "situation": (
        "区内就读", "省内区外就读", "省外就读", "缓学", "休学", "送教上门", "不具备学习条件", "已毕业", "失学", "辍学", "待核实",
    ),
    "school_type": ("小学", "教学点", "初级中学", "九年一贯制", "特殊教育"),
    "central": ("是", "否"),
}  # fmt: skip
STATE_CHOICES: dict[str, tuple[str, ...]] = {
    "enrollment": ("在读", "休学", "复学", "毕业", "转出", "转学办理中", "送教上门", "缓学", "死亡", "下落不明", "其他离校"),
    "household": ("正常", "死亡注销", "迁出", "重户", "查无此人"),
}
NOTES = (
    "橙色表头是必填项；列的顺序可以变，也可以加列，认不出的列会原样保留。",
    "身份证号、学籍号、电话这些列已设为“文本”格式，请不要改成数字，否则后几位会变成 0。",
    "从别处粘贴时请用“选择性粘贴→数值（或文本）”，不要带公式。",
    "日期写成 2015-09-01 或 20150901；班级写班号，如 1。",
    "一个学校可以一张表，也可以一个班一张表；合计行、空行不影响读取。",
    "上传后先看到核对结果，确认以后才入库；有问题的行可以下载“问题表”改好再传。",
)


def template_of(kind: str) -> dict[str, Any]:
    """Keyword arguments for ``core.excel.write.template``. KeyError for a kind there is not."""
    layout = KINDS[kind]
    fields = {heading: field_of(heading, layout, {}) or "" for heading in layout.template}
    return {
        "title": f"{layout.title}上传模板",
        "headings": layout.template,
        "required": [heading for heading, field in fields.items() if _required(layout, field)],
        "notes": NOTES,
        "text_columns": [heading for heading, field in fields.items() if field in TEXT_FIELDS],
        "choices": {heading: words for heading, field in fields.items() if (words := _choices(kind, field))},
        "widths": {heading: WIDTHS[field] for heading, field in fields.items() if field in WIDTHS},
    }


def _required(layout: Layout, field: str) -> bool:
    return any(field in group for group in layout.required)


def _choices(kind: str, field: str) -> tuple[str, ...]:
    return STATE_CHOICES.get(kind, ()) if field == "state" else CHOICES.get(field, ())
