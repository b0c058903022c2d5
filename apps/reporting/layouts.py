"""The platform's form, field by field: what its 控辍保学 port asks for, in the order in which a clerk fills it in.

The port has no published interface; order and names are our default (D), to be confirmed by the bureau and mended here alone. Panel and
workbook both read this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the platform: our key, its name there, the width of its column in a workbook."""

    key: str
    label: str
    width: float = 14


ID_NUMBER = "id_number"
PLATFORM = (
    Column("service", "服务事项", 12),
    Column("name", "学生姓名", 12),
    Column(ID_NUMBER, "身份证件号", 22),
    Column("sex", "性别", 6),
    Column("birth", "出生日期", 13),
    Column("ethnicity", "民族", 8),
    Column("school", "就读学校", 24),
    Column("room", "年级班级", 14),
    Column("home", "户籍地", 26),
    Column("address", "现住址", 26),
    Column("guardian_name", "监护人", 12),
    Column("guardian_phone", "联系电话", 16),
    Column("first_day", "未到校起始日期", 14),
    Column("school_days", "连续未到校（上课日）", 12),
    Column("cause", "未到校原因", 18),
    Column("whereabouts", "现在去向", 24),
    Column("groups", "特殊群体", 20),
    Column("contacts", "联系家长情况", 40),
)
