"""送教上门: the yearly sheet of one child (paper and workbook), and the register of a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

from apps.cases.letters.person import child_rows
from apps.cases.models import HomeTeaching, Lesson
from apps.cases.queries.teaching import Standing
from apps.core.excel.write import write_table
from apps.core.papers import Form, Paper, Table, Title
from apps.core.templatetags.zaixue import cn_date

HEAD = ("序号", "日期", "送教教师", "课时", "送教内容", "家长签字", "登记")
WIDTHS = (4, 8, 8, 4, 24, 8, 10)
REGISTER = (
    "序号", "姓名", "性别", "证件号", "学校", "班级", "监护人", "电话", "送教教师", "计划课时", "应送课时", "已送课时", "欠课时", "送教次数", "最近一次", "起止",
)  # fmt: skip
REGISTER_WIDTHS = (6, 10, 6, 22, 22, 12, 10, 14, 16, 9, 9, 9, 8, 9, 13, 24)


def year_said(plan: HomeTeaching) -> str:
    """2026—2027学年"""
    return f"{plan.school_year}—{plan.school_year + 1}学年"


def title(plan: HomeTeaching) -> str:
    """What the sheet is called."""
    return f"{year_said(plan)}送教上门登记表"


def lines(lessons: Iterable[Lesson]) -> list[tuple[str, ...]]:
    """The lessons that count, one line each."""
    return [
        (str(n), f"{one.day:%Y-%m-%d}", one.teachers, str(one.lessons), one.content, one.guardian, one.by_name) for n, one in enumerate(lessons, 1)
    ]


def summary(plan: HomeTeaching, standing: Standing) -> str:
    """How the year stands."""
    rest = f"，欠 {standing.missing} 课时" if standing.missing else ""
    return f"计划 {plan.lessons} 课时；截至上周末应送 {standing.due}，已送 {standing.given} 课时、{standing.visits} 次{rest}"


def sheet(plan: HomeTeaching, lessons: Sequence[Lesson], standing: Standing) -> Paper:
    """The yearly sheet to print and to sign."""
    rows = [
        *child_rows(plan.child),
        ("送教学校", plan.school.name, "班级", str(plan.school_class or "—")),
        ("监护人", f"{plan.child.guardian_name}　{plan.child.guardian_phone}", "送教教师", plan.teachers),
        ("起止", f"{cn_date(plan.first_day)}至{cn_date(plan.ended_on or plan.last_day)}"),
        ("送教计划", plan.plan),
        ("完成情况", summary(plan, standing)),
    ]
    name = f"{title(plan)} {plan.child.name}"
    table = Table(HEAD, lines(lessons) or [("", "", "", "", "（还没有送教记录）", "", "")], WIDTHS)
    signatures = Form([("学校负责人签字", "", "日期", "")])
    return Paper(title=name, layout="form", body=[Title(title(plan)), Form(rows), table, signatures], pages=True)


def sheet_workbook(plan: HomeTeaching, lessons: Sequence[Lesson], standing: Standing, *, day: date) -> bytes:
    """The same as a workbook."""
    kept = BytesIO()
    child = plan.child
    notes = [
        f"学生：{child.name}　{child.get_sex_display()}　{child.id_masked}　学校：{plan.school.name} {plan.school_class or ''}　送教教师：{plan.teachers}",
        f"{summary(plan, standing)}　导出日期：{cn_date(day)}",
    ]
    rows = [(n, one.day.isoformat(), one.teachers, one.lessons, one.content, one.guardian, one.by_name) for n, one in enumerate(lessons, 1)]
    write_table(
        kept, title=f"{title(plan)}（{child.name}）", headings=HEAD, rows=rows, widths=(6, 12, 16, 8, 44, 12, 14), notes=notes, text_columns={1},
        footer=["学校负责人（签字）：　　　　　　　　日期：　　　　　　"], sheet="送教记录",
    )  # fmt: skip
    return kept.getvalue()


def register(plans: Sequence[HomeTeaching], standings: dict[int, Standing], *, place: str, year: int, day: date) -> bytes:
    """All plans of a place in a school year, a row each, as a workbook; ID numbers masked."""
    kept = BytesIO()
    write_table(
        kept, title=f"{place}{year}—{year + 1}学年送教上门台账", headings=REGISTER, rows=[row(n, p, standings[p.pk]) for n, p in enumerate(plans, 1)],
        widths=REGISTER_WIDTHS, text_columns={3, 7, 14}, notes=[f"导出日期：{cn_date(day)}　共 {len(plans)} 人　应送课时算到上周末"],
        footer=["填报人（签字）：　　　　　　　　负责人（签字）：　　　　　　　　日期：　　　　　　"], sheet="送教台账",
    )  # fmt: skip
    return kept.getvalue()


def row(number: int, plan: HomeTeaching, standing: Standing) -> list[object]:
    """One child of the register."""
    child, last = plan.child, standing.last_on
    span = f"{plan.first_day:%Y-%m-%d}—{plan.ended_on or plan.last_day:%Y-%m-%d}"
    return [
        number, child.name, child.get_sex_display(), child.id_masked, plan.school.name, str(plan.school_class or ""), child.guardian_name,
        child.guardian_phone, plan.teachers, plan.lessons, standing.due, standing.given, standing.missing, standing.visits,
        last.isoformat() if last else "", span,
    ]  # fmt: skip
