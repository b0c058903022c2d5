"""未注册学生名册 and 未返校学生名册 〔方案二（二）〕以学校为单位建立未注册和未返校学生名册: a workbook ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.accounts.models import Post
from apps.core.scope import Scope
from apps.core.templatetags.zaixue import cn_date
from apps.reconciliation.models import ChildClass, Run
from apps.reconciliation.queries import lists
from apps.schools.models import School

ROSTERS = {"unregistered": "未注册", "not_returned": "未返校"}
COLUMNS = (
    ("序号", 5), ("姓名", 11), ("性别", 5), ("出生日期", 11), ("证件号（掩码）", 20), ("年级", 6), ("班级", 10), ("户籍地", 20), ("监护人", 10), ("监护人电话", 14),
    ("去向或原因", 26), ("责任人", 12),
)  # fmt: skip
SEX = {"M": "男", "F": "女"}
GRADES = "一二三四五六七八九"
THIN = Border(*(Side("thin"),) * 4)
CENTRE = Alignment("center", "center", wrap_text=True)
HEAD = PatternFill("solid", fgColor="E6F1F3")


def roster(run: Run, school: School, code: str, *, scope: Scope, today: date) -> bytes:
    """The roster of one school: A4 landscape, title, rows, line of signatures."""
    rows = list(lists.children(run, scope, figure=f"second_{code}", school=school.pk).select_related(*lists.ROSTER_SIDES))
    rows.sort(key=lambda row: (row.grade or 0, str(row.school_class or ""), row.pinyin))
    teachers = head_teachers(school, today)
    book = Workbook()
    sheet = book.active
    sheet.title = f"{ROSTERS[code]}学生名册"
    heading(
        sheet, f"{school.name}{ROSTERS[code]}学生名册", f"{run.term.label}　　第{run.pk}次比对　　比对日 {cn_date(run.as_of)}　　共 {len(rows)} 人"
    )
    for number, row in enumerate(rows, 1):
        line(sheet, number + 3, [number, *words(row, teachers)])
    signatures(sheet, len(rows) + 5, today)
    page_setup(sheet)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def head_teachers(school: School, today: date) -> dict[int, str]:
    """Class -> names of those who hold its post of head teacher today."""
    posts = Post.objects.held_on(today).filter(role="head_teacher", school=school).select_related("user")
    told: dict[int, str] = {}
    for post in posts:
        told[post.school_class_id] = "、".join(name for name in (told.get(post.school_class_id, ""), post.user.name) if name)
    return told


def words(row: ChildClass, teachers: dict[int, str]) -> list[str]:
    """What the roster says of one child, as the run's own lines have it: the 学籍 first; where the run has none, as the child's card."""
    lines = [line for line in (getattr(row, side) for side in lists.ROSTER_SIDES) if line] or [row.child]
    birth = said(lines, "birth_date")
    return [
        row.name,
        SEX.get(said(lines, "sex"), ""),
        f"{birth:%Y-%m-%d}" if birth else "",
        row.id_masked,
        GRADES[row.grade - 1] if row.grade and 1 <= row.grade <= 9 else "",
        row.school_class.name if row.school_class else said(lines, "class_name"),
        row.village_name or said(lines, "address"),
        said(lines, "guardian_name"),
        said(lines, "guardian_phone") or next((line.details["phone"] for line in lines if getattr(line, "details", {}).get("phone")), ""),
        row.second_reason,
        teachers.get(row.school_class_id or 0, ""),
    ]


def said(lines: Sequence[Any], column: str) -> Any:
    """What the first line that says anything has in a column."""
    return next((value for line in lines if (value := getattr(line, column, ""))), "")


def heading(sheet: Worksheet, title: str, below: str) -> None:
    """Merged title, the line beneath, the column heads and widths."""
    for row, text, size in ((1, title, 18), (2, below, 11)):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(COLUMNS))
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = Font(size=size, bold=row == 1), CENTRE
    sheet.row_dimensions[1].height = 30
    for number, (label, width) in enumerate(COLUMNS, 1):
        cell = sheet.cell(3, number, label)
        cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), HEAD, THIN, CENTRE
        sheet.column_dimensions[get_column_letter(number)].width = width


def line(sheet: Worksheet, at: int, values: list[object]) -> None:
    """One row, as high as its longest cell needs (a Chinese character is two columns wide); text stays text, also where it looks like a formula."""
    lines = max(-(-2 * len(str(value)) // width) for value, (_, width) in zip(values, COLUMNS, strict=True))
    sheet.row_dimensions[at].height = max(22, 16 * lines + 4)
    for number, value in enumerate(values, 1):
        cell = sheet.cell(at, number)
        cell.value = value
        if isinstance(value, str):
            cell.data_type, cell.number_format = "s", "@"
        cell.border, cell.alignment = THIN, Alignment("left" if number in (8, 11) else "center", "center", wrap_text=True)


def signatures(sheet: Worksheet, at: int, today: date) -> None:
    """班主任、校长、中心学校, and the day."""
    for column, text in ((1, "班主任（签字）："), (5, "校长（签字、学校盖章）："), (9, "中心学校（盖章）：")):
        sheet.cell(at, column, text).font = Font(size=11)
    sheet.cell(at + 2, 9, f"填表日期：{today.year}年{today.month}月{today.day}日").font = Font(size=11)


def page_setup(sheet: Worksheet) -> None:
    """A4 landscape, one page wide, heads on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows, sheet.freeze_panes = "1:3", "A4"
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
