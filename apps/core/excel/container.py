"""What a file really is, by its first bytes and never by its suffix (DATA.md §2)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from apps.core.errors import RefusedFile

HEAD = 8192
BLOCK = 1 << 20
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RESAVE = "请在 Excel 或 WPS 里打开它，另存为“Excel 工作簿（.xlsx）”后重新上传。"
# Signatures of things people pick by mistake -> what to call them.
WRONG = {
    b"%PDF": "PDF 文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"\x1f\x8b": "gzip 压缩包",
    b"{\\rtf": "RTF 文档",
    b"MZ": "程序文件",
    b"\x7fELF": "程序文件",
}


class Container(StrEnum):
    """How the table is wrapped."""

    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A decided container; ``encoding`` and ``delimiter`` are set for text, ``encoding`` for HTML too."""

    container: Container
    encoding: str = ""
    delimiter: str = ""


def decide(path: Path, *, longest: int) -> Wrapped:
    """The container of the file at ``path``; text is decoded to its end to be sure of its encoding.

    ``longest`` is the size limit in bytes. Raises RefusedFile for anything that is not a table.
    """
    size = path.stat().st_size
    if size == 0:
        raise RefusedFile("文件是空的（0 字节）。请检查是否保存完整，再重新上传。", code="empty")
    if size > longest:
        raise RefusedFile(f"文件有 {size >> 20} MB，超过 {longest >> 20} MB 的上限。请按学校或乡镇拆成几份上传，或改存为 CSV。", code="too_big")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Wrapped(Container.XLSX)
    if head.startswith(OLE2):
        return Wrapped(Container.XLS)
    for signature, called in WRONG.items():
        if head.startswith(signature):
            raise RefusedFile(f"这是{called}，不是表格。请上传 .xlsx、.xls 或 .csv 文件。", code="not_a_table")
    return _text(path, head)


def _text(path: Path, head: bytes) -> Wrapped:
    encoding = _encoding(path, head)
    start = codecs.getincrementaldecoder(encoding)("ignore").decode(head).lstrip("\ufeff \t\r\n")
    lower = start[:2000].lower()
    if lower.startswith("mime-version:"):
        raise RefusedFile("这是“单个文件网页（MHTML）”，不能直接读取。" + RESAVE, code="mhtml")
    if lower.startswith("<?xml") and ("schemas-microsoft-com:office:spreadsheet" in lower or "<workbook" in lower):
        raise RefusedFile("这是“XML 表格 2003”格式，不能直接读取。" + RESAVE, code="xml_2003")
    if lower.startswith(("<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<style", "<!--", "<?xml")):
        return Wrapped(Container.HTML, encoding)
    return Wrapped(Container.TEXT, encoding, _delimiter(start))


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif b"\0" in head:
        # UTF-16 without a mark: ASCII separators leave their zero byte on one side only.
        candidates = ["utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise RefusedFile(
        "文件的文字编码认不出来（不是 UTF-8、GB18030 或 UTF-16），或者文件中间已经损坏。" + RESAVE,
        code="encoding",
    )


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file decodes and holds no control bytes that no table has."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if "\0" in decoder.decode(block):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(start: str) -> str:
    lines = start.splitlines()[:20]
    return max("\t,;|", key=lambda mark: (sum(line.count(mark) for line in lines), mark == ","))
