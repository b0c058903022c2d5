"""Files people hand in as proof: told by their first bytes, kept outside the web root under names of ours.

A photograph is written anew: what it shows stays, the place, time and telephone it was taken with do not (个人信息保护法 §6: no more than needed).
"""

from __future__ import annotations

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
PROOF_PIXELS = 50_000_000  # a telephone's 48 million; four bytes each while it is written anew
KINDS = {b"%PDF-": ("application/pdf", ".pdf"), b"\xff\xd8\xff": ("image/jpeg", ".jpg"), b"\x89PNG\r\n\x1a\n": ("image/png", ".png")}
QUALITY = 88
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


def proof_path(stored_name: str) -> Path:
    """Where a proof lies: outside the web root, under a name we made."""
    return Path(settings.UPLOAD_DIR) / "proofs" / stored_name


def prepared(proof: ProofFile) -> ProofFile:
    """The file as it may be stored. Refused: another kind, too large, or a picture that cannot be read."""
    kind = proof_kind(proof.content)
    if kind is None or len(proof.content) > PROOF_BYTES:
        raise Refused("佐证材料须为 10 MB 以内的 PDF、JPG 或 PNG 文件。", code="file")
    return proof if kind[1] == ".pdf" else ProofFile(proof.name, redrawn(proof))


def keep(proof: ProofFile) -> Kept:
    """Store one prepared file under a name of ours."""
    content_type, suffix = KINDS[next(start for start in KINDS if proof.content.startswith(start))]
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
            if picture.width * picture.height > PROOF_PIXELS:
                raise Refused(f"“{proof.name}”的像素太多，请在手机上缩小后再上传。", code="pixels")
            turn = UPRIGHT.get(picture.getexif().get(Tag.Orientation))  # not exif_transpose: it writes the rest anew and stumbles over odd tags
            upright = picture.transpose(turn) if turn else picture
            plain = upright.convert("RGBA" if picture.format == "PNG" and "A" in upright.getbands() else "RGB")
            plain.info.clear()
            plain.save(told, picture.format, quality=QUALITY)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as broken:
        raise Refused(f"“{proof.name}”打不开，可能已损坏，请重新拍照后上传。", code="picture") from broken
    return told.getvalue()


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several."""

    allow_multiple_selected = True


class ProofField(forms.FileField):
    """Files of proof: PDF or picture, told by their first bytes, 10 MB each."""

    widget = ManyFiles
    sometimes = True  # asked for by some outcomes: the label does not call it optional

    def clean(self, data: Any, initial: Any = None) -> list[ProofFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [self.checked(super(ProofField, self).clean(file, initial)) for file in files if file]

    @staticmethod
    def checked(file: Any) -> ProofFile:
        """The file's bytes, or an error that says how to mend it."""
        if file.size > PROOF_BYTES:
            raise forms.ValidationError(f"“{file.name}”超过 10 MB，请压缩照片或分开上传。")
        content = file.read()
        if proof_kind(content) is None:
            raise forms.ValidationError(f"“{file.name}”不是 PDF、JPG 或 PNG 文件，请另存为这些格式后上传。")
        return ProofFile(file.name, content)
