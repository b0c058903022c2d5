"""The guard: everything that must be known about a workbook before anything a reader made of it is used.

python-calamine aborts the process on one far cell, reads a sheet that was cut in the middle as good, and follows whatever size
the content has. So the real unpacked size, the grid, the well-formedness of the XML, macros, links to other files and passwords
are looked at here, in one streaming pass.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from apps.core.errors import RefusedFile
from apps.core.excel.container import RESAVE, Container, Wrapped, decide
from apps.core.excel.sheet_scan import SheetFacts, SheetScan
from apps.core.excel.zipped import Budget, bomb, directory, rotten, unpack

MOST_SHEETS = 400
DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
BIFF_WORKBOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
LOCKED = "文件设了打开密码，读不出来。请在 Excel 或 WPS 里取消密码（文件→信息→保护工作簿→用密码加密，清空密码）后重新上传。"
MACRO = "文件带有宏（VBA 程序）。为了安全不读取带宏的文件，请另存为不带宏的“Excel 工作簿（.xlsx）”后重新上传。"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may measure at most (bytes)."""

    file_bytes: int = 64 << 20
    text_bytes: int = 512 << 20
    html_bytes: int = 32 << 20
    unpacked_bytes: int = 320 << 20


@dataclass(slots=True)
class Facts:
    """What the guard learned; ``sheets`` is by sheet name and holds .xlsx sheets only; ``from_1904``: days are counted from 1904, as workbooks
    of old Macs do (.xlsx only)."""

    wrapped: Wrapped
    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    from_1904: bool = False


DEFAULT_LIMITS = Limits()


def guard(path: Path, limits: Limits = DEFAULT_LIMITS) -> Facts:
    """Look through the whole file and say what it is. Raises RefusedFile with a sentence for whatever may not be read."""
    facts = Facts(decide(path, longest=limits.text_bytes))
    container = facts.wrapped.container
    longest = {Container.TEXT: limits.text_bytes, Container.HTML: limits.html_bytes}.get(container, limits.file_bytes)
    if path.stat().st_size > longest:
        raise RefusedFile(f"文件超过 {longest >> 20} MB 的上限。请按学校或乡镇拆成几份，或改存为 CSV 再上传。", code="too_big")
    if container is Container.XLSX:
        with path.open("rb") as file:
            _guard_xlsx(file, facts, limits)
    elif container is Container.XLS:
        _guard_ole(path.read_bytes())
    return facts


def _guard_ole(content: bytes) -> None:
    """An OLE2 file: a real .xls, a password-protected .xlsx, or something else in the same wrapping."""
    if _utf16("EncryptedPackage") in content or _utf16("EncryptionInfo") in content:
        raise RefusedFile(LOCKED, code="password")
    if _utf16("WordDocument") in content or _utf16("PowerPoint Document") in content:
        raise RefusedFile("这是 Word 或 PPT 文件，不是表格。请把表格复制到 Excel 里另存后上传。", code="not_a_table")
    if _utf16("_VBA_PROJECT") in content:
        raise RefusedFile(MACRO, code="macro")
    if not any(name in content for name in BIFF_WORKBOOK):
        raise rotten("找不到工作簿内容")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _guard_xlsx(file: BinaryIO, facts: Facts, limits: Limits) -> None:
    entries = directory(file)
    _check_parts(entries)
    budget = Budget(limits.unpacked_bytes)
    targets = _relations(file, entries, budget)
    names, facts.from_1904 = _workbook(file, entries["xl/workbook.xml"], budget)
    by_part = {targets.get(relation, ""): (name, hidden) for name, relation, hidden in names}
    for part, info in entries.items():
        if part in by_part:
            name, hidden = by_part[part]
            scan = SheetScan(name, hidden=hidden)
            _well_formed(file, info, budget, look=scan.feed)
            facts.sheets[name] = scan.close()
        elif part.startswith("xl/") and part.endswith((".xml", ".rels")) and part != "xl/workbook.xml":
            _well_formed(file, info, budget)
        elif part.endswith((".xml", ".rels", ".vml")) and part != "xl/workbook.xml":
            _weigh(file, info, budget)
    if not facts.sheets:
        raise rotten("没有任何工作表")
    if len(facts.sheets) != len(names):
        facts.notes.append("工作簿里有图表页或空页，已跳过。")


def _check_parts(entries: dict[str, zipfile.ZipInfo]) -> None:
    lower = [name.lower() for name in entries]
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith("xl/macrosheets/") for name in lower):
        raise RefusedFile(MACRO, code="macro")
    if "xl/workbook.bin" in lower:
        raise RefusedFile("这是二进制工作簿（.xlsb）。" + RESAVE, code="xlsb")
    if any(name.startswith("word/") for name in lower) or any(name.startswith("ppt/") for name in lower):
        raise RefusedFile("这是 Word 或 PPT 文件，不是表格。请把表格复制到 Excel 里另存后上传。", code="not_a_table")
    if "content.xml" in lower and "mimetype" in lower:
        raise RefusedFile("这是 ODS 表格。" + RESAVE, code="ods")
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in lower):
        raise RefusedFile(
            "表里有指向别的文件或数据源的链接，读到的可能不是本表的数据。"
            "请在 Excel“数据→编辑链接”里断开链接（或复制后“选择性粘贴→数值”），保存后重新上传。",
            code="external_link",
        )
    if any(name not in entries for name in NEEDED):
        raise RefusedFile("这是一个压缩包，里面不是 Excel 工作簿。请解压后上传里面的表格文件。", code="not_a_table")


def _parser(part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def forbid(*_: object) -> None:
        raise RefusedFile("文件内部带有 XML 实体声明，正常的表格没有这种内容，没有打开。" + RESAVE, code="xml_entity")

    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    parser.XmlDeclHandler = _only_utf8
    return parser


def _only_utf8(_version: str, encoding: str | None, _standalone: int) -> None:
    # The grid is looked for in bytes; another encoding would hide it.
    if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise RefusedFile("文件内部用了少见的编码。" + RESAVE, code="xml_encoding")


def _feed(parser: expat.XMLParserType, piece: bytes, part: str, *, final: bool = False) -> None:
    try:
        parser.Parse(piece, final)
    except expat.ExpatError as error:
        raise rotten(f"{part.rsplit('/', 1)[-1]} 第 {error.lineno} 行不完整") from error


def _well_formed(
    file: BinaryIO, info: zipfile.ZipInfo, budget: Budget, *, parser: expat.XMLParserType | None = None, look: Callable[[bytes], None] | None = None
) -> None:
    """The XML of a part is whole and declares no entities: a sheet cut in the middle is refused. ``look`` sees the bytes first."""
    parser = parser or _parser(info.filename)
    for number, piece in enumerate(unpack(file, info, budget)):
        if number == 0:
            _check_first(piece)
        if look:
            look(piece)
        _feed(parser, piece, info.filename)
    _feed(parser, b"", info.filename, final=True)


def _check_first(piece: bytes) -> None:
    if piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:64]:
        raise RefusedFile("文件内部用了少见的编码。" + RESAVE, code="xml_encoding")
    declared = DECLARED.match(piece)
    if declared:
        _only_utf8("", declared[1].decode("ascii", "replace"), 0)


def _weigh(file: BinaryIO, info: zipfile.ZipInfo, budget: Budget) -> None:
    """Unpack a part to its end, only to know its real size and that it is whole."""
    for number, piece in enumerate(unpack(file, info, budget)):
        if number == 0:
            _check_first(piece)


def _relations(file: BinaryIO, entries: dict[str, zipfile.ZipInfo], budget: Budget) -> dict[str, str]:
    """Relation id -> part name, of the workbook."""
    info = entries.get("xl/_rels/workbook.xml.rels")
    if info is None:
        raise rotten("缺少工作表的目录")
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else re.sub(r"^\./", "", f"xl/{target}")

    parser = _parser(info.filename)
    parser.StartElementHandler = start
    _well_formed(file, info, budget, parser=parser)
    return targets


def _workbook(file: BinaryIO, info: zipfile.ZipInfo, budget: Budget) -> tuple[list[tuple[str, str, bool]], bool]:
    """(sheet name, relation id, hidden) in the workbook's order; whether its days are counted from 1904."""
    found: list[tuple[str, str, bool]] = []
    epochs: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "workbookPr":
            epochs.append(attributes.get("date1904", ""))
        if tag.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key), "")
            found.append((attributes.get("name", ""), relation, attributes.get("state", "visible") != "visible"))

    parser = _parser(info.filename)
    parser.StartElementHandler = start
    _well_formed(file, info, budget, parser=parser)
    if len(found) > MOST_SHEETS:
        raise bomb(f"有 {len(found)} 张工作表")
    return found, bool({"1", "true"}.intersection(epochs))
