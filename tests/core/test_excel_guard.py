"""Hostile and broken files are refused with a sentence before any reader sees them."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from apps.core.errors import RefusedFile
from apps.core.excel.container import OLE2, Container
from apps.core.excel.guard import Limits, guard
from apps.core.excel.read import Uncached, tables

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>%s</sheetData>%s</worksheet>'
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{MAIN}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def make(path: Path, sheet: str | bytes = SHEET % (ROW, ""), extra: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return path


def refused(path: Path, limits: Limits | None = None) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        guard(path, limits or Limits())
    assert caught.value.sentence.endswith(("。", "）"))
    return caught.value


def rows_of(path: Path) -> list[list[list[object]]]:
    facts = guard(path)
    return [list(table.rows) for table in tables(path, facts.wrapped, lambda: facts)]


def test_the_plain_file_passes(tmp_path: Path):
    assert rows_of(make(tmp_path / "a.xlsx")) == [[["姓名"]]]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        '<row r="1"><c r="IW1"><v>1</v></c></row>',
        '<row r="200000"><c r="A200000"><v>1</v></c></row>',
        "<row r=\"1\"><c\n r = 'XFD1'><v>1</v></c></row>",
        '<row r="1"><c r="X&#70;D1"><v>1</v></c></row>',
        '<row r="1"><c r="xfd1"><v>1</v></c></row>',
        '<row r="1048576"><c><v>1</v></c></row>',
        '<x:row xmlns:x="u" r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_far_cells(tmp_path: Path, row: str):
    assert refused(make(tmp_path / "a.xlsx", SHEET % (row, ""))).code == "grid"


def test_the_last_allowed_cells_pass(tmp_path: Path):
    row = '<row r="1"><c r="IV1"><v>1</v></c></row><row r="199999"><c r="A199999"><v>1</v></c></row>'
    assert guard(make(tmp_path / "a.xlsx", SHEET % (row, ""))).wrapped.container is Container.XLSX


def test_zip_bomb_by_ratio_and_by_size(tmp_path: Path):
    swollen = SHEET % (ROW, " " * (30 << 20))
    assert refused(make(tmp_path / "a.xlsx", swollen)).code == "zip_bomb"
    assert refused(make(tmp_path / "b.xlsx"), Limits(unpacked_bytes=100)).code == "zip_bomb"


def test_a_lying_size_is_seen(tmp_path: Path):
    path = make(tmp_path / "a.xlsx", SHEET % (ROW * 2000, ""))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    changed = data.replace(struct.pack("<I", size), struct.pack("<I", 100))
    assert changed != data
    path.write_bytes(changed)
    assert refused(path).code == "rotten"


def test_overlapping_entries(tmp_path: Path):
    path = make(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 0)  # the second entry starts where the first does
    path.write_bytes(data)
    assert refused(path).code in ("zip_bomb", "rotten")


def test_nested_archive_path_trick_and_duplicates(tmp_path: Path):
    assert refused(make(tmp_path / "a.xlsx", extra={"xl/embeddings/inner.zip": b"PK\x03\x04"})).code == "nested"
    assert refused(make(tmp_path / "b.xlsx", extra={"../../etc/passwd": b"x"})).code == "path_trick"
    assert refused(make(tmp_path / "c.xlsx", extra={"xl/Workbook.XML": b"<a/>"})).code == "zip_bomb"
    assert refused(make(tmp_path / "d.xlsx", extra={f"xl/media/{n}": b"" for n in range(2100)})).code == "zip_bomb"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros(tmp_path: Path, part: str):
    assert refused(make(tmp_path / "a.xlsx", extra={part: b"<a/>"})).code == "macro"


def test_external_links(tmp_path: Path):
    assert refused(make(tmp_path / "a.xlsx", extra={"xl/externalLinks/externalLink1.xml": b"<a/>"})).code == "external_link"


def test_entities_are_refused_and_never_expanded(tmp_path: Path):
    bad = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + (SHEET % (ROW, "")).split("?>", 1)[1]
    assert refused(make(tmp_path / "a.xlsx", bad)).code == "xml_entity"
    assert refused(make(tmp_path / "b.xlsx", extra={"xl/sharedStrings.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"})).code == "xml_entity"


def test_a_sheet_cut_in_the_middle(tmp_path: Path):
    whole = SHEET % (ROW * 50, "")
    assert refused(make(tmp_path / "a.xlsx", whole[: len(whole) // 2])).code == "rotten"


def test_another_encoding_cannot_hide_the_grid(tmp_path: Path):
    far = (SHEET % ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "")).replace("UTF-8", "UTF-16")
    assert refused(make(tmp_path / "a.xlsx", far.encode("utf-16"))).code == "xml_encoding"


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_truncated_files(tmp_path: Path, keep: float):
    path = make(tmp_path / "a.xlsx", SHEET % (ROW * 500, ""))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert refused(path).code == "rotten"


def test_passwords_and_word_files(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600))
    assert refused(path).code == "password"
    path.write_bytes(OLE2 + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600))
    assert refused(path).code == "not_a_table"
    path.write_bytes(OLE2 + bytes(1200))
    assert refused(path).code == "rotten"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.4", "not_a_table"),
        (b"\x89PNG\r\n", "not_a_table"),
        (b"\xff\xfe\x00\xd8a", "encoding"),
        (b"\x81\xff\xff\xff", "encoding"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, code: str):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(content)
    assert refused(path).code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_in_every_encoding(tmp_path: Path, encoding: str, mark: str):
    path = tmp_path / "a.xls"
    path.write_bytes(f'姓名{mark}住址\r\n"张{mark}三"{mark}汤丹镇\r\n'.encode(encoding))
    (rows,) = rows_of(path)
    assert [[str(cell).lstrip("\ufeff") for cell in row] for row in rows] == [["姓名", "住址"], [f"张{mark}三", "汤丹镇"]]


def test_html_in_an_xls(tmp_path: Path):
    path = tmp_path / "a.xls"
    page = "<html><style>td{}</style><table><tr><th>姓名<th>班级</tr><tr><td>张&amp;三</td><td rowspan=2>1</td></tr><tr><td>李四</td></tr></table>"
    path.write_bytes(page.encode("gb18030"))
    assert rows_of(path) == [[["姓名", "班级"], ["张&三", "1"], ["李四", "1"]]]


def test_formulas_without_a_value_merges_and_hidden_rows(tmp_path: Path):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["姓名", "班级", "号"])
    page.append(["张三", "1", "=1+1"])
    page.append(["李四", None, 3])
    page.merge_cells("B2:B3")
    page.row_dimensions[3].hidden = True
    book.create_sheet("隐").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    facts = guard(tmp_path / "a.xlsx")
    first = next(tables(tmp_path / "a.xlsx", facts.wrapped, lambda: facts))
    rows = list(first.rows)
    assert rows[2][:2] == ["李四", "1"]
    assert isinstance(rows[1][2], Uncached)
    assert facts.sheets["Sheet"].hidden_rows == 1
    assert facts.sheets["隐"].hidden


def test_a_calculated_formula_and_prefixed_elements(tmp_path: Path):
    body = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1&amp;""</f><v></v></c><c r="C1"><f>1</f></c></row>'
    assert guard(make(tmp_path / "a.xlsx", SHEET % (body, ""))).sheets["S"].uncached == {(0, 2)}
    prefixed = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1</x:f></x:c></x:row></x:sheetData></x:worksheet>'
    assert guard(make(tmp_path / "b.xlsx", prefixed)).sheets["S"].uncached == {(0, 0)}
