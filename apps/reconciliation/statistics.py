"""The statistics table of the plan 〔方案二（二）〕: its columns by level, and the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.reconciliation.models import Run
from apps.reconciliation.queries import figures as f
from apps.reconciliation.queries.board import LEVELS, Board, Place

THIN = Border(*(Side("thin"),) * 4)
HEAD = PatternFill("solid", fgColor="E6F1F3")
CENTRE = Alignment("center", "center", wrap_text=True)
DOWNWARDS = Alignment("center", "center", text_rotation=255, wrap_text=True)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns under one heading: (figure code, label)."""

    label: str
    columns: list[tuple[str, str]]


def groups(level: str) -> list[Group]:
    """The columns of a level: a village has no school, a school no household register."""
    home = ("household_school_age", "monitored", "inside", "outside")
    named = {"village": home, "school": ("migrant", "enrolled", "attending")}.get(level, f.NAMED)
    told = [("方案各数", named)]
    if level != "school":
        told.append(("① 户籍×学籍", f.FIRST_CODES))
    if level != "village":
        told += [("② 学籍×在校", f.SECOND_CODES), ("② 在校无籍", f.REVERSE_CODES)]
    if level != "school":
        told.append(("③ 脱贫户与三类监测", f.THIRD_CODES))
    return [Group(label, [(code, f.FIGURES[code].label) for code in codes]) for label, codes in told]


def workbook(run: Run, board: Board, *, printed_on: date) -> bytes:
    """A sheet for each level that has a place: title, two rows of headings, a row per place and stage, the identities at the end."""
    book = Workbook()
    book.remove(book.active)
    for level, label in LEVELS.items():
        if board.level(level):
            sheet = book.create_sheet(label)
            columns = groups(level)
            width = 2 + sum(len(group.columns) for group in columns)
            title(sheet, f"四查三比对统计表（{label}）", f"{run.term.label} · 第{run.pk}次比对 · 比对日 {run.as_of} · 打印日 {printed_on}", width)
            headings(sheet, columns)
            body(sheet, [place for place in board.level(level) if any(place.counts[""].values())], columns)
            page_setup(sheet)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def title(sheet: Worksheet, words: str, below: str, width: int) -> None:
    """The merged title and the line beneath it."""
    for row, text, size in ((1, words, 16), (2, below, 10)):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = Font(size=size, bold=row == 1), CENTRE
    sheet.row_dimensions[1].height = 26


def headings(sheet: Worksheet, columns: list[Group]) -> None:
    """Rows 3 and 4: groups over columns."""
    for number, word in ((1, "单位"), (2, "学段")):
        sheet.merge_cells(start_row=3, end_row=4, start_column=number, end_column=number)
        sheet.cell(3, number, word)
    at = 3
    for group in columns:
        sheet.merge_cells(start_row=3, end_row=3, start_column=at, end_column=at + len(group.columns) - 1)
        sheet.cell(3, at, group.label)
        for _, label in group.columns:
            sheet.cell(4, at, label)
            at += 1
    for row in sheet.iter_rows(min_row=3, max_row=4, max_col=at - 1):
        for cell in row:
            cell.font, cell.fill, cell.border = Font(bold=True, size=10), HEAD, THIN
            cell.alignment = CENTRE if cell.row == 3 or cell.column < 3 else DOWNWARDS
    sheet.row_dimensions[4].height = 132  # heads stand upright: with up to 46 columns the figures stay legible on one A4 page
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 15, 6
    for number in range(3, at):
        sheet.column_dimensions[get_column_letter(number)].width = 5.5


def body(sheet: Worksheet, places: list[Place], columns: list[Group]) -> None:
    """A row per place and stage; beneath, which place does not balance."""
    codes = [code for group in columns for code, _ in group.columns]
    row = 5
    for place in places:
        for stage, words in f.STAGES.items():
            if stage == "other" and not any(place.counts["other"].values()):
                continue
            for number, value in enumerate([place.name, words, *(place.counts[stage][code] for code in codes)], 1):
                cell = sheet.cell(row, number, value)
                cell.border, cell.font = THIN, Font(bold=stage == "", size=10)
            row += 1
    sheet.cell(
        row + 1,
        1,
        "户籍适龄 = 区内 + 区外 + 缓学 + 休学 + 送教 + 不具备条件 + 毕业 + 核减 + 失学 + 待核实；学籍数 − 在籍不在校 + 在校无籍 = 在校数。",
    )
    wrong = [place.name for place in places if not place.is_balanced]
    sheet.cell(row + 2, 1, f"不平衡：{'、'.join(wrong)}。" if wrong else "以上各行全部平衡，无法解释的 0 人。")


def page_setup(sheet: Worksheet) -> None:
    """A4 landscape, one page wide, headings on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:4"
    sheet.freeze_panes = "C5"
