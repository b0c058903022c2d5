"""A paper of papers.py as .docx, for offices that go on editing it: the layout of GB/T 9704-2012 in Word's own means."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from apps.core.papers import Paper, described

BODY, TITLE, HEADING = "仿宋", "宋体", "黑体"
RED = RGBColor(0xD8, 0x00, 0x0F)
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
MARGINS = {"letter": (37, 35, 28, 26), "form": (14, 14, 18, 18), "wide": (14, 14, 18, 18)}  # top, bottom, left, right in mm


def docx_bytes(paper: Paper) -> bytes:
    """The paper as a Word file."""
    told = described(paper)
    page = Page(told)
    page.head()
    for block, following in zip(told["body"], [*told["body"][1:], {"kind": ""}], strict=True):
        getattr(page, "page_break" if block["kind"] == "break" else block["kind"])(block)
        if following["kind"] == "signed":
            page.document.paragraphs[-1].paragraph_format.keep_with_next = True  # no signature stands alone on a page
    kept = BytesIO()
    page.document.save(kept)
    return kept.getvalue()


class Page:
    """A Word file as it is being written; one method a kind of block."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.is_letter = told["layout"] == "letter"
        self.size, self.line = (16, 29) if self.is_letter else (11, 16)  # 三号, 22 lines to 225 mm
        self.document: Document = docx.Document()
        self.boxes: dict[tuple[float, Any, bool, str], Any] = {}
        self.document.core_properties.title = told["title"]
        self.document.core_properties.author = ""
        style = self.document.styles["Normal"]
        named(style, BODY)
        style.font.size = Pt(self.size)
        language = OxmlElement("w:lang")
        language.set(qn("w:eastAsia"), "zh-CN")  # without it commas may stand where Taiwan and Japan put them
        style._element.get_or_add_rPr().append(language)
        self.set_up()

    def set_up(self) -> None:
        """A4, margins, page numbers."""
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        if self.told["layout"] == "wide":
            section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
        edges = (Mm(value) for value in MARGINS[self.told["layout"]])
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = edges
        self.width = section.page_width - section.left_margin - section.right_margin
        if self.is_letter or self.told["pages"]:
            self.document.settings.odd_and_even_pages_header_footer = True
            section.footer_distance = Mm(24 if self.is_letter else 7)
            for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
                page_number(footer.paragraphs[0], side)

    def put(self, text: str, *, align: Any = None, size: float = 0, font: str = "", bold: bool = False, colour: Any = None) -> Paragraph:
        """A paragraph at the end of the file."""
        paragraph = self.document.add_paragraph()
        spaced(paragraph, self.line if not size else max(self.line, size * 1.35))
        paragraph.alignment = align
        run = paragraph.add_run(text)
        run.font.size = Pt(size or self.size)
        run.bold = bold
        if font:
            named(run, font)
        if colour is not None:
            run.font.color.rgb = colour
        return paragraph

    def head(self) -> None:
        """Red head, number, title, addressee."""
        told = self.told
        if told["issuer"]:
            self.put(told["issuer"], align=CENTRE, size=min(36, 360 / len(told["issuer"])), font=TITLE, bold=True, colour=RED)
            self.put("")
            ruled(self.put(told["number"], align=CENTRE), "bottom", "single", "D8000F")
            self.put("")
        if self.is_letter and told["title"]:
            self.put(told["title"], align=CENTRE, size=22, font=TITLE, bold=True)
            if told["number"] and not told["issuer"]:
                self.put(told["number"], align=CENTRE)
            self.put("")
        if told["addressee"]:
            self.put(told["addressee"] + "：")

    def heading(self, block: dict[str, Any]) -> None:
        paragraph = self.put(block["text"], font=HEADING)
        paragraph.paragraph_format.first_line_indent = Pt(2 * self.size)
        paragraph.paragraph_format.keep_with_next = True

        level = OxmlElement("w:outlineLvl")  # by which Word finds it for the contents
        level.set(qn("w:val"), "0")
        paragraph._p.get_or_add_pPr().append(level)

    def cover(self, block: dict[str, Any]) -> None:
        spaced(self.document.add_paragraph(), Mm(45).pt)
        self.put(block["text"], align=CENTRE, size=30, font=TITLE, bold=True)
        self.put(block["below"], align=CENTRE, size=16)
        spaced(self.document.add_paragraph(), Mm(25).pt)

    def contents(self, block: dict[str, Any]) -> None:
        """A field that Word fills with pages when it is opened; until then the headings stand there."""
        self.put(block["text"], align=CENTRE, size=16, font=HEADING)
        headings = [one["text"] for one in self.told["body"] if one["kind"] == "heading"]
        paragraphs = [self.put(text) for text in headings] or [self.put("")]
        field(paragraphs[0].runs[0], 'TOC \\u "1-1" \\h', ends=False)
        run = paragraphs[-1].add_run()
        closed = OxmlElement("w:fldChar")
        closed.set(qn("w:fldCharType"), "end")
        run._r.append(closed)
        update = OxmlElement("w:updateFields")
        update.set(qn("w:val"), "true")
        self.document.settings.element.append(update)

    def text(self, block: dict[str, Any]) -> None:
        paragraph = self.put(block["text"])
        if block["indent"]:
            paragraph.paragraph_format.first_line_indent = Pt(2 * self.size)

    def title(self, block: dict[str, Any]) -> None:
        """Three boxes without lines: small words, title, small words."""
        cells = self.table_of(1, [1, 2, 1], lines=False).rows[0].cells
        for cell, (name, size, align) in zip(cells, (("left", 9, LEFT), ("text", 15, CENTRE), ("right", 9, RIGHT)), strict=True):
            self.write(cell, block[name], size=size, align=align, bold=name == "text")

    def form(self, block: dict[str, Any]) -> None:
        wide = max(map(len, block["rows"]))
        table = self.table_of(len(block["rows"]), [3 if n % 2 == 0 else 8 for n in range(wide)])
        for row, words in zip(table.rows, block["rows"], strict=True):
            row.height, row.height_rule, cells = Mm(9.5), WD_ROW_HEIGHT_RULE.AT_LEAST, row.cells
            if len(words) < wide:
                cells[len(words) - 1].merge(cells[-1])
            for n, text in enumerate(words):
                self.write(cells[n], text, size=self.size, align=CENTRE if n % 2 == 0 else LEFT)

    def table(self, block: dict[str, Any]) -> None:
        table = self.table_of(len(block["rows"]) + 1, block["widths"])
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)
        size = 12 if self.is_letter else 10
        for cell, text in zip(table.rows[0].cells, block["head"], strict=True):
            self.write(cell, text, size=size, align=CENTRE, font=HEADING)
        for row, words in zip(table.rows[1:], block["rows"], strict=True):
            for cell, text in zip(row.cells, words, strict=True):
                self.write(cell, text, size=size, align=LEFT)

    def signed(self, block: dict[str, Any]) -> None:
        for text in (block["text"], block["date"]):
            paragraph = self.put(text, align=RIGHT)
            paragraph.paragraph_format.space_before = Pt(self.line if text == block["text"] else 0)
            paragraph.paragraph_format.right_indent = Pt(4 * self.size)
            paragraph.paragraph_format.keep_with_next = text == block["text"]

    def page_break(self, block: dict[str, Any]) -> None:
        self.put("").add_run().add_break(WD_BREAK.PAGE)

    def gap(self, block: dict[str, Any]) -> None:
        spaced(self.document.add_paragraph(), Mm(block["height"]).pt)

    def cut(self, block: dict[str, Any]) -> None:
        ruled(self.put(f"✂ {block['text']}", align=CENTRE, size=8), "bottom", "dashed", "808080")

    def table_of(self, rows: int, widths: list[int], *, lines: bool = True) -> Table:
        """A table as wide as the text."""
        table: Table = self.document.add_table(rows, len(widths), style="Table Grid" if lines else None)
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        shares = [Emu(int(self.width * part / sum(widths))) for part in widths]
        for column, share in zip(table.columns, shares, strict=True):
            column.width = share
        for row in table.rows:  # a column looks through all boxes of the table for its own
            for cell, share in zip(row.cells, shares, strict=True):
                cell.width = share
        return table

    def write(self, cell: _Cell, text: str, *, size: float, align: Any, bold: bool = False, font: str = "") -> None:
        """The words of one box."""
        form = (size, align, bold, font)
        if form not in self.boxes:
            self.boxes[form] = box(*form)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        filled, empty = deepcopy(self.boxes[form]), cell.paragraphs[0]
        empty._p.getparent().replace(empty._p, filled)
        Run(filled.r_lst[0], empty).text = text


def box(size: float, align: Any, bold: bool, font: str) -> Any:
    """The paragraph of a box before its words: the boxes of a list, hundreds of them, are copies of one."""
    paragraph = Paragraph(OxmlElement("w:p"), None)  # type: ignore[arg-type]
    spaced(paragraph, size * 1.45)
    paragraph.alignment = align
    run = paragraph.add_run()
    run.font.size, run.bold = Pt(size), bold
    if font:
        named(run, font)
    return paragraph._p


def named(owner: Any, font: str) -> None:
    """A font for letters and Chinese characters alike: of a style or a run."""
    owner.font.name = font
    owner._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def spaced(paragraph: Paragraph, line: float) -> None:
    """A fixed height of line in points, no space between paragraphs."""
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)


def ruled(paragraph: Paragraph, side: str, kind: str, colour: str) -> None:
    """A line below or above a paragraph."""
    borders, border = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", "12"), ("space", "4"), ("color", colour)):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def page_number(paragraph: Paragraph, side: Any) -> None:
    """— 1 — in 四号, odd pages right, even pages left."""
    paragraph.alignment = side
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    run = paragraph.add_run("— ")
    field(run)
    run.add_text(" —")
    run.font.size = Pt(14)


def field(run: Run, code: str = "PAGE", *, ends: bool = True) -> None:
    """What Word works out by itself, before what the run says: the number of the page; the contents, whose end stands elsewhere."""
    parts = (("begin", ""), ("", code), ("end", "")) if ends else (("begin", ""), ("", code), ("separate", ""))
    for place, (kind, text) in enumerate(parts):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element) if ends else run._r.insert(place, element)
