"""Files people hand in as proof: told by their first bytes, kept outside the web root under names of ours.

A photograph is written anew: what it shows stays, the place, time and telephone it was taken with do not (个人信息保护法 §6: no more than needed).
A recording is kept as it is, where recordings are asked for at all.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base as Tag

from apps.core.errors import Refused
from apps.core.ids import hide_numbers

PROOF_BYTES = 10 << 20
PROOF_PIXELS = 50_000_000  # a telephone's 48 million; a JPEG of more than ``DRAWN_PIXELS`` is read at half its size
PNG_PIXELS = 36_000_000  # A4 at 600 dpi; four bytes each while it is read
DRAWN_PIXELS = 16_000_000  # a larger picture is kept at half its width and height
FIELD_PIXELS = 160_000_000  # ten pictures of a usual telephone, 12 million each, and some
MOST_FILES = 10
RECORDING_BYTES = 20 << 20  # half an hour of a telephone's usual 64 kbit/s
KINDS = {b"%PDF-": ("application/pdf", ".pdf"), b"\xff\xd8\xff": ("image/jpeg", ".jpg"), b"\x89PNG\r\n\x1a\n": ("image/png", ".png")}
# What a recording begins with -> its kind. MP3 with a tag or at once with a frame, the m4a and 3gp of telephones, AMR, WAV, Ogg.
RECORDINGS = (
    (re.compile(rb"ID3|\xff[\xfa\xfb\xf2\xf3]"), ("audio/mpeg", ".mp3")),
    (re.compile(rb".{4}ftyp(M4A|M4B|mp4[12]|isom|iso2|3gp)", re.DOTALL), ("audio/mp4", ".m4a")),
    (re.compile(rb"#!AMR"), ("audio/amr", ".amr")),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), ("audio/wav", ".wav")),
    (re.compile(rb"OggS"), ("audio/ogg", ".ogg")),
)
MOVING = re.compile(rb"hdlr.{8}vide", re.DOTALL)  # a track of moving pictures inside an mp4: a film, no recording
QUALITY = 88
TOO_MANY_PIXELS = "“{}”的像素太多，请在手机上缩小后再上传。"
Turn = Image.Transpose
# How a telephone says that it was held → how the picture is put upright.
UPRIGHT: dict[Any, Turn] = {
    2: Turn.FLIP_LEFT_RIGHT, 3: Turn.ROTATE_180, 4: Turn.FLIP_TOP_BOTTOM, 5: Turn.TRANSPOSE, 6: Turn.ROTATE_270, 7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file handed in as proof, already in memory (at most ``PROOF_BYTES``)."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was stored: the columns of a row about it."""

    file_name: str
    stored_name: str
    content_type: str
    size: int


def proof_kind(content: bytes) -> tuple[str, str] | None:
    """Content type and suffix by the first bytes; None for what is no PDF, JPEG or PNG."""
    return next((kind for start, kind in KINDS.items() if content.startswith(start)), None)


def recording_kind(content: bytes) -> tuple[str, str] | None:
    """Content type and suffix of a recording by its first bytes; None for what is none, a film among it."""
    found = next((kind for start, kind in RECORDINGS if start.match(content)), None)
    return None if found and found[1] == ".m4a" and MOVING.search(content) else found


def proof_path(stored_name: str) -> Path:
    """Where a proof lies: outside the web root, under a name we made."""
    return Path(settings.UPLOAD_DIR) / "proofs" / stored_name


def prepared(proof: ProofFile, *, recordings: bool = False) -> ProofFile:
    """The file as it may be stored. Refused: another kind (``recordings``: sound is taken as well), too large, or a picture that cannot be read."""
    if recordings and recording_kind(proof.content):
        if len(proof.content) > RECORDING_BYTES:
            raise Refused("录音须在 20 MB 以内，请分段或压缩后上传。", code="file")
        return proof
    kind = proof_kind(proof.content)
    if kind is None or len(proof.content) > PROOF_BYTES:
        sound = "，或 20 MB 以内的录音（mp3、m4a、amr、wav、ogg）" if recordings else ""
        raise Refused(f"佐证材料须为 10 MB 以内的 PDF、JPG 或 PNG 文件{sound}。", code="file")
    return proof if kind[1] == ".pdf" else ProofFile(proof.name, redrawn(proof))


def keep(proof: ProofFile) -> Kept:
    """Store one prepared file under a name of ours."""
    kind = proof_kind(proof.content) or recording_kind(proof.content)
    assert kind is not None  # noqa: S101 it was prepared
    content_type, suffix = kind
    stored = f"{uuid.uuid4().hex}{suffix}"
    path = proof_path(stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proof.content)
    return Kept(hide_numbers(proof.name)[-255:], stored, content_type, len(proof.content))


def redrawn(proof: ProofFile) -> bytes:
    """The picture alone, upright, without anything its file says of place, time and maker."""
    told = BytesIO()
    try:
        with Image.open(BytesIO(proof.content), formats=("JPEG", "PNG")) as picture:
            check_pixels(proof.name, picture)
            large = picture.width * picture.height > DRAWN_PIXELS
            if large:
                picture.draft("RGB", (picture.width // 2, picture.height // 2))  # a JPEG is read at half its size at once
            turn = UPRIGHT.get(picture.getexif().get(Tag.Orientation))  # not exif_transpose: it writes the rest anew and stumbles over odd tags
            mode = "RGBA" if picture.format == "PNG" and "A" in picture.getbands() else "RGB"
            drawn = picture if picture.mode == mode else picture.convert(mode)
            half = drawn.reduce(2) if large and picture.format == "PNG" else drawn
            plain = half.transpose(turn) if turn else half.copy()
            plain.info.clear()
            plain.save(told, picture.format, quality=QUALITY)
    except Image.DecompressionBombError as bomb:
        raise Refused(TOO_MANY_PIXELS.format(proof.name), code="pixels") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as broken:
        raise Refused(f"“{proof.name}”打不开，可能已损坏，请重新拍照后上传。", code="picture") from broken
    return told.getvalue()


def check_pixels(name: str, picture: Image.Image) -> None:
    """Refuse a picture of too many points."""
    if picture.width * picture.height > (PNG_PIXELS if picture.format == "PNG" else PROOF_PIXELS):
        raise Refused(TOO_MANY_PIXELS.format(name), code="pixels")


def pixels(proof: ProofFile) -> int:
    """How many points a picture says it has; 0 for what is none, and for a broken one, which ``prepared`` refuses. Refused: too many."""
    try:
        with Image.open(BytesIO(proof.content), formats=("JPEG", "PNG")) as picture:
            check_pixels(proof.name, picture)
            return picture.width * picture.height
    except Image.DecompressionBombError as bomb:
        raise Refused(TOO_MANY_PIXELS.format(proof.name), code="pixels") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return 0


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several."""

    allow_multiple_selected = True


class ProofField(forms.FileField):
    """Files of proof: PDF or picture, told by their first bytes, ten at most, 10 MB each; with ``recordings`` sound as well, 20 MB each."""

    widget = ManyFiles
    sometimes = True  # asked for by some outcomes: the label does not call it optional

    def __init__(self, *, recordings: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recordings = recordings

    def clean(self, data: Any, initial: Any = None) -> list[ProofFile]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"一次最多上传 {MOST_FILES} 个文件，现在选了 {len(files)} 个，请分次上传。")
        proofs, faults = [], []
        for file in files:
            try:
                proofs.append(self.checked(super().clean(file, initial)))
            except forms.ValidationError as fault:
                faults.append(fault)
        if faults:
            raise forms.ValidationError(faults)
        try:
            total = sum(pixels(proof) for proof in proofs)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused
        if total > FIELD_PIXELS:
            raise forms.ValidationError("这些照片的像素合起来太多，请分次上传，或在手机上缩小后再上传。")
        return proofs

    def checked(self, file: Any) -> ProofFile:
        """The file's bytes, or an error that says how to mend it."""
        if file.size > (RECORDING_BYTES if self.recordings else PROOF_BYTES):
            raise forms.ValidationError(f"“{file.name}”超过 {20 if self.recordings else 10} MB，请压缩或分开上传。")
        content = file.read()
        if self.recordings and recording_kind(content):
            return ProofFile(file.name, content)
        if proof_kind(content) is None:
            sound = "，也不是录音（mp3、m4a、amr、wav、ogg）" if self.recordings else ""
            raise forms.ValidationError(f"“{file.name}”不是 PDF、JPG 或 PNG 文件{sound}，请另存为这些格式后上传。")
        if file.size > PROOF_BYTES:
            raise forms.ValidationError(f"“{file.name}”超过 10 MB，请压缩照片或分开上传。")
        return ProofFile(file.name, content)
