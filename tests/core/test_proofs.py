"""Files of proof: what is taken, what is left out of a photograph."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
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


def picture(kind: str, width: int, height: int, mode: str = "RGB") -> bytes:
    kept = io.BytesIO()
    Image.new(mode, (width, height)).save(kept, kind)
    return kept.getvalue()


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P")])
def test_a_large_picture_is_kept_at_half_its_size(kind: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "DRAWN_PIXELS", 7_999)
    told = prepared(ProofFile("照片", picture(kind, 400, 20, mode)))
    with Image.open(io.BytesIO(told.content)) as small:
        assert (small.size, small.format) == ((200, 10), kind)


def test_a_form_takes_so_many_files_and_points(monkeypatch: pytest.MonkeyPatch) -> None:
    field = proofs.ProofField(required=False)

    def given(number: int, content: bytes) -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile(f"{n}.png", content) for n in range(number)]

    assert len(field.clean(given(10, picture("PNG", 40, 20)))) == 10
    with pytest.raises(ValidationError, match="一次最多上传 10 个文件，现在选了 11 个"):
        field.clean(given(11, b"%PDF-"))
    with pytest.raises(ValidationError, match="“0.png”的像素太多"):
        field.clean(given(1, picture("PNG", 7000, 7000, "1")))
    monkeypatch.setattr(proofs, "FIELD_PIXELS", 1599)
    assert len(field.clean(given(1, picture("PNG", 40, 20)))) == 1
    with pytest.raises(ValidationError, match="合起来太多"):
        field.clean(given(2, picture("PNG", 40, 20)))


def test_a_file_is_kept_under_a_name_of_ours(tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    kept = keep(ProofFile("../../etc/530113201309013514 证明.pdf", b"%PDF-1.7"))
    assert proof_path(kept.stored_name).parent == tmp_path / "proofs"
    assert proof_path(kept.stored_name).read_bytes() == b"%PDF-1.7"
    assert "530113201309013514" not in kept.file_name  # a number in a file name is masked


SOUND = {
    "mp3 with a tag": (b"ID3\x04 sound", "audio/mpeg", ".mp3"), "mp3": (b"\xff\xfb\x90 sound", "audio/mpeg", ".mp3"),
    "m4a": (b"\x00\x00\x00\x20ftypM4A sound", "audio/mp4", ".m4a"), "mp4 without pictures": (b"\x00\x00\x00\x20ftypmp42 sound", "audio/mp4", ".m4a"),
    "3gp": (b"\x00\x00\x00\x20ftyp3gp4 sound", "audio/mp4", ".m4a"), "amr": (b"#!AMR\n sound", "audio/amr", ".amr"),
    "wav": (b"RIFF\x10\x00\x00\x00WAVEfmt ", "audio/wav", ".wav"), "ogg": (b"OggS\x00 sound", "audio/ogg", ".ogg"),
}  # fmt: skip
FILM = b"\x00\x00\x00\x20ftypmp42" + b"\x00" * 40 + b"hdlr" + b"\x00" * 8 + b"vide" + b"\x00" * 12


@pytest.mark.parametrize("name", SOUND)
def test_a_recording_is_kept_as_it_is_where_recordings_are_asked_for(name: str, settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path
    content, kind, suffix = SOUND[name]
    kept = keep(prepared(ProofFile("录音", content), recordings=True))
    assert kept.content_type == kind and kept.stored_name.endswith(suffix)
    assert proof_path(kept.stored_name).read_bytes() == content
    with pytest.raises(Refused):
        prepared(ProofFile("录音", content))


@pytest.mark.parametrize(
    "content", [FILM, b"RIFF\x10\x00\x00\x00AVI LIST", b"\x00\x00\x00\x20ftypqt  ", b"", b"#!AMR" + b"0" * proofs.RECORDING_BYTES], ids=range(5)
)
def test_what_is_no_recording(content: bytes) -> None:
    with pytest.raises(Refused) as told:
        prepared(ProofFile("录音", content), recordings=True)
    assert told.value.code == "file"


def test_every_file_that_cannot_be_taken_is_named_at_once() -> None:
    files = [SimpleUploadedFile(name, content) for name, content in (("a.exe", b"MZ"), ("b.pdf", b"%PDF-"), ("c.gif", b"GIF8"))]
    with pytest.raises(ValidationError) as told:
        proofs.ProofField(required=False).clean(files)
    assert [sentence[:7] for sentence in told.value.messages] == ["“a.exe”", "“c.gif”"]


def test_a_form_that_takes_recordings_still_takes_pictures_of_ten_megabytes_at_most() -> None:
    field = proofs.ProofField(recordings=True, required=False)
    (told,) = field.clean([SimpleUploadedFile("录音.amr", b"#!AMR sound")])
    assert told.content == b"#!AMR sound"
    for name, content, words in (("大.pdf", b"%PDF-" + b"0" * proofs.PROOF_BYTES, "超过 10 MB"), ("x.exe", b"MZ", "也不是录音")):
        with pytest.raises(ValidationError, match=words):
            field.clean([SimpleUploadedFile(name, content)])
    with pytest.raises(ValidationError):
        proofs.ProofField(required=False).clean([SimpleUploadedFile("录音.amr", b"#!AMR sound")])
