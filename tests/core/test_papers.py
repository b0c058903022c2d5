"""Papers: one description, a PDF and a Word file that say the same."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest

from apps.core.papers import Cut, Form, Gap, Heading, Paper, Signed, Table, Text, Title, fonts, pdf
from apps.core.papers_docx import docx_bytes

NAME = "吉克·拉铁㼆𠮷"
LETTER = Paper(
    title="关于学生连续未到校情况的报告", issuer="测试中学", number="测中报〔2026〕1号", addressee="测试镇人民政府",
    body=(
        Heading("一、情况"), Text(f"学生{NAME}，#let x = 1 $y$ *粗* [括号] \\ 反斜线。"), Table(("日期", "结果"), (("11月18日", "未联系上"),), (1, 2)),
        Signed("测试中学", "2026年11月23日"),
    ),
)  # fmt: skip
SLIPS = Paper(
    title="请假条",
    layout="form",
    body=(Title("请假条", "第一联", "编号"), Form((("姓名", NAME, "班级", "六（1）班"), ("事由", "发热\n就医"))), Cut(), Gap(5)),
)


def text_of(content: bytes, folder: Path, *, form: str = "-layout") -> str:
    """What a PDF says, by poppler."""
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("这台机器没有 pdftotext（poppler-utils），PDF 里的字没有核对。")
    (folder / "a.pdf").write_bytes(content)
    return subprocess.run([tool, form, str(folder / "a.pdf"), "-"], capture_output=True, check=True, text=True).stdout


def test_a_pdf_says_what_the_description_says_and_is_never_markup(tmp_path: Path) -> None:
    told = re.sub(r"\s", "", text_of(pdf(LETTER), tmp_path))
    for words in (
        "测试中学",
        "测中报〔2026〕1号",
        "测试镇人民政府：",
        f"学生{NAME}，#letx=1$y$*粗*[括号]\\反斜线。",
        "未联系上",
        "2026年11月23日",
        "—1—",
    ):
        assert words in told, words


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert pdf(LETTER) == pdf(LETTER)


def test_every_font_of_a_pdf_is_free_and_embedded(tmp_path: Path) -> None:
    tool = shutil.which("pdffonts")
    if tool is None:
        pytest.skip("这台机器没有 pdffonts（poppler-utils），嵌入的字体没有核对。")
    (tmp_path / "a.pdf").write_bytes(pdf(LETTER))
    rows = subprocess.run([tool, str(tmp_path / "a.pdf")], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert rows and all("Noto" in row and re.search(r"yes yes yes", row) for row in rows), rows


def test_a_bare_machine_has_a_chinese_font() -> None:
    assert "Noto Sans CJK SC" in fonts().families()


def paragraphs(content: bytes) -> list[str]:
    return [p.text for p in docx.Document(io.BytesIO(content)).paragraphs if p.text]


def test_the_word_file_says_the_same() -> None:
    told = paragraphs(docx_bytes(LETTER))
    assert told == [
        "测试中学", "测中报〔2026〕1号", "关于学生连续未到校情况的报告", "测试镇人民政府：", "一、情况",
        f"学生{NAME}，#let x = 1 $y$ *粗* [括号] \\ 反斜线。", "测试中学", "2026年11月23日",
    ]  # fmt: skip
    section = docx.Document(io.BytesIO(docx_bytes(LETTER))).sections[0]
    edges = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(edge.mm) for edge in edges] == [210, 297, 37, 35, 28, 26]  # GB/T 9704-2012 §5.2


def test_boxes_of_a_form_fill_the_row() -> None:
    tables = docx.Document(io.BytesIO(docx_bytes(SLIPS))).tables
    assert [cell.text for cell in tables[1].rows[0].cells] == ["姓名", NAME, "班级", "六（1）班"]
    assert [cell.text for cell in tables[1].rows[1].cells] == ["事由", "发热\n就医", "发热\n就医", "发热\n就医"]  # one box of three columns


def test_control_characters_of_a_register_break_no_paper() -> None:
    paper = Paper(title="测", body=(Text("杨\x00阿\x0b牛\ud800"),), layout="form")
    assert paragraphs(docx_bytes(paper)) == ["杨阿牛"]
    assert pdf(paper).startswith(b"%PDF-")


def test_characters_that_are_none_break_no_paper() -> None:
    assert paragraphs(docx_bytes(Paper(title="测", body=(Text("杨\ufffe阿\uffff牛"),), layout="form"))) == ["杨阿牛"]


def test_pages_are_numbered_on_alternate_sides() -> None:
    parts = zipfile.ZipFile(io.BytesIO(docx_bytes(LETTER)))
    footers = [parts.read(name).decode() for name in sorted(parts.namelist()) if "footer" in name and name.endswith(".xml")]
    assert len(footers) == 2 and all("PAGE" in footer for footer in footers)
    assert {re.search(r'w:jc w:val="(\w+)"', footer)[1] for footer in footers} == {"left", "right"}  # type: ignore[index]


def test_a_signature_stands_at_the_right(tmp_path: Path) -> None:
    told = text_of(pdf(Paper(title="报告", issuer="测试中学", body=(Text("正文。"), Signed("落款单位", "2026年11月23日")))), tmp_path, form="-bbox")
    edges = [float(edge) for edge, word in re.findall(r'xMax="([\d.]+)"[^>]*>([^<]*)<', told) if word.endswith("23日")]
    text_edge = (210 - 26) / 25.4 * 72
    assert [edge for edge in edges if abs(text_edge - 4 * 16 - edge) < 8], told  # four characters from the edge of the text


@pytest.mark.parametrize("lines", range(9, 15))
def test_no_signature_stands_alone_on_a_page(tmp_path: Path, lines: int) -> None:
    body = (
        *(Text("请贵镇依法组织劝返。"),) * lines,
        Text("请将处理情况于三日内函复我校，并告知该生的去向、监护人的态度和下一步的安排。" * 2),
        Signed("测试中学", "2026年11月23日"),
    )
    told = text_of(pdf(Paper(title="报告", issuer="测试中学", number="1号", addressee="镇政府", body=body)), tmp_path)
    last = re.sub(r"\s", "", told.rstrip("\f").rpartition("\f")[2])
    assert last.partition("测试中学2026年")[0], told
