"""The statistics table of the plan 〔方案二（二）〕: its columns by level, and the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.templatetags.zaixue import cn_date
from apps.reconciliation.models import Run
from apps.reconciliation.queries import figures as f
from apps.reconciliation.queries.board import LEVELS, Board, Place

THIN = Border(*(Side("thin"),) * 4)
HEAD = PatternFill("solid", fgColor="E6F1F3")
CENTRE = Alignment("center", "center", wrap_text=True)
RIGHT = Alignment("right", "center")
NAME = Alignment("left", "center", shrink_to_fit=True)
TOTAL = PatternFill("solid", fgColor="F5F7F9")
FACE = "宋体"
LABELS_WIDE, FIRST_ROW = 2, 5  # columns of names, rows of headings before the first figure
WIDEST = 25  # columns of figures on one A4 page that can still be read
STACKED = {"不具备学习条件": "不具备\n学习\n条件", "脱贫户适龄": "脱贫户\n适龄"}  # where two characters a line would tear a word
EQUATIONS = "户籍适龄 = 区内 + 区外 + 缓学 + 休学 + 送教 + 不具备条件 + 毕业 + 核减 + 失学 + 待核实；国网学籍数 − 在籍不在校 + 在校无籍 = 在校生数。"


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
    """A sheet (two where one could not be read on A4) for each level that has a place: title, headings, a row per place and stage, the identities."""
    book = Workbook()
    book.remove(book.active)
    below = f"{run.term.label} · {run} · 比对日 {cn_date(run.as_of)} · 打印日 {cn_date(printed_on)}"
    for level, label in LEVELS.items():
        if board.level(level):
            parts = pages(groups(level))
            for columns in parts:
                words = label + ("" if len(parts) == 1 else "".join(sorted({group.label[0] for group in columns} & set("①②③"))))
                sheet = book.create_sheet(words)
                width = LABELS_WIDE + sum(len(group.columns) for group in columns)
                title(sheet, f"四查三比对统计表　{words}", below, width)
                headings(sheet, columns)
                after = body(sheet, [(named(board, place), place) for place in places(board, level)], columns)
                foot(sheet, after, [place for place in board.level(level) if not place.is_balanced], width)
                page_setup(sheet)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def pages(columns: list[Group]) -> list[list[Group]]:
    """The groups of each sheet: none is torn, and a sheet holds no more columns than can be read on one A4."""
    parts: list[list[Group]] = [[]]
    for group in columns:
        if sum(len(one.columns) for one in parts[-1]) + len(group.columns) > WIDEST:
            parts.append([])
        parts[-1].append(group)
    return parts


def title(sheet: Worksheet, words: str, below: str, width: int) -> None:
    """The merged title and the line beneath it."""
    for row, text, size in ((1, words, 16), (2, below, 10)):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = Font(name=FACE, size=size, bold=row == 1), CENTRE
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 28, 18


def stacked(label: str) -> str:
    """A heading in short lines, for a narrow column: 核减（查无此人） as 核减, 查无, 此人."""
    if label in STACKED:
        return STACKED[label]
    lines: list[str] = []
    for part in label.rstrip("）").split("（"):
        ends = list(range(2, len(part) - 1, 2))  # two characters a line, three in the last of an odd number
        lines += [part[start:end] for start, end in zip([0, *ends], [*ends, len(part)], strict=True)]
    return "\n".join(lines)


def headings(sheet: Worksheet, columns: list[Group]) -> None:
    """Rows 3 and 4: groups over columns."""
    for number, word in ((1, "单位"), (2, "学段")):
        sheet.merge_cells(start_row=3, end_row=4, start_column=number, end_column=number)
        sheet.cell(3, number, word)
    at = LABELS_WIDE + 1
    for group in columns:
        sheet.merge_cells(start_row=3, end_row=3, start_column=at, end_column=at + len(group.columns) - 1)
        sheet.cell(3, at, group.label)
        for _, label in group.columns:
            sheet.cell(4, at, stacked(label))
            at += 1
    for row in sheet.iter_rows(min_row=3, max_row=4, max_col=at - 1):
        for cell in row:
            cell.font, cell.fill, cell.border, cell.alignment = Font(name=FACE, bold=True, size=10 if cell.row == 3 else 9), HEAD, THIN, CENTRE
    sheet.row_dimensions[3].height, sheet.row_dimensions[4].height = 20, 62
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 15, 5.5
    for number in range(LABELS_WIDE + 1, at):
        sheet.column_dimensions[get_column_letter(number)].width = 6.6  # 28,000 in bold


def places(board: Board, level: str) -> list[Place]:
    """The places of a level that have a child, the total at the end."""
    return [place for place in [*board.level(level), *([] if level == "district" else [board.total])] if any(place.counts[""].values())]


def named(board: Board, place: Place) -> str:
    """A place as the table calls it; a village with its township, since two villages may share a name."""
    return f"{board.townships[place.township].name}{place.name}" if place.level == "village" and place.township in board.townships else place.name


def body(sheet: Worksheet, rows: list[tuple[str, Place]], columns: list[Group]) -> int:
    """A row per place and stage, each with its name, since a page may end anywhere; returns the first row beneath."""
    codes = [code for group in columns for code, _ in group.columns]
    row = FIRST_ROW
    for name, place in rows:
        for stage in [stage for stage in f.STAGES if stage != "other" or any(place.counts["other"].values())]:
            for number, value in enumerate([name, f.STAGES[stage], *(place.counts[stage][code] for code in codes)], 1):
                cell = sheet.cell(row, number, value)
                cell.border, cell.font = THIN, Font(name=FACE, bold=stage == "", size=10)
                cell.alignment = NAME if number <= LABELS_WIDE else RIGHT
                if stage == "":
                    cell.fill = TOTAL
            sheet.row_dimensions[row].height = 16
            row += 1
    return row


def foot(sheet: Worksheet, row: int, wrong: list[Place], width: int) -> None:
    """Beneath the table: the two identities, which place does not balance, and who signs."""
    said = f"对不上的单位：{'、'.join(place.name for place in wrong)}。" if wrong else "以上各行全部平衡，无法解释的 0 人。"
    lines = (f"{EQUATIONS}{said}", "填表人（签字）：　　　　　　　　　　审核人（签字）：　　　　　　　　　　单位（盖章）：")
    for at, (text, height) in enumerate(zip(lines, (30, 30), strict=True), row):
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
        cell = sheet.cell(at, 1, text)
        cell.font, cell.alignment = Font(name=FACE, size=10), Alignment("left", "center", wrap_text=True)
        sheet.row_dimensions[at].height = height


def page_setup(sheet: Worksheet) -> None:
    """A4 landscape, one page wide, headings on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.45, bottom=0.55, header=0.2, footer=0.25)
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows, sheet.freeze_panes = "1:4", "C5"
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
