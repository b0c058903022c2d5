"""家访记录表: blank to be taken to a place without network, with what is known of the child; or as it was written down."""

from __future__ import annotations

from datetime import date

from apps.cases.models import Case, Visit
from apps.cases.rules.placing import Cause
from apps.cases.rules.visiting import Outcome, Way
from apps.core.papers import Form, Paper, Text, Title
from apps.core.templatetags.zaixue import cn_date
from apps.students.models import Child

BLANK_DAY = "　　　　年　　月　　日"
LINE = 31  # characters that stand in a line of the sheet, with either font
ROOM, SIGN = "\n\n\n\n\n", "\n\n"


def sheet(case: Case, child: Child, *, home: str, away: str, visit: Visit | None = None) -> Paper:
    """The sheet of one visit; without ``visit`` what happens at the door is left free."""
    seen = visit or Visit(visitors="", spoke_with="", place="", text="", whereabouts="", way="", outcome="", cause="")
    sex = child.get_sex_display()
    born = f"{cn_date(child.birth_date)}生" if child.birth_date else ""
    rows = [
        ("学生", child.name, "性别、出生日期", "　".join(filter(None, (sex, born)))),
        ("学校班级", f"{child.school or ''}　{child.school_class or ''}".strip("　"), "个案编号", str(case.pk)),
        ("监护人", child.guardian_name, "电话", child.guardian_phone),
        ("住址", "　".join(filter(None, (home, child.address)))),
        ("未到校情况", away),
        ("走访日期", cn_date(visit.day) if visit else BLANK_DAY, "走访地点", seen.place),
        ("方式", ticked([(w.value, w.label) for w in Way], seen.way)),
        ("走访人", seen.visitors, "见到谁", seen.spoke_with),
        ("谈话内容", seen.text if visit else ROOM),
        ("结果", ticked([(o.value, o.label) for o in Outcome], seen.outcome)),
        ("原因", ticked([(c.value, c.label) for c in Cause], seen.cause)),
        ("孩子现在何处", seen.whereabouts),
        ("答应返校日", day(visit.promised_on if visit else None, blank=visit is None), "下次走访", day(seen.next_on, blank=visit is None)),
        ("走访人签字", SIGN, "监护人签字", SIGN),
    ]
    notes = "外出务工、在他校就读、出境的，写明地点、单位或学校；答应返校的，写明哪一天。回来后在“登记走访”中按实际走访日期补登记，并把本表拍照附上。"
    if visit:
        notes = f"{cn_date(visit.written_at)} {visit.by_name}（{visit.by_title}）登记。"
    number = f"编号：访{visit.day.year}-{visit.pk}" if visit else "编号：登记后编号"
    return Paper(title=f"家访记录表 {child.name}", layout="form", body=[Title("家访记录表", right=number), Form(rows), Text(notes, indent=False)])


def ticked(choices: list[tuple[str, str]], chosen: str) -> str:
    """The choices in lines, the chosen one ticked. A line ends between two of them: word processors would break it inside one, and no sign that
    forbids it is heeded by all of them."""
    lines = [""]
    for code, label in choices:
        one = f"{'☑' if code == chosen else '□'}{label}"
        if lines[-1] and len(lines[-1]) + 1 + len(one) > LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]}　{one}" if lines[-1] else one
    return "\n".join(lines)


def day(value: date | None, *, blank: bool) -> str:
    """A day, or room to write one."""
    return BLANK_DAY if blank else cn_date(value)
