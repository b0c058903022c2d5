"""The five registers and the list of schools: which heading is which field, and which fields a file must have (DATA.md §1).

Aliases are written as people write them; ``headings.plain`` takes spaces, stars, brackets and the like away on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The registers a file can be."""

    ENROLLMENT = "enrollment"
    HOUSEHOLD = "household"
    ATTENDING = "attending"
    MONITORED = "monitored"
    SURVEY = "survey"
    SCHOOLS = "schools"


@dataclass(frozen=True)
class Layout:
    """One kind of file: ``aliases`` heading → field over the common ones; ``required`` groups, one field of each must be there.

    ``stands_for`` field → field: what a column is where the file has none for the second (one school's 联系电话 is another's 监护人电话).
    """

    kind: Kind
    title: str
    aliases: dict[str, str]
    required: tuple[tuple[str, ...], ...]
    template: tuple[str, ...]
    stands_for: dict[str, str] = field(default_factory=dict)


COMMON: dict[str, str] = {}


def _alias(field: str, words: str) -> None:
    for word in words.split():
        COMMON[word] = field


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_alias("number", "序号 编号 行号")
_alias("name", "姓名 学生姓名 学生名字 名字 孩子姓名 儿童姓名 适龄儿童姓名 学员姓名")
_alias("former_name", "曾用名")
_alias("sex", "性别 学生性别")
_alias("birth_date", "出生日期 出生年月日 出生年月 生日 出生时间")
_alias("ethnicity", "民族")
_alias("id_kind", "身份证件类型 证件类型 身份证类型")
_alias(
    "id_number",
    "身份证件号 身份证号 身份证号码 身份证件号码 证件号码 证件号 公民身份号码 公民身份证号码 居民身份证号 学生身份证号 学生身份证号码 身份证",
)
_alias("student_number", "学籍号 全国学籍号 个人标识码 全国学籍号码 国网学籍号 学籍号码")
_alias("provincial_number", "学籍辅号 省学籍号 省学籍辅号")
_alias("school_code", "学校标识码 学校代码 学校编码")
_alias("school_name", "学校名称 学校 所在学校 校名 就读学校名称")
_alias("grade", "年级 所在年级 年级名称 就读年级")
_alias("class_name", "班级 班号 班级名称 所在班级 班 就读班级")
_alias("grade_class", "年级班级 年级班 班级年级")
_alias("boarding", "就读方式 走读住校 是否住校 是否寄宿 寄宿")
_alias("state", "学生状态 就读状态 学生当前状态 学籍状态 当前状态")
_alias("guardian_name", "监护人姓名 监护人 成员1姓名 家长姓名 家长 父母或监护人姓名 联系人")
_alias("guardian_relation", "监护人关系 与监护人关系 成员1关系 关系")
_alias("guardian_phone", "监护人电话 监护人联系电话 成员1联系电话 家长电话 家长联系电话 监护人手机")
_alias("guardian_id_number", "监护人证件号 监护人身份证号 监护人身份证号码 监护人证件号码 成员1身份证件号 家长身份证号")
_alias("phone", "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码")
_alias("address", "家庭住址 家庭地址 现住址 住址 居住地址 户籍地址 通信地址 家庭详细地址 地址")
_alias("household_number", "户号 户编号 户籍编号 户口编号 家庭编号")
_alias("member_number", "人编号 人员编号")
_alias("head_name", "户主姓名 户主")
_alias("head_relation", "与户主关系")
_alias("residence_code", "户口所在地 户口所在地行政区划 户籍乡镇代码 户口所在地代码 户籍所在地 户口所在地区划代码 行政区划 行政区划代码")
_alias("township_code", "乡镇代码 所属乡镇代码")
_alias("township_name", "乡镇 乡镇街道 街道 乡镇名称 所属乡镇 乡镇街道名称")
_alias("village_name", "村 村委会 村社区 行政村 社区 村委会社区 村名称 所属村")
_alias("group_name", "组 村小组 村民小组 小组")
_alias("household_kind", "户口性质 户口类别")
_alias("left_behind", "是否留守儿童 留守儿童 留守 是否留守")
_alias("migrant", "是否进城务工人员随迁子女 随迁子女 进城务工人员随迁子女 是否随迁子女 随迁")
_alias("orphan", "是否孤儿 孤儿")
_alias("disability", "残疾类型 残疾类别 残疾")
_alias("inclusive", "随班就读 是否随班就读")
_alias("health", "健康状况 身体状况 健康状态 身体健康状况")
_alias("problem", "问题说明")
_alias("remark", "备注 说明 备注说明")
_alias("reported_on", "到校日期 报到日期 摸排日期 报到时间 摸排时间 到校时间")
_alias("entered_on", "入学年月 入学时间 入学日期")
_alias("school_text", "就读学校")
_alias("surveyor", "摸排人 摸排人员 调查人 入户人")
_alias("reason", "未就读原因 未上学原因 义务教育阶段未上学原因 失学辍学原因")
_alias("helper", "帮扶责任人 帮扶干部")

ENROLLMENT = Layout(
    Kind.ENROLLMENT,
    "国网学籍",
    {"现住址": "address", "户籍地址": "residence_text", "所在乡镇": "township_name"},
    (
        ("student_number",),
        ("name",),
        ("sex",),
        ("birth_date",),
        ("id_number",),
        ("school_code", "school_name"),
        ("grade", "grade_class"),
        ("class_name", "grade_class"),
    ),
    _words("""
        学籍号 姓名 性别 出生日期 身份证件号 民族 户口所在地 学校标识码 学校名称 年级 班级 入学年月 就读方式 是否留守儿童 随迁子女 是否孤儿 残疾类型 随班就读
        家庭住址 联系电话 监护人姓名 监护人关系 监护人电话 学生状态
    """),
    {"phone": "guardian_phone"},
)
HOUSEHOLD = Layout(
    Kind.HOUSEHOLD,
    "户籍适龄儿童",
    {"户口登记状态": "state", "户籍状态": "state", "状态": "state", "登记状态": "state"},
    (("name",), ("id_number",), ("sex",), ("birth_date",), ("address",)),
    _words("户号 姓名 公民身份号码 性别 民族 出生日期 与户主关系 户主姓名 户籍地址 乡镇代码 村委会 村小组 户口登记状态 监护人姓名 联系电话"),
)
ATTENDING = Layout(
    Kind.ATTENDING,
    "实际在校学生",
    {"状态": "state"},
    (("school_code", "school_name"), ("grade", "grade_class"), ("class_name", "grade_class"), ("name",)),
    _words("学校标识码 学校名称 年级 班级 姓名 性别 身份证号 学籍号 出生日期 家庭住址 监护人姓名 监护人电话 到校日期 备注"),
    {"phone": "guardian_phone"},
)
MONITORED = Layout(
    Kind.MONITORED,
    "防返贫监测",
    {
        "户类型": "group_kind",
        "监测对象类别": "monitored_kind",
        "监测类别": "monitored_kind",
        "风险是否已消除": "risk_cleared",
        "风险消除": "risk_cleared",
        "在校生状况": "situation",
        "就读状况": "situation",
        "编号": "household_number",
    },
    (("household_number",), ("name",), ("id_number",)),
    _words("""
        乡镇 村 组 户编号 人编号 户主姓名 姓名 性别 证件号码 出生日期 与户主关系 在校生状况 义务教育阶段未上学原因 户类型 监测对象类别 风险是否已消除
        联系电话 帮扶责任人
    """),
)
SURVEY = Layout(
    Kind.SURVEY,
    "摸排",
    {"就读情况": "situation", "就学情况": "situation", "就读状况": "situation", "学校": "school_text", "就读学校名称": "school_text"},
    (("name",), ("guardian_name",), ("address",), ("situation",), ("surveyor",), ("reported_on",)),
    _words("乡镇 村 姓名 性别 出生日期 身份证号 监护人姓名 电话 现住址 就读情况 就读学校 未就读原因 摸排人 摸排日期"),
)
SCHOOLS = Layout(
    Kind.SCHOOLS,
    "学校名录",
    {
        "办学类型": "school_type",
        "学校类型": "school_type",
        "办学类别": "school_type",
        "是否中心学校": "central",
        "中心学校": "central",
        "名称": "school_name",
    },
    (("school_code",), ("school_name",), ("township_code",), ("school_type",)),
    _words("学校标识码 学校名称 乡镇代码 办学类型 是否中心学校"),
)
KINDS: dict[str, Layout] = {layout.kind.value: layout for layout in (ENROLLMENT, HOUSEHOLD, ATTENDING, MONITORED, SURVEY, SCHOOLS)}
# What a field is called when a sentence has to name it.
FIELD_TITLES: dict[str, str] = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "id_number": "身份证号", "student_number": "学籍号", "school_code": "学校标识码",
    "school_name": "学校名称", "grade": "年级", "class_name": "班级", "address": "住址", "household_number": "户编号", "guardian_name": "监护人姓名",
    "situation": "就读情况", "surveyor": "摸排人", "reported_on": "日期", "township_code": "乡镇代码", "school_type": "办学类型", "ethnicity": "民族",
    "id_kind": "身份证件类型", "provincial_number": "学籍辅号", "boarding": "就读方式", "state": "状态", "guardian_relation": "监护人关系",
    "guardian_phone": "监护人电话", "guardian_id_number": "监护人证件号", "phone": "联系电话", "member_number": "人编号", "head_name": "户主姓名",
    "residence_code": "户口所在地", "township_name": "乡镇", "village_name": "村", "group_kind": "户类型", "monitored_kind": "监测对象类别",
    "risk_cleared": "风险是否已消除", "left_behind": "是否留守儿童", "migrant": "随迁子女", "orphan": "是否孤儿", "disability": "残疾类型",
    "inclusive": "随班就读", "remark": "备注", "health": "健康状况", "entered_on": "入学年月", "school_text": "就读学校", "reason": "未就读原因", "grade_class": "年级班级",
    "central": "是否中心学校", "situation_text": "就读情况",
}  # fmt: skip
