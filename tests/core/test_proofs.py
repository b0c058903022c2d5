"""Files of proof: what is taken, what is left out of a photograph."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from apps.core import proofs
from apps.core.errors import Refused
from apps.core.proofs import ProofFile, keep, prepared, proof_path

PLACE = 0x8825  # the EXIF tag under which a telephone writes where it stood


def photograph(kind: str = "JPEG", *, turned: bool = False) -> bytes:
    """A picture of 40 × 20 as a telephone makes it: with the place, and perhaps lying on its side."""
    picture, told = Image.new("RGB", (40, 20), "white"), Image.Exif()
    told.get_ifd(PLACE)[2] = (26.0, 5.0, 12.0)
    told[0x0110] = "TestPhone 9"
    if turned:
        told[0x0112] = 6
    kept = io.BytesIO()
    picture.save(kept, kind, exif=told.tobytes())
    return kept.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_loses_place_and_telephone(kind: str) -> None:
    before = photograph(kind)
    assert Image.open(io.BytesIO(before)).getexif()[0x0110] == "TestPhone 9"  # the test tests something
    after = prepared(ProofFile("照片", before)).content
    with Image.open(io.BytesIO(after)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == (kind, (40, 20), {})
    assert b"TestPhone" not in after


def test_a_photograph_that_lies_on_its_side_is_put_upright() -> None:
    with Image.open(io.BytesIO(prepared(ProofFile("照片", photograph(turned=True))).content)) as picture:
        assert picture.size == (20, 40)


def test_a_photograph_that_tells_odd_things_of_itself_is_taken() -> None:
    """What a telephone wrote wrongly beside a good picture is dropped with the rest of it."""
    odd = photograph(turned=True).replace(b"\x01\x10\x00\x02", b"\x01\x18\x00\x02")  # a name where a number belongs
    assert odd != photograph(turned=True)
    with Image.open(io.BytesIO(prepared(ProofFile("照片", odd)).content)) as picture:
        assert picture.size == (20, 40)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"GIF89a", "file"), (b"\xff\xd8\xff broken", "picture"), (b"\x89PNG\r\n\x1a\nbroken", "picture"), (b"%PDF-" + b"0" * (10 << 20), "file")],
)
def test_what_is_no_proof(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as told:
        prepared(ProofFile("证明", content))
    assert told.value.code == code


def test_a_picture_of_too_many_points_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "PROOF_PIXELS", 799)
    with pytest.raises(Refused, match="像素太多"):
        prepared(ProofFile("照片.jpg", photograph()))


def test_a_file_is_kept_under_a_name_of_ours(tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    kept = keep(ProofFile("../../etc/530113201309013514 证明.pdf", b"%PDF-1.7"))
    assert proof_path(kept.stored_name).parent == tmp_path / "proofs"
    assert proof_path(kept.stored_name).read_bytes() == b"%PDF-1.7"
    assert "530113201309013514" not in kept.file_name  # a number in a file name is masked
