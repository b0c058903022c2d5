"""The zip wrapping of an .xlsx: its directory checked, its parts unpacked by our own count.

A header may lie about the size of a part, so sizes are counted while inflating; entries may overlap or repeat to multiply a small
file, so the directory is checked first.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from apps.core.errors import RefusedFile

LOCAL = struct.Struct("<4s5H3I2H")
CHUNK = 1 << 18
MOST_ENTRIES = 2_000
RATIO_FROM = 8 << 20  # bytes unpacked before the ratio is looked at
HIGHEST_RATIO = 250
PATH_TRICK = re.compile(r"(^[/\\])|(^[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)|[\x00-\x1f]")
INNER_ARCHIVE = re.compile(r"\.(zip|rar|7z|gz|tar|xlsx|xlsm|xlsb|docx|docm|pptx|jar|exe|dll|bat|vbs|js)$", re.IGNORECASE)
ROTTEN = "文件已损坏或没有传完整（{where}）。请重新从原处下载或另存一次，再上传。"


def rotten(where: str) -> RefusedFile:
    """The refusal of a damaged file."""
    return RefusedFile(ROTTEN.format(where=where), code="rotten")


def bomb(why: str) -> RefusedFile:
    """The refusal of a file made to swell."""
    return RefusedFile(f"文件的压缩结构异常（{why}），像是“压缩炸弹”，没有打开。请用 Excel 或 WPS 重新另存后上传。", code="zip_bomb")


@dataclass
class Budget:
    """How many bytes may still be unpacked from one file."""

    left: int
    spent: int = field(default=0)

    def take(self, count: int) -> None:
        self.spent += count
        self.left -= count
        if self.left < 0:
            raise bomb(f"解开后超过 {self.spent >> 20} MB")


def directory(file: BinaryIO) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, checked: count, names, overlaps, encryption, archives inside. Raises RefusedFile."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise rotten("压缩目录读不出来") from error
    if len(infos) > MOST_ENTRIES:
        raise bomb(f"里面有 {len(infos)} 个部件")
    for info in infos:
        _check_entry(info)
    names = {info.filename.lower() for info in infos}
    if len(names) != len(infos):
        raise bomb("同一个部件出现两次")
    _check_overlaps(infos, file)
    return {info.filename: info for info in infos}


def _check_entry(info: zipfile.ZipInfo) -> None:
    if PATH_TRICK.search(info.orig_filename) or "\\" in info.orig_filename:
        raise RefusedFile("文件内部有越界的路径，来历可疑，没有打开。请用 Excel 或 WPS 重新另存后上传。", code="path_trick")
    if info.flag_bits & 0x1:
        raise RefusedFile("文件设了密码，读不出来。请在 Excel 或 WPS 里取消密码保护后重新上传。", code="password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise bomb("用了表格软件不用的压缩方法")
    if INNER_ARCHIVE.search(info.filename):
        raise RefusedFile(f"文件里面还套着别的文件（{info.filename.rsplit('/', 1)[-1][:40]}）。请删去嵌入的附件后另存再上传。", code="nested")


def _check_overlaps(infos: list[zipfile.ZipInfo], file: BinaryIO) -> None:
    end = file.seek(0, 2)
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for this, after in zip(ordered, [*ordered[1:], None], strict=True):
        limit = after.header_offset if after else end
        if this.header_offset < 0 or this.header_offset + LOCAL.size + this.compress_size > limit:
            raise bomb("部件互相重叠")


def unpack(file: BinaryIO, info: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    """The bytes of one entry in pieces; size and CRC are compared at the end. Raises RefusedFile for bombs, lies and rot."""
    remaining = _seek_data(file, info)
    packed = max(remaining, 1)
    stored = info.compress_type == zipfile.ZIP_STORED
    inflater = zlib.decompressobj(-15)
    total = crc = 0
    while remaining or inflater.unconsumed_tail:
        piece = inflater.unconsumed_tail
        if not piece:
            piece = file.read(min(CHUNK, remaining))
            if not piece:
                raise rotten("文件在中间断了")
            remaining -= len(piece)
        try:
            out = piece if stored else inflater.decompress(piece, CHUNK * 4)
        except zlib.error as error:
            raise rotten(f"{info.filename} 解不开") from error
        total += len(out)
        crc = zlib.crc32(out, crc)
        budget.take(len(out))
        if total > RATIO_FROM and total > packed * HIGHEST_RATIO:
            raise bomb("压缩比高得不正常")
        if out:
            yield out
    if total != info.file_size or crc != info.CRC or not (stored or inflater.eof):
        raise rotten(f"{info.filename} 的实际大小或校验值与目录不符")


def _seek_data(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Put the file at the entry's first data byte; the number of packed bytes."""
    file.seek(info.header_offset)
    header = file.read(LOCAL.size)
    if len(header) != LOCAL.size or header[:4] != b"PK\x03\x04":
        raise rotten("压缩目录与内容对不上")
    fields = LOCAL.unpack(header)
    name = file.read(fields[9])
    encoding = "utf-8" if fields[2] & 0x800 else "cp437"
    if name.decode(encoding, "replace") != info.orig_filename:
        raise bomb("部件的名字前后不一")
    file.seek(fields[10], 1)
    return info.compress_size
