"""The guard works beside the reader: its word holds, whatever the reader stumbles over and whichever speaks first."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from apps.core.errors import RefusedFile
from apps.core.excel import child as child_side
from apps.core.excel.child import run_child
from tests.registers.test_reading import HEADINGS, book, child

FAR = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>远</t></is></c></row>'


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"</sheetData>", FAR.encode() + b"</sheetData>", "grid"),  # the reader aborts on it
        (b"</sheetData>", b"<!--" + b" " * (40 << 20) + b"--></sheetData>", "zip_bomb"),
        (b"</sheetData>", b"", "rotten"),  # the reader takes it for a whole sheet
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "xml_entity"),
    ],
)
def test_the_guards_word_comes_before_what_the_reader_stumbles_over(tmp_path: Path, old: bytes, new: bytes, code: str):
    path = book(tmp_path / "a.xlsx", ("S", [HEADINGS, child()]))
    with ZipFile(path) as source, ZipFile(tmp_path / "b.xlsx", "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name.startswith("xl/worksheets/") else content)
    lines = bytearray()
    with pytest.raises(RefusedFile) as caught:
        run_child(["enrollment", str(tmp_path / "b.xlsx")], on_progress=lambda event: None, copy_write=lines.extend)
    assert caught.value.code == code
    assert not lines


def test_the_guards_word_is_heard_in_the_middle_of_a_line_that_a_dying_reader_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    said = 'at {{closure}}, memory allocation of {"refused": "范围太大。", "code": "grid"}\\n 99 bytes failed\\n'
    (tmp_path / "dying.py").write_text(f"import os, sys\nsys.stderr.write('{said}')\nsys.stderr.flush()\nos.abort()\n", encoding="utf-8")
    monkeypatch.setattr("apps.core.excel.child.ROOT", tmp_path)
    with pytest.raises(RefusedFile) as caught:
        run_child([], on_progress=lambda event: None, copy_write=lambda piece: None, module="dying")
    assert caught.value.code == "grid"


@pytest.mark.parametrize("guard_first", [True, False])
def test_the_guards_word_holds_whatever_the_reader_says_before_or_after(guard_first: bool):
    told = [{"refused": "表格太大。", "code": "grid", "guard": True}, {"refused": "内存不够。", "code": "memory"}]
    events = child_side._Events(lambda event: None)
    events.follow(BytesIO("\n".join(json.dumps(one) for one in (told if guard_first else told[::-1])).encode()))
    assert events.refused and events.refused.code == "grid"
